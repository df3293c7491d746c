import {
  Writable,
  type Call,
  type CallOptions,
  type CallOutcome,
  type CallHistoryState,
  type CallRecord,
  type Client,
  type ClientState,
  type Conversation,
  type ConversationSummary,
  type Profile,
  type Readable,
  type Relation,
  type SafetyNumber,
  type ThreadItem,
  type Trust,
} from '@sotto/core'
import { requireAccountName, SottoError } from '@sotto/protocol'
import { FakeCallDevices } from './fake-call-devices.js'
import { FakeCall } from './fake-call.js'

const pageSize = 50

/** Conversations whose messages somebody listens to. */
const heard = new Set<FakeConversation>()
export const listening = (): number => heard.size

/** A conversation that does what its owner, a test, sets. What was called stands in `calls`, in order. */
export class FakeConversation implements Conversation {
  readonly account: string
  readonly calls: string[] = []
  readonly messages: Writable<readonly ThreadItem[]>
  readonly earlier = new Writable<'unknown' | 'more' | 'none'>('none')
  readonly trust = new Writable<Trust>({ name: 'unverified' })
  readonly relation = new Writable<Relation>('accepted')
  readonly directCalls = new Writable(false)
  readonly unread = new Writable<{ count: number; first: string | undefined }>({ count: 0, first: undefined })
  /** What lies before the loaded window, oldest first. */
  before: ThreadItem[] = []
  digits = '482139057633104728590641755920188364027591663275086439180142'
  /** What the next call of that name rejects with. */
  readonly failures = new Map<string, SottoError>()
  /** What every call of these names rejects with. */
  readonly failing = new Set<string>()
  /** What `loadEarlier` waits for. */
  gate: Promise<void> = Promise.resolve()
  listeners = 0

  constructor(account: string) {
    this.account = account
    this.messages = new Writable<readonly ThreadItem[]>([], () => {
      this.listeners++
      heard.add(this)
      return () => {
        this.listeners--
        heard.delete(this)
      }
    })
  }

  async lookUp(): Promise<void> {
    this.#called('lookUp')
  }

  async loadEarlier(): Promise<void> {
    this.#called('loadEarlier')
    await this.gate
    const page = this.before.splice(-pageSize)
    this.messages.set([...page, ...this.messages.value])
    if (this.before.length === 0) this.earlier.set('none')
  }

  async send(content: string | { text: string }): Promise<{ id: string }> {
    const text = typeof content === 'string' ? content : content.text
    this.#called(`send ${text}`, 'send')
    const item = this.append({ text, mine: true })
    return { id: item.id }
  }

  async retry(id: string): Promise<void> {
    this.#called(`retry ${id}`, 'retry')
  }

  async remove(id: string): Promise<void> {
    this.#called(`remove ${id}`, 'remove')
    this.messages.set(this.messages.value.filter((item) => item.kind === 'gap' || item.id !== id))
  }

  async markRead(key: string): Promise<void> {
    this.#called(`markRead ${key}`, 'markRead')
    this.unread.set({ count: 0, first: undefined })
  }

  async setDirectCalls(allowed: boolean): Promise<void> {
    this.#called(`setDirectCalls ${allowed}`, 'setDirectCalls')
    this.directCalls.set(allowed)
  }

  async accept(): Promise<void> {
    this.#called('accept')
    this.relation.set('accepted')
  }

  async block(): Promise<void> {
    this.#called('block')
    this.relation.set('blocked')
  }

  async unblock(): Promise<void> {
    this.#called('unblock')
    this.relation.set('accepted')
  }

  async delete(): Promise<void> {
    this.#called('delete')
    this.messages.set([])
  }

  async safetyNumber(): Promise<SafetyNumber> {
    this.#called('safetyNumber')
    return { digits: this.digits }
  }

  async markVerified({ digits }: SafetyNumber): Promise<void> {
    this.#called('markVerified')
    if (digits !== this.digits) throw new SottoError('number-changed')
    this.trust.set({ name: 'verified', verifiedAt: Date.now() })
  }

  async acceptChange(_accountId: string): Promise<void> {
    this.#called('acceptChange')
    this.trust.set({ name: 'unverified' })
  }

