import { SottoError, type ErrorCode } from '@sotto/protocol'

/** Why an envelope is kept unread: numbers as they stand in the store. */
export const keptReasons = Object.freeze({
  changed: 1,
  noList: 2,
  removedDevice: 3,
  newer: 4,
  crowded: 5,
} as const)

/** How a delivery ends (docs/architecture.md, The way of a message). `good` and `again` also commit what they staged. */
export type Verdict =
  | { readonly name: 'duplicate' }
  | { readonly name: 'dropped'; readonly code: ErrorCode }
  | { readonly name: 'kept'; readonly reason: (typeof keptReasons)[keyof typeof keptReasons] }
  | { readonly name: 'unreadable'; readonly code: ErrorCode }
  | { readonly name: 'good' }

const unreadable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'undecryptable',
  'too-far-ahead',
  'session-refused',
  'unknown-prekey',
  'identity-mismatch',
])

/** The verdict that an error means. Errors that say nothing about the envelope (a failing store, a lost lead) are thrown on. */
export function verdictOf(error: unknown): Verdict {
  if (!SottoError.is(error)) throw error
  if (error.code === 'unsupported-version') return { name: 'kept', reason: keptReasons.newer }
  if (unreadable.has(error.code)) return { name: 'unreadable', code: error.code }
  if (aboutUs.has(error.code)) throw error
  return { name: 'dropped', code: error.code }
}

const aboutUs: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'conflict',
  'store-failed',
  'store-full',
  'store-damaged',
  'lost-lead',
  'closed',
  'aborted',
  'no-crypto',
])
