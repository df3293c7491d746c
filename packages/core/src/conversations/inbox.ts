import type { ConversationSummary } from '../client-api.js'
import { readPeer, relationOf, trustOf } from '../peers/peer.js'
import { Writable } from '../readable.js'
import { Turns } from '../turns.js'
import type { RowReader } from '../store/rows.js'
import { conversationRows, keptRows, messageRows } from '../store/tables.js'
import type { ThreadItem } from './message.js'
import { itemOf, noProgress, type Progress } from './thread.js'

const mostShown = 500

export interface InboxSource {
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  progressWith(rows: RowReader, account: string): Promise<Progress>
}

/** All conversations, newest first, each as one summary that is read again when something of it changes. */
export class Inbox {
  readonly conversations: Writable<readonly ConversationSummary[]>
  readonly unread = new Writable(0)
  readonly #source: InboxSource
  readonly #summaries = new Map<string, ConversationSummary>()
  readonly #turns = new Turns()
  readonly #changed = new Set<string>()

  constructor(source: InboxSource) {
    this.#source = source
    this.conversations = new Writable<readonly ConversationSummary[]>([])
  }

  /** Reads all of them. `known`: when it is known who we are, without which a message has no state. */
  load(known: Promise<unknown>): Promise<void> {
    return this.#turns.take(async () => {
      const newest = async (rows: RowReader) => {
        const all = await conversationRows.list(rows, { prefix: '', limit: 10_000 })
        await known
        const sorted = [...all].sort((a, b) => b.row.at - a.row.at).slice(0, mostShown)
        return sorted.map(({ row }) => row.account)
      }
      await this.#read(newest, true).finally(() => this.#show())
    })
  }

  /** Those that change while another is read are read together: a backlog is of many conversations at once. */
  refresh(account: string): Promise<void> {
    this.#changed.add(account)
    return this.#turns.again('', async () => {
      const accounts = [...this.#changed]
      this.#changed.clear()
      await this.#read(async () => accounts, false).finally(() => this.#show())
    })
  }

  /** One that cannot be read shows what it had, and keeps no other from being read. */
  async #read(which: (rows: RowReader) => Promise<readonly string[]>, atOnce: boolean): Promise<void> {
    const read = await this.#source.read(async (rows) => {
      const accounts = await which(rows)
      const summaries = await Promise.allSettled(
        accounts.map((account) => this.#summary(rows, account, atOnce)),
      )
      return summaries.map((summary, i) => ({ account: accounts[i] ?? '', summary }))
    })
    for (const { account, summary } of read) {
      if (summary.status !== 'fulfilled') continue
      if (summary.value === undefined) this.#summaries.delete(account)
      else this.#summaries.set(account, summary.value)
    }
    for (const { summary } of read) if (summary.status === 'rejected') throw summary.reason
  }

  async #summary(
    rows: RowReader,
    account: string,
    atOnce: boolean,
  ): Promise<ConversationSummary | undefined> {
    const row = await conversationRows.get(rows, account)
    if (row === undefined) return undefined
    const [peer, last] = await Promise.all([
      readPeer(rows, account),
      this.#last(rows, account, row.lastKey, atOnce),
    ])
    const waiting =
      peer.candidate === undefined ? 0 : (await keptRows.list(rows, { prefix: account, limit: 1000 })).length
    const { unread, at } = row
    return { account, relation: relationOf(peer.row), trust: trustOf(peer, waiting), last, unread, at }
  }

  async #last(
    rows: RowReader,
    account: string,
    key: string | undefined,
    atOnce: boolean,
  ): Promise<ThreadItem | undefined> {
    if (key === undefined) return undefined
    const reading = messageRows.get(rows, key)
    // At a start each turn with the store counts, and while a backlog comes each row: theirs need no more than they say.
    const asked = atOnce
      ? this.#source.progressWith(rows, account)
      : reading.then((one) => (one?.mine === true ? this.#source.progressWith(rows, account) : noProgress))
    const [row, progress] = await Promise.all([reading, asked])
    return row === undefined ? undefined : itemOf({ key, row }, progress)[0]
  }

  #show(): void {
    const all = [...this.#summaries.values()].sort((a, b) => b.at - a.at).slice(0, mostShown)
    this.conversations.set(all)
    const counted = all.filter((one) => one.relation === 'accepted')
    this.unread.set(counted.reduce((sum, one) => sum + one.unread, 0))
  }
}
