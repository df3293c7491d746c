import type { ErrorCode } from '@sotto/protocol'
import type { MediaServer } from './ports/index.js'
import type { CallChange } from './calls/call-commits.js'
import type { CallOutcome } from './calls/call-row.js'
import type { CallEffect } from './calls/call-state.js'
import type { ClientState } from './client-api.js'
import type { MessageRow } from './store/tables.js'

/** Where a message is stored. */
export interface StoredAt {
  readonly account: string
  readonly key: string
  /** As it was committed, in the tab that did. Other tabs read it: what leaves a tab are names. */
  readonly row?: MessageRow
}

/**
 * What the tabs of one client tell each other, after it was committed. Everybody reads the store again; nothing but names is said, and to the
 * tab that has a call, what its media have to take.
 */
export type Announcement =
  | { readonly kind: 'thread'; readonly account: string }
  /** Messages that were stored together, in the order in which they came. */
  | { readonly kind: 'messages'; readonly messages: readonly StoredAt[] }
  | { readonly kind: 'peer'; readonly account: string }
  | { readonly kind: 'outbox' }
  | { readonly kind: 'receipts'; readonly account: string }
  | {
      readonly kind: 'call'
      readonly account: string
      readonly call: string
      /** Whose effects they are. */
      readonly tab?: string
      /** Of a call that is over. */
      readonly outcome?: CallOutcome
      readonly effects: readonly CallEffect[]
    }
  /** A tab that does not lead asks for the servers of a call, and is answered. */
  | { readonly kind: 'servers-wanted'; readonly tab: string }
  | {
      readonly kind: 'servers'
      readonly tab: string
      readonly servers?: readonly MediaServer[]
      readonly code?: ErrorCode
      /** Of `rate-limited`. */
      readonly retryAfterMs?: number
    }
  /** Other devices were chosen for calls. */
  | { readonly kind: 'call-devices' }
  /** The person asks for another try. */
  | { readonly kind: 'retry' }
  /** Something has changed by which another try is worth it: not one that the backend has ruled out. */
  | { readonly kind: 'awake' }
  | { readonly kind: 'state'; readonly state: ClientState }
  /** What the site lets this account do: nothing said is everything. */
  | { readonly kind: 'features'; readonly features?: readonly string[] }
  | { readonly kind: 'hello' }

export type Announce = (what: Announcement) => void

/** What other tabs are told of it. */
export function toOthers(what: Announcement): Announcement {
  if (what.kind !== 'messages') return what
  return { ...what, messages: what.messages.map(({ account, key }) => ({ account, key })) }
}

/** What is told of what the site lets this account do. */
export function featuresAnnouncement(features: ReadonlySet<string> | undefined): Announcement {
  return { kind: 'features', ...(features === undefined ? {} : { features: [...features] }) }
}

/** What is told of a call that changed. */
export function callAnnouncement(account: string, { row, effects }: CallChange): Announcement {
  const { id, tab, outcome } = row
  const told = { ...(tab === undefined ? {} : { tab }), ...(outcome === undefined ? {} : { outcome }) }
  return { kind: 'call', account, call: id, ...told, effects }
}
