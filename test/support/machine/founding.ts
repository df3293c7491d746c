import {
  makeDevice,
  putDevice,
  readDevice,
  run,
  signFirstList,
  signNextList,
  type OwnDevice,
} from '@sotto/core'
import type { PreKeyUpload, SessionCipher } from '@sotto/core/ports'
import type { Chain, Signed } from '@sotto/protocol'
import { updateLists } from '../../../packages/core/src/peers/list-update.js'
import { putRelation, readPeer } from '../../../packages/core/src/peers/peer.js'
import { makeFreshKeys, putPreKeys } from '../../../packages/core/src/sessions/prekeys.js'
import { freshCounters } from '../../../packages/core/src/store/fresh-counters.js'
import { counterRows, peerRows } from '../../../packages/core/src/store/tables.js'
import { MachineDisk, PlainStore } from './machine-disk.js'

export const realm = 'example.com'
/** Enough that none makes new ones in a run, which would take longer than the run. */
const preKeys = 40

export interface FoundedDevice {
  readonly own: OwnDevice
  readonly disk: MachineDisk
  readonly keys: PreKeyUpload
  readonly signingKey: Uint8Array
  /** The other account. */
  readonly peer: string
}

export interface FoundedAccount {
  readonly chain: Chain
  readonly lists: readonly Signed[]
}

/** Two accounts that have accepted each other and exchanged nothing yet: where every run begins, on copies of these disks. */
export interface Founded {
  readonly accounts: readonly FoundedAccount[]
  readonly devices: readonly FoundedDevice[]
}

/** `hers`: how many devices Alice has; Bob has one. */
export async function found(cipher: SessionCipher, hers: number, now: number): Promise<Founded> {
  const alice = await makeAccount(cipher, 'alice', hers, now)
  const bob = await makeAccount(cipher, 'bob', 1, now)
  const devices = [
    ...(await Promise.all(alice.stores.map((one) => furnish(cipher, one, bob.account, now)))),
    ...(await Promise.all(bob.stores.map((one) => furnish(cipher, one, alice.account, now)))),
  ]
  return { accounts: [alice.account, bob.account], devices }
}

interface Bare {
  readonly disk: MachineDisk
  readonly signingKey: Uint8Array
}

async function makeAccount(cipher: SessionCipher, account: string, count: number, now: number) {
  const made = await Promise.all(Array.from({ length: count }, () => makeDevice(cipher, 'crypto-key', now)))
  const [first, ...others] = made
  if (first === undefined) throw new Error('an account has a device')
  let chain = await signFirstList(first, realm, account, 0, now)
  const lists = [chain.head]
  for (const { device, sign } of others) {
    const address = { realm, account, accountId: chain.accountId, device: first.device.id }
    const add = [{ device, countersign: sign }]
    const next = await signNextList({ address, sign: first.sign }, chain, { add }, now)
    chain = next.chain
    lists.push(next.signed)
  }
  const stores = await Promise.all(
    made.map(async (one): Promise<Bare> => {
      const disk = new MachineDisk()
      await run(new PlainStore(disk), async (rows) => {
        putDevice(rows, one, chain, true)
        counterRows.put(rows, 'counters', { ...freshCounters, run: 1 })
      })
      return { disk, signingKey: one.device.signingKey.bytes }
    }),
  )
  return { account: { chain, lists }, stores }
}

async function furnish(
  cipher: SessionCipher,
  { disk, signingKey }: Bare,
  { chain, lists }: FoundedAccount,
  now: number,
): Promise<FoundedDevice> {
  const store = new PlainStore(disk)
  const own = await run(store, readDevice)
  if (own === undefined) throw new Error('it was put there')
  const fresh = await makeFreshKeys(cipher, own, 1, preKeys)
  const peer = chain.account
  const keys = await run(store, async (rows) => {
    const { row } = await readPeer(rows, peer)
    peerRows.put(rows, peer, updateLists(row, realm, lists, now).row)
    await putRelation(rows, peer, 'accepted', now)
    return putPreKeys(rows, own, fresh, now)
  })
  return { own, disk, keys, signingKey, peer }
}