  /** Adds a text at the end, as if it was sent or came. */
  append(item: Partial<TextItem> & { text: string }): TextItem {
    const added = textItem(this.messages.value.length + this.before.length, { at: Date.now(), ...item })
    this.messages.set([...this.messages.value, added])
    return added
  }

  #called(call: string, name = call): void {
    this.calls.push(call)
    const failure =
      this.failures.get(name) ?? (this.failing.has(name) ? new SottoError('offline') : undefined)
    this.failures.delete(name)
    if (failure !== undefined) throw failure
  }
}

export type TextItem = ThreadItem & { kind: 'text' }

/** The text with the number `n`: keys sort as the numbers do. */
export function textItem(n: number, item: Partial<TextItem> & { text: string; at: number }): TextItem {
  const mine = item.mine ?? false
  const key = item.key ?? keyOf(n)
  return {
    kind: 'text',
    key,
    id: key,
    ranges: [],
    mine,
    ...(mine ? { state: { name: 'sent' } } : {}),
    ...item,
  }
}

export const keyOf = (n: number): string => String(n).padStart(8, '0')

/** A client that does what a test sets. */
export class FakeClient extends EventTarget implements Client {
  readonly account: string
  readonly realm = 'example.com'
  readonly state = new Writable<ClientState>({ name: 'online' })
  readonly conversations = new Writable<readonly ConversationSummary[]>([])
  readonly unread = new Writable(0)
  readonly features = new Writable<ReadonlySet<string> | undefined>(undefined)
  readonly call = new Writable<Call | undefined>(undefined)
  readonly callDevices = new FakeCallDevices()
  readonly callHistory = new Writable<CallHistoryState>({ name: 'loading' })
  /** How often the history was asked for again, and what that waits for. */
  historyReads = 0
  historyGate: Promise<void> = Promise.resolve()
  readonly profiles = new Map<string, Writable<Profile>>()
  reconnects = 0
  closed = false
  readonly #conversations = new Map<string, FakeConversation>()

  constructor(account = 'alice') {
    super()
    this.account = account
  }

  conversation(account: string): FakeConversation {
    requireAccountName(account)
    if (account === this.account) throw new SottoError('wrong-argument', { name: 'account' })
    let found = this.#conversations.get(account)
    if (found === undefined) this.#conversations.set(account, (found = new FakeConversation(account)))
    return found
  }

  /** What was placed, in order, and what the next one rejects with. */
  readonly placed: string[] = []
  readonly placing: SottoError[] = []

  async placeCall(account: string, options: CallOptions = {}): Promise<Call> {
    this.placed.push(`${account} ${JSON.stringify(options)}`)
    const failure = this.placing.shift()
    if (failure !== undefined) throw failure
    const call = new FakeCall({
      account,
      mine: true,
      video: options.video ?? false,
      id: `p${this.placed.length}`,
    })
    this.call.set(call)
    return call
  }

  /** Somebody calls, or a call is there already. */
  ring(call: FakeCall = new FakeCall()): FakeCall {
    this.call.set(call)
    return call
  }

  /** A call ends, as the core ends it: its state says so, then it is gone. */
  endCall(call: FakeCall, outcome: CallOutcome | undefined): void {
    call.end(outcome)
    this.call.set(undefined)
  }

  profile(account: string): Readable<Profile> {
    let found = this.profiles.get(account)
    if (found === undefined) this.profiles.set(account, (found = new Writable<Profile>({ name: account })))
    return found
  }

  /** Sets how an account is shown. */
  show(account: string, profile: Profile): void {
    ;(this.profile(account) as Writable<Profile>).set(profile)
  }

  /** Sets the calls of the history. */
  showCalls(...records: readonly CallRecord[]): void {
    this.callHistory.set({ name: 'read', records })
  }

  async readCallHistory(): Promise<void> {
    this.historyReads++
    this.callHistory.set({ name: 'loading' })
    await this.historyGate
  }

  reconnect(): void {
    this.reconnects++
  }

  async close(): Promise<void> {
    this.closed = true
    this.state.set({ name: 'closed' })
  }
}
