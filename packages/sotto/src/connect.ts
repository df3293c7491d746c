import { openClient, type Client, type Profiles } from '@sotto/core'
import {
  broadcastChannels,
  pageVisibility,
  pageWakes,
  persistStorage,
  probeKeyStorage,
  systemTime,
  webLocks,
} from '@sotto/core/browser'
import { indexedDbStore } from '@sotto/core/indexeddb'
import { memoryChannels, memoryLocks } from '@sotto/core/memory'
import type { Backend, Channels, Locks, Media, Store } from '@sotto/core/ports'
import { relayBackend } from '@sotto/core/relay'
import { SottoError, check, isRealm, requireAccountName } from '@sotto/protocol'
import { lazyMedia } from './lazy-media.js'
import { storageName } from './names.js'

export interface ConnectOptions {
  /** The site's name for its user. */
  readonly account: string
  /** The site's host name, lower case, without a port. The page's unless given; in Node it has to be. */
  readonly realm?: string
  /** The relay's address, as `https://relay.example.com`, or another backend (docs/adapters.md). */
  readonly relay: string | Backend
  /** A fresh token of the site: a JWT whose `sub` is the account. Asked for at each login. */
  readonly token: () => Promise<string>
  readonly profiles?: Profiles
  /** Whether others learn what was read. On by default. */
  readonly readReceipts?: boolean
  /** How this client joins calls: from browser to browser unless given. `false`: not at all. */
  readonly calls?: Media | false
  /** Where this device keeps what it knows. IndexedDB unless given; in Node it has to be. */
  readonly store?: Store | ((name: string) => Promise<Store>)
  readonly locks?: Locks
  readonly channels?: Channels
  /** Closes the client when it is aborted. */
  readonly signal?: AbortSignal
}

/**
 * Opens an account on this device, with the default adapters. Resolves as soon as what is stored can be shown; connecting goes on by itself
 * (`client.state`). Rejects with `wrong-argument`, `no-realm`, `no-store`, `no-crypto`, `store-damaged`, `store-failed`, `aborted`.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const { account, relay, token, signal } = options
  requireAccountName(account)
  check(typeof token === 'function', 'wrong-argument', { name: 'token' })
  const realm = options.realm ?? globalThis.location?.hostname
  check(isRealm(realm), 'no-realm')
  check(globalThis.crypto?.subtle !== undefined, 'no-crypto')
  const backend = typeof relay === 'string' ? relayBackend({ url: relay }) : relay
  const name = storageName(realm, typeof relay === 'string' ? new URL(relay).origin : 'backend', account)
  const media = options.calls === false ? undefined : (options.calls ?? lazyMedia())
  const store = await openStore(options, name)
  try {
    check(signal?.aborted !== true, 'aborted')
    const client = await openClient({
      account,
      realm,
      backend,
      token,
      cipher: async () => (await import('@sotto/signal')).createSignalCipher(),
      store,
      locks: options.locks ?? (globalThis.navigator?.locks === undefined ? memoryLocks() : webLocks()),
      channels: options.channels ?? (options.store === undefined ? broadcastChannels() : memoryChannels()),
      time: systemTime(),
      name,
      keyPolicy: () => probeKeyStorage(store),
      visible: pageVisibility(),
      wakes: pageWakes,
      ...(options.store === undefined ? { onWorthKeeping: () => void persistStorage() } : {}),
      ...(media === undefined ? {} : { media }),
      ...(options.profiles === undefined ? {} : { profiles: options.profiles }),
      ...(options.readReceipts === undefined ? {} : { readReceipts: options.readReceipts }),
    })
    signal?.addEventListener('abort', () => void client.close(), { once: true })
    return client
  } catch (error) {
    store.close()
    throw error
  }
}

async function openStore({ store }: ConnectOptions, name: string): Promise<Store> {
  if (typeof store === 'function') return store(name)
  if (store !== undefined) return store
  if (globalThis.indexedDB === undefined) throw new SottoError('no-store')
  return indexedDbStore(name)
}
