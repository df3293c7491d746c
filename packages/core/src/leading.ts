import { SottoError } from '@sotto/protocol'
import type { Announce } from './announcements.js'
import type { ClientOptions } from './client-options.js'
import { ConnectionLoop } from './connection.js'
import { LeadWork } from './lead-work.js'
import type { Lease } from './lease.js'
import type { MediaServers, SessionCipher } from './ports/index.js'
import type { UnitStore } from './sessions/unit-of-work.js'
import type { ThisDevice } from './this-device.js'

/** What a tab has while it leads. */
export interface Leading {
  readonly work: LeadWork
  readonly loop: ConnectionLoop
  readonly servers: MediaServers | 'none'
}

export interface LeadingContext {
  readonly options: ClientOptions
  readonly store: UnitStore
  readonly cipher: SessionCipher
  readonly device: ThisDevice
  readonly token: () => Promise<string>
  readonly announce: Announce
  readonly warn: (error: SottoError) => void
}

/** Makes what leads under a lease, and reads what it needs of the store; nobody is asked yet. Rejects with `store-damaged`. */
export async function startLeading(
  lease: Lease,
  { options, store, cipher, device, token, announce, warn }: LeadingContext,
): Promise<Leading> {
  const { backend, account, realm, time, keyPolicy = 'crypto-key', readReceipts = true } = options
  const { transport, directory, servers } = backend(() => {
    const { address, sign } = device.known.value ?? notYet
    const { epoch } = lease
    return { realm, account, ...address, epoch, sends: work.sends, token, sign }
  })
  const work = new LeadWork(
    {
      realm,
      account,
      store,
      directory,
      cipher,
      time,
      policy: async () => (typeof keyPolicy === 'function' ? keyPolicy() : keyPolicy),
      tellRead: readReceipts,
      announce,
      warn,
      count: () => undefined,
      setOwn: (own) => device.known.set(own),
    },
    lease,
  )
  const loop = new ConnectionLoop({
    transport,
    time,
    work,
    setState: (state) => announce({ kind: 'state', state }),
    warn,
  })
  await work.load()
  void work.tidy()
  return { work, loop, servers: servers ?? 'none' }
}

/** Who logs in before there is a device: a token alone says who asks. */
const notYet = {
  address: { accountId: '', device: '' },
  sign: () => Promise.reject(new SottoError('not-set-up-here')),
}
