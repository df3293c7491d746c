import type { ErrorCode, TextRange } from '@sotto/protocol'
import type { CallOutcome } from '../calls/call-row.js'

/** How far a message of ours has come. `sending` becomes `sent` when the backend has it, then what receipts say. */
export type MessageState =
  | { readonly name: 'sending' }
  /** For the network, or until the other account has a device that can be written to. */
  | { readonly name: 'waiting'; readonly for: 'network' | 'device' | 'decision' }
  | { readonly name: 'sent' }
  | { readonly name: 'delivered' }
  | { readonly name: 'read' }
  | { readonly name: 'failed'; readonly code: ErrorCode }

interface Item {
  /** Its place: sorts as a string, newest last, and never changes. */
  readonly key: string
  /** Milliseconds since 1970, as shown. */
  readonly at: number
}

export interface TextMessage extends Item {
  readonly kind: 'text'
  /** 128 random bits, in hexadecimal. */
  readonly id: string
  readonly text: string
  readonly ranges: readonly TextRange[]
  /** Ours has a state; theirs does not. */
  readonly mine: boolean
  readonly state?: MessageState
}

/** A message of a type that is newer than us: it is kept, and shows after an update. */
export interface UnknownMessage extends Item {
  readonly kind: 'unknown'
  readonly id: string
  readonly mine: boolean
}

/** A call, as its line in the thread says it. */
export interface CallItem extends Item {
  readonly kind: 'call'
  /** The call's id. */
  readonly id: string
  /** Whether we called. */
  readonly mine: boolean
  readonly video: boolean
  /** Absent while it rings or lasts. */
  readonly outcome: CallOutcome | undefined
  /** How long both were in it. */
  readonly durationMs: number
}

/** Numbers that have not come. `gone` ones never will. */
export interface Gap extends Item {
  readonly kind: 'gap'
  /** They are of another device of this account. */
  readonly mine: boolean
  readonly count: number
  readonly gone: boolean
}

/** What a thread shows, oldest first. */
export type ThreadItem = TextMessage | UnknownMessage | CallItem | Gap
