import type { ErrorCode, SottoError, TextRange } from '@sotto/protocol'
import type { Call, CallOptions } from './calls/call-api.js'
import type { CallDevices } from './calls/device-api.js'
import type { CallHistoryState } from './calls/call-history.js'
import type { ThreadItem } from './conversations/message.js'
import type { Trust } from './peers/trust-state.js'
import type { Readable } from './readable.js'

/** What a site says of an account: how it is shown, never who it is. `picture` is a URL of the site's own, or `blob:`, or `data:`. */
export interface Profile {
  readonly name: string
  readonly picture?: string
}

/** Looks up profiles. `undefined` for an account without one: then the account name is shown. */
export type Profiles = (account: string) => Promise<Profile | undefined>

/** How a client stands. */
export type ClientState =
  | { readonly name: 'starting' }
  | { readonly name: 'online' }
  /** Not connected, for whatever reason; it tries again by itself, at `retryAt` (milliseconds since 1970) at the latest. */
  | { readonly name: 'offline'; readonly code: ErrorCode; readonly retryAt?: number }
  /** This browser has no keys and the account has a device already: link, recover or reset. Nothing was started. */
  | { readonly name: 'elsewhere' }
  /** This device was taken off the account's list. What it has stays readable. */
  | { readonly name: 'removed' }
  /** Tries no more: the code says why. */
  | { readonly name: 'stopped'; readonly code: ErrorCode }
  | { readonly name: 'closed' }

/** How we stand to an account. A `request` is a stranger's first message, which waits for an answer, `accept`, `block` or `delete`. */
export type Relation = 'none' | 'request' | 'accepted' | 'blocked'

/** A conversation as the inbox shows it. */
export interface ConversationSummary {
  readonly account: string
  readonly relation: Relation
  readonly trust: Trust
  /** The newest item of the thread that is no gap. */
  readonly last: ThreadItem | undefined
  readonly unread: number
  /** Sorts the inbox: milliseconds since 1970 of the last item or of the beginning. */
  readonly at: number
}

export interface SafetyNumber {
  /** 60 decimal digits, to be shown in twelve groups of five. */
  readonly digits: string
}

export interface TextDraft {
  readonly text: string
  readonly ranges?: readonly TextRange[]
}

export interface Waiting {
  readonly signal?: AbortSignal
}

/** What happened. `sotto-error` carries what a developer should know; nothing of it needs to be shown. */
export interface ClientEventMap {
  message: MessageEvent
  warning: WarningEvent
  call: CallRingEvent
}

/** A message of somebody else was stored and is shown. */
export class MessageEvent extends Event {
  readonly account: string
  readonly item: ThreadItem
  constructor(account: string, item: ThreadItem) {
    super('message')
    this.account = account
    this.item = item
  }
}

/** Somebody calls. `call` is also the client's `call` until it is over. */
export class CallRingEvent extends Event {
  readonly call: Call
  constructor(call: Call) {
    super('call')
    this.call = call
  }
}

/** Something a developer or the person should know, with its code (docs/errors.md). */
export class WarningEvent extends Event {
  readonly error: SottoError
  constructor(error: SottoError) {
    super('warning')
    this.error = error
  }
}

/** One account on this device: the headless Sotto. Made by `connect()`. */
export interface Client extends EventTarget {
  readonly account: string
  readonly realm: string
  readonly state: Readable<ClientState>
  /** The inbox: newest first, without what is empty. At most 500; who is not accepted pushes out nobody who is. */
  readonly conversations: Readable<readonly ConversationSummary[]>
  /** Messages not read in all conversations that are accepted. */
  readonly unread: Readable<number>
  /** What the site lets this account do, as `call.voice` and `call.video`; `undefined` is everything, and what is so before the site was asked. */
  readonly features: Readable<ReadonlySet<string> | undefined>
  /** The conversation with `account`; the same object each time. Throws `wrong-argument` for what is no account name or our own. */
  conversation(account: string): Conversation
  /** The call that rings or lasts, on this device: at most one. Its `state` says what it came to when it is gone from here. */
  readonly call: Readable<Call | undefined>
  /**
   * Calls an account that is accepted. Resolves when it is to ring there. Rejects with `call-refused` (in another call, or no contact), `call-direct`,
   * `forbidden` (the site does not let this account make such a call), `blocked`, `rate-limited`, `offline`.
   */
  placeCall(account: string, options?: CallOptions): Promise<Call>
  /** Microphone, camera and speaker: which ones calls use, and how to try them before a call. */
  readonly callDevices: CallDevices
  /** The last 100 calls with everybody. Alive while somebody listens. */
  readonly callHistory: Readable<CallHistoryState>
  /** Tries again to read the history where that `failed`. Resolves when `callHistory` says what came of it. */
  readCallHistory(): Promise<void>
  /** How an account is shown. Starts as its name. */
  profile(account: string): Readable<Profile>
  /** Tries to connect now. */
  reconnect(): void
  /** Lets go of everything in this tab. What is stored stays. */
  close(): Promise<void>
  addEventListener<K extends keyof ClientEventMap>(
    type: K,
    listener: (event: ClientEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void
}

/** Messages with one other account. Its readables are alive while somebody listens. */
export interface Conversation {
  readonly account: string
  /** The loaded window, oldest first: the newest 50 at first. */
  readonly messages: Readable<readonly ThreadItem[]>
  /** Whether older ones are there to load. */
  readonly earlier: Readable<'unknown' | 'more' | 'none'>
  readonly trust: Readable<Trust>
  readonly relation: Readable<Relation>
  /** How many are unread, and the key of the first. */
  readonly unread: Readable<{ readonly count: number; readonly first: string | undefined }>
  /**
   * Looks the account up: whether it exists, its devices. Rejects with `unknown-account`, `offline`. For "start a conversation by name";
   * sending does it by itself.
   */
  lookUp(options?: Waiting): Promise<void>
  loadEarlier(options?: Waiting): Promise<void>
  /**
   * Stores a message to be sent. Resolves when it is stored; the thread shows it then, and it is sent when it can be. Rejects with
   * `too-large`, `wrong-argument`, `blocked`, `store-full`, `store-failed`: then nothing is stored.
   */
  send(content: string | TextDraft): Promise<{ readonly id: string }>
  /** Tries a failed or waiting message again. */
  retry(id: string): Promise<void>
  /** Deletes a message here, and keeps an unsent one from being sent. */
  remove(id: string): Promise<void>
  /** Says that everything up to and with the item of that key was seen. */
  markRead(key: string): Promise<void>
  /** Whether calls with the account may go directly, although the backend names a server that they could pass through. */
  readonly directCalls: Readable<boolean>
  /**
   * Lets calls with the account go directly from now on, with less delay, so that it learns this device's network address; or not any more. It
   * is this side's word about its own address. Ends with the contact, and with a new account id. Rejects with `call-refused` where it is no contact.
   */
  setDirectCalls(allowed: boolean): Promise<void>
  accept(): Promise<void>
  block(): Promise<void>
  unblock(): Promise<void>
  /** Deletes the conversation on this device. */
  delete(): Promise<void>
  /** The number both people see. Rejects with `unknown-account` where nothing is pinned yet. */
  safetyNumber(): Promise<SafetyNumber>
  /**
   * The person compared that number and it matched. Rejects with `number-changed` where it is not the number any more: somebody else's keys came
   * meanwhile, and nothing is marked. Show it anew.
   */
  markVerified(compared: SafetyNumber): Promise<void>
  /** The person goes on with that account id after `changed`. Rejects with `number-changed` where another one waits by now. */
  acceptChange(accountId: string): Promise<void>
}
