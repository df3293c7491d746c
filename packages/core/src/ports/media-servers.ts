import type { MediaServer } from './media.js'

/** Names the servers through which calls may pass. */
export interface MediaServers {
  /** With credentials for one call. None where the backend has none; rejects with `forbidden` where this account may not use them. */
  list(): Promise<readonly MediaServer[]>
}
