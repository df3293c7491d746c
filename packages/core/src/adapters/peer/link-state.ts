import type { MediaLink } from '@sotto/core/ports'

/** What a link is made of. */
export interface LinkFacts {
  readonly connection: RTCPeerConnectionState
  /** Whether the certificate of the other end was looked at, and is the one it committed to. */
  readonly vouched: boolean
  /** Whether signs of life stay away. */
  readonly silent: boolean
}

/** How a link stands after a change. What is `failed` or `left` stays so. */
export function nextLink(before: MediaLink, { connection, vouched, silent }: LinkFacts): MediaLink {
  if (before === 'failed' || before === 'left') return before
  if (connection === 'connected' && vouched && !silent) return 'connected'
  if (before === 'connecting') return connection === 'failed' ? 'failed' : 'connecting'
  return connection === 'connecting' && before === 'connected' ? 'connected' : 'lost'
}
