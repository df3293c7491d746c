import type { ClientState } from './client-api.js'

/** What the tabs of one client tell each other, after it was committed. Everybody reads the store again; nothing but names is said. */
export type Announcement =
  | { readonly kind: 'thread'; readonly account: string }
  | { readonly kind: 'message'; readonly account: string; readonly key: string }
  | { readonly kind: 'peer'; readonly account: string }
  | { readonly kind: 'outbox' }
  | { readonly kind: 'receipts'; readonly account: string }
  | { readonly kind: 'retry' }
  | { readonly kind: 'state'; readonly state: ClientState }
  | { readonly kind: 'hello' }

export type Announce = (what: Announcement) => void
