import type { Profiles } from './client-api.js'
import type { Backend, Channels, KeyPolicy, Locks, Media, SessionCipher, Store, Time } from './ports/index.js'
import type { Readable } from './readable.js'

/** What a client is made of. */
export interface ClientOptions {
  readonly account: string
  readonly realm: string
  readonly backend: Backend
  /** A fresh token of the site: a JWT whose `sub` is the account. */
  readonly token: () => Promise<string>
  /** Or how it is loaded: what is stored can be shown before it is there. */
  readonly cipher: SessionCipher | (() => Promise<SessionCipher>)
  /** Opened for this account and nobody else. Closed with the client. */
  readonly store: Store
  readonly locks: Locks
  readonly channels: Channels
  readonly time: Time
  /** Of locks, channels and the store's keys: another for each realm, backend and account. */
  readonly name: string
  /** Whether the store keeps `CryptoKey`s, or how that is found out (`probeKeyStorage`): asked where a device is made, and not before. */
  readonly keyPolicy?: KeyPolicy | (() => Promise<KeyPolicy>)
  readonly profiles?: Profiles
  /** Called once, when the person has written or accepted something here: from then on there is something to lose (`persistStorage`). */
  readonly onWorthKeeping?: () => void
  /** Whether others learn what was read. On by default. */
  readonly readReceipts?: boolean
  /** How this client joins calls. Without it, it can neither place nor answer one. */
  readonly media?: Media
  /** Whether the person can see this tab. Without it, always. */
  readonly visible?: Readable<boolean>
  /** Calls what it is given when trying again is worth it, because the network is back or the person is (`pageWakes`). Returns what stops it. */
  readonly wakes?: (wake: () => void) => () => void
}
