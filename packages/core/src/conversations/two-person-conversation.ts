import { SottoError, check } from '@sotto/protocol'
import type { Conversation, Relation, SafetyNumber, TextDraft, Waiting } from '../client-api.js'
import type { Announce } from '../announcements.js'
import type { OwnDevice } from '../account/own-device.js'
import { decide } from './decisions.js'
import { putMessage, textOf } from './drafts.js'
import { markReadUpTo, removeMessage, retryMessage, deleteConversation } from './edits.js'
import type { ProgressReader } from './progress-reader.js'
import { ThreadWindow } from './window.js'
import {
  acceptCandidate,
  isDirect,
  putDirect,
  putVerified,
  readPeer,
  relationOf,
  trustOf,
} from '../peers/peer.js'
import { safetyNumber } from '../peers/safety-number.js'
import type { Trust } from '../peers/trust-state.js'
import { Writable } from '../readable.js'
import { Turns } from '../turns.js'
import type { Time } from '../ports/index.js'
import type { RowReader, Run } from '../store/rows.js'
import { conversationRows, keptRows, messageRows } from '../store/tables.js'

export interface ConversationContext {
  readonly run: Run
  readonly time: Time
  readonly announce: Announce
  readonly own: () => Promise<OwnDevice>
  readonly knownOwn: () => OwnDevice | undefined
  readonly progress: ProgressReader
  /** Asks for the account's lists, now. */
  readonly lookUp: (account: string, waiting?: Waiting) => Promise<void>
  /** The person has written or accepted something. */
  readonly worthKeeping?: () => void
}

/** A conversation with one other account, in any tab: it reads the store and writes to the outbox. */
export class TwoPersonConversation implements Conversation {
  readonly account: string
  readonly trust = new Writable<Trust>({ name: 'unknown' })
  readonly relation = new Writable<Relation>('none')
  readonly directCalls = new Writable(false)
  readonly unread = new Writable<{ readonly count: number; readonly first: string | undefined }>({
    count: 0,
    first: undefined,
  })
  readonly #window: ThreadWindow
  readonly #turns = new Turns()
  readonly #context: ConversationContext

