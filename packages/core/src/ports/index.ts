export { firstRevision } from './first-revision.js'

export type { Backend, Login, TokenRequest } from './backend.js'
export type { Connection, Delivery, Sent, Transport } from './transport.js'
export type { Directory, KeyCount, ListsSince, PreKeyUpload } from './directory.js'
export type { Vault } from './vault.js'
export type { Blobs, BlobOptions } from './blobs.js'
export type { MediaServers } from './media-servers.js'
export type {
  Media,
  MediaCheck,
  MediaCheckOptions,
  MediaLink,
  MediaOptions,
  MediaQuality,
  MediaServer,
  MediaDevicesChosen,
  MediaSession,
  MediaSources,
  MediaStreams,
  MediaTroubles,
} from './media.js'
export type { Change, Row, Store, StoreRange, StoreValue } from './store.js'
export type { Readable } from './readable.js'
export type { HeldLock, Locks } from './locks.js'
export type { Time } from './time.js'
export type { Channel, Channels } from './channels.js'
export type {
  CipherHeader,
  KeyKind,
  KeyPolicy,
  OwnIdentity,
  OwnKey,
  OwnKeys,
  OwnPreKey,
  PrivateKey,
  Session,
  SessionCipher,
  VerifiedBundle,
  VerifiedIdentity,
} from './session-cipher.js'
