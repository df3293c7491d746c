import type { MediaServer } from './media.js'

/** Names the servers through which calls may pass. */
export interface MediaServers {
  /**
   * With credentials for one call, which say nothing of the account. None where the backend has none. Rejects with `forbidden` where the site lets
   * this account make no call, `rate-limited`, `unauthorized`, `offline`, and `backend-failed` for an answer that is not right.
   */
  list(): Promise<readonly MediaServer[]>
}
