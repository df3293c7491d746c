import type { ConversationSummary } from '../client-api.js'
import { readPeer, relationOf, trustOf } from '../peers/peer.js'
import { Writable } from '../readable.js'
import { Turns } from '../turns.js'
import type { RowReader } from '../store/rows.js'
import { conversationRows, keptRows, messageRows } from '../store/tables.js'
import type { ThreadItem } from './message.js'
import type { ProgressReader } from './progress-reader.js'
import { itemOf, noProgress } from './thread.js'

const mostShown = 500

export interface InboxSource {
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  readonly progress: ProgressReader
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
      const which = async (rows: RowReader) => {
        const all = await conversationRows.list(rows, { prefix: '', limit: 10_000 })
        await known
        if (all.length <= mostShown) return all.map(({ row }) => row.account)
        const found = all.map(async ({ row: { account, at } }) => {
          const { row } = await readPeer(rows, account)
          return { account, at, relation: relationOf(row) }
        })
        return shownOf(await Promise.all(found)).map(({ account }) => account)
      }
      await this.#read(which).finally(() => this.#show())
    })
  }

  /** Those that change while another is read are read together: a backlog is of many conversations at once. */
  refresh(account: string): Promise<void> {
    this.#changed.add(account)
    return this.#turns.again('', async () => {
      const accounts = [...this.#changed]
      this.#changed.clear()
      await this.#read(async () => accounts).finally(() => this.#show())
    })
  }

  /** One that cannot be read shows what it had, and keeps no other from being read. */
  async #read(which: (rows: RowReader) => Promise<readonly string[]>): Promise<void> {
    const read = await this.#source.read(async (rows) => {
      const accounts = await which(rows)
      const summaries = await Promise.allSettled(accounts.map((account) => this.#summary(rows, account)))
      return summaries.map((summary, i) => ({ account: accounts[i] ?? '', summary }))
    })
    for (const { account, summary } of read) {
      if (summary.status !== 'fulfilled') continue
      if (summary.value === undefined) this.#summaries.delete(account)
      else this.#summaries.set(account, summary.value)
    }
    for (const { summary } of read) if (summary.status === 'rejected') throw summary.reason
  }

  async #summary(rows: RowReader, account: string): Promise<ConversationSummary | undefined> {
    const row = await conversationRows.get(rows, account)
    if (row === undefined) return undefined
    const [peer, last] = await Promise.all([readPeer(rows, account), this.#last(rows, account, row.lastKey)])
    const waiting =
      peer.candidate === undefined ? 0 : (await keptRows.list(rows, { prefix: account, limit: 1000 })).length
    const { unread, at } = row
    return { account, relation: relationOf(peer.row), trust: trustOf(peer, waiting), last, unread, at }
  }

  async #last(rows: RowReader, account: string, key: string | undefined): Promise<ThreadItem | undefined> {
    if (key === undefined) return undefined
    const { progress } = this.#source
    const row = await messageRows.get(rows, key)
    if (row === undefined) return undefined
    // How far one has come is said of ours alone. That of theirs says who they are, before the thread asks for it.
    if (row.mine) return itemOf({ key, row }, await progress.read(rows, account))[0]
    progress.meet(account, row.from.accountId)
    return itemOf({ key, row }, noProgress)[0]
  }

  #show(): void {
    const all = shownOf([...this.#summaries.values()])
    this.conversations.set(all)
    const counted = all.filter((one) => one.relation === 'accepted')
    this.unread.set(counted.reduce((sum, one) => sum + one.unread, 0))
  }
}

/** The newest, newest first. However many strangers write, they push nobody out whom the person has accepted. */
function shownOf<T extends Pick<ConversationSummary, 'relation' | 'at'>>(all: readonly T[]): readonly T[] {
  const newest = [...all].sort((a, b) => b.at - a.at)
  if (all.length <= mostShown) return newest
  const isAccepted = ({ relation }: T) => relation === 'accepted'
  const others = newest.filter((one) => !isAccepted(one))
  const kept = new Set([...newest.filter(isAccepted), ...others].slice(0, mostShown))
  return newest.filter((one) => kept.has(one))
}
