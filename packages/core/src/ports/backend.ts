import type { Blobs } from './blobs.js'
import type { Directory } from './directory.js'
import type { MediaServers } from './media-servers.js'
import type { Transport } from './transport.js'
import type { Vault } from './vault.js'

export interface TokenRequest {
  readonly signal: AbortSignal
}

/** Who logs in. A backend's parts share one login, renewed by the adapter; a socket outlives its token, a removed device's does not. */
export interface Login {
  readonly realm: string
  readonly account: string
  /** Empty until this device has an account id: a backend must then be asked for lists and the first `publish` alone. */
  readonly accountId: string
  /** 16 bytes in hexadecimal. */
  readonly device: string
  /** Of the leader (architecture.md, section 3). The backend keeps the highest and answers a lower one with `rolled-back`. */
  readonly epoch: number
  /**
   * How far this device has counted what it encrypted: never less than `Batch.sends` of anything it sent. The backend keeps the highest of what
   * it stored and answers a lower one with `rolled-back`.
   */
  readonly sends: number
  /** A fresh token of the site (a JWT) each time it is asked for. Rejects as the site's function did. */
  token(request: TokenRequest): Promise<string>
  /** Ed25519 by this device's signing key, over the very bytes given. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** A backend: given who logs in, asked anew before each login because epoch and account id may have changed. */
export type Backend = (login: () => Login) => {
  readonly transport: Transport
  readonly directory: Directory
  readonly vault: Vault
  readonly blobs: Blobs
  /** Without it, calls have no servers to pass through. */
  readonly servers?: MediaServers
}