  constructor(account: string, context: ConversationContext) {
    this.account = account
    this.#context = context
    this.#window = new ThreadWindow(account, {
      read: (work) => context.run(work),
      progress: (rows) => context.progress.read(rows, account),
    })
  }

  get messages() {
    return this.#window.items
  }

  get earlier() {
    return this.#window.earlier
  }

  /** Reads again what a tab said has changed. */
  async refresh(): Promise<void> {
    await Promise.all([this.#window.refresh(), this.#turns.again('state', () => this.#readState())])
  }

  async lookUp(options?: Waiting): Promise<void> {
    await this.#context.lookUp(this.account, options)
    const { chain } = await this.#context.run((rows) => readPeer(rows, this.account))
    if (chain === undefined) throw new SottoError('unknown-account')
  }

  loadEarlier(_options?: Waiting): Promise<void> {
    return this.#window.loadEarlier()
  }

  async send(content: string | TextDraft): Promise<{ readonly id: string }> {
    const body = textOf(content)
    const { address } = await this.#context.own()
    const isFirst = this.relation.value !== 'accepted'
    const { id, key } = await this.#run((rows) =>
      putMessage(rows, address, this.account, body, this.#context.time.now()),
    )
    this.#context.announce({ kind: 'messages', messages: [{ account: this.account, key }] })
    this.#context.announce({ kind: 'outbox' })
    // Whoever answers accepts: from now on they may know what came.
    if (isFirst) this.#context.announce({ kind: 'receipts', account: this.account })
    this.#context.worthKeeping?.()
    return { id }
  }

  async retry(id: string): Promise<void> {
    await this.#run((rows) => retryMessage(rows, this.account, id))
    this.#changed()
    this.#context.announce({ kind: 'retry' })
  }

  async remove(id: string): Promise<void> {
    await this.#run((rows) => removeMessage(rows, this.account, id))
    this.#changed()
  }

  async markRead(key: string): Promise<void> {
    const changed = await this.#run((rows) =>
      markReadUpTo(rows, this.account, key, this.#context.knownOwn()?.address),
    )
    if (!changed) return
    this.#changed()
    this.#context.announce({ kind: 'receipts', account: this.account })
  }

  async setDirectCalls(allowed: boolean): Promise<void> {
    await this.#run((rows) => putDirect(rows, this.account, allowed))
    this.#context.announce({ kind: 'peer', account: this.account })
  }

  accept = () => this.#decide('accepted', 1)
  block = () => this.#decide('blocked', 2)
  unblock = () => this.#decide('accepted', 3)

  async delete(): Promise<void> {
    await this.#run((rows) => deleteConversation(rows, this.account))
    await this.#decide('none', 4)
  }

  async safetyNumber(): Promise<SafetyNumber> {
    return (await this.#compared()).number
  }

  async markVerified({ digits }: SafetyNumber): Promise<void> {
    const { number, accountId } = await this.#compared()
    check(digits === number.digits, 'number-changed')
    await this.#run(async (rows) => {
      const { candidate, chain } = await readPeer(rows, this.account)
      check((candidate ?? chain)?.accountId === accountId, 'number-changed')
      await acceptCandidate(rows, this.account)
      await putVerified(rows, this.account, this.#context.time.now())
    })
    this.#settled()
  }

  async acceptChange(accountId: string): Promise<void> {
    await this.#run(async (rows) => {
      const { candidate } = await readPeer(rows, this.account)
      check(candidate?.accountId === accountId, 'number-changed')
      await acceptCandidate(rows, this.account)
    })
    this.#settled()
  }

  /** The number that can be compared now, and the account id that it is about: after a change, the one that would be gone on with. */
  async #compared(): Promise<{ readonly number: SafetyNumber; readonly accountId: string }> {
    const { address } = await this.#context.own()
    const peer = await this.#context.run((rows) => readPeer(rows, this.account))
    const chain = peer.candidate ?? peer.chain
    if (chain === undefined) throw new SottoError('unknown-account')
    return { number: { digits: safetyNumber(address.realm, address, chain) }, accountId: chain.accountId }
  }

  async #decide(relation: Relation, decision: number): Promise<void> {
    const now = this.#context.time.now()
    const own = this.#context.knownOwn()
    await this.#run((rows) =>
      decide(rows, { account: this.account, relation, decision, own: own?.address, now }),
    )
    this.#settled()
    if (relation !== 'accepted') return
    this.#context.announce({ kind: 'receipts', account: this.account })
    this.#context.worthKeeping?.()
  }

  #settled(): void {
    this.#context.announce({ kind: 'peer', account: this.account })
    this.#context.announce({ kind: 'outbox' })
  }

  #changed(): void {
    this.#context.announce({ kind: 'thread', account: this.account })
  }

  get #run(): Run {
    return this.#context.run
  }

  async #readState(): Promise<void> {
    const state = await this.#context.run(async (rows) => {
      const [peer, row] = await Promise.all([
        readPeer(rows, this.account),
        conversationRows.get(rows, this.account),
      ])
      const waiting =
        peer.candidate === undefined
          ? 0
          : (await keptRows.list(rows, { prefix: this.account, limit: 1000 })).length
      const first =
        row === undefined || row.unread === 0 ? undefined : await firstUnread(rows, this.account, row.readKey)
      const count = row?.unread ?? 0
      const direct = isDirect(peer)
      return { trust: trustOf(peer, waiting), relation: relationOf(peer.row), direct, count, first }
    })
    if (JSON.stringify(state.trust) !== JSON.stringify(this.trust.value)) this.trust.set(state.trust)
    this.relation.set(state.relation)
    if (state.direct !== this.directCalls.value) this.directCalls.set(state.direct)
    const { count, first } = state
    if (count !== this.unread.value.count || first !== this.unread.value.first)
      this.unread.set({ count, first })
  }
}

/** The first message of theirs after what was read. */
async function firstUnread(
  rows: RowReader,
  account: string,
  readKey: string | undefined,
): Promise<string | undefined> {
  const start = readKey === undefined ? {} : { from: `${readKey.slice(account.length + 1)}~` }
  // It is mostly among the first few, and this is asked after each message that comes.
  for (const limit of [4, 100]) {
    const after = await messageRows.list(rows, { prefix: account, limit, ...start })
    const found = after.find(({ row }) => !row.mine && row.progress !== 3)
    if (found !== undefined || after.length < limit) return found?.key
  }
  return undefined
}
