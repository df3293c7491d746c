import type { ConversationSummary } from '../client-api.js'
import { readPeer, relationOf, trustOf } from '../peers/peer.js'
import { Writable } from '../readable.js'
import { Turns } from '../turns.js'
import type { RowReader } from '../store/rows.js'
import { conversationRows, keptRows, messageRows } from '../store/tables.js'
import type { ThreadItem } from './message.js'
import { itemOf, type Progress } from './thread.js'

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

  constructor(source: InboxSource) {
    this.#source = source
    this.conversations = new Writable<readonly ConversationSummary[]>([])
  }

  /** Reads all of them. */
  load(): Promise<void> {
    return this.#turns.take(async () => {
      const accounts = await this.#source.read(async (rows) => {
        const all = await conversationRows.list(rows, { prefix: '', limit: 10_000 })
        const newest = [...all].sort((a, b) => b.row.at - a.row.at).slice(0, mostShown)
        return newest.map(({ row }) => row.account)
      })
      for (const account of accounts) await this.#read(account)
      this.#show()
    })
  }

  refresh(account: string): Promise<void> {
    return this.#turns.again(account, async () => {
      await this.#read(account)
      this.#show()
    })
  }

  async #read(account: string): Promise<void> {
    const summary = await this.#source.read(async (rows): Promise<ConversationSummary | undefined> => {
      const row = await conversationRows.get(rows, account)
      if (row === undefined) return undefined
      const peer = await readPeer(rows, account)
      const waiting =
        peer.candidate === undefined
          ? 0
          : (await keptRows.list(rows, { prefix: account, limit: 1000 })).length
      const { unread, at } = row
      const last = await this.#last(rows, account, row.lastKey)
      return { account, relation: relationOf(peer.row), trust: trustOf(peer, waiting), last, unread, at }
    })
    if (summary === undefined) this.#summaries.delete(account)
    else this.#summaries.set(account, summary)
  }

  async #last(rows: RowReader, account: string, key: string | undefined): Promise<ThreadItem | undefined> {
    const row = key === undefined ? undefined : await messageRows.get(rows, key)
    if (row === undefined || key === undefined) return undefined
    return itemOf({ key, row }, await this.#source.progressWith(rows, account))[0]
  }

  #show(): void {
    const all = [...this.#summaries.values()].sort((a, b) => b.at - a.at).slice(0, mostShown)
    this.conversations.set(all)
    const counted = all.filter((one) => one.relation === 'accepted')
    this.unread.set(counted.reduce((sum, one) => sum + one.unread, 0))
  }
}
