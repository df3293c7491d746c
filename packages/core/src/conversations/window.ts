import type { RowReader } from '../store/rows.js'
import { Writable } from '../readable.js'
import { Turns } from '../turns.js'
import type { ThreadItem } from './message.js'
import { itemsOf, listMessages, type Progress, type StoredMessage } from './thread.js'

/** Messages loaded at first, and more at a time. */
const pageSize = 50
/** Of how many at the end states are read again when a receipt or a decision came. */
const freshAtEnd = 200

export interface WindowSource {
  /** Reads on one snapshot of the store. */
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  progress(rows: RowReader): Promise<Progress>
}

/** The loaded window of a thread: the newest page at first, more when asked, let go of when nobody looks. */
export class ThreadWindow {
  readonly items: Writable<readonly ThreadItem[]>
  readonly earlier = new Writable<'unknown' | 'more' | 'none'>('unknown')
  readonly #account: string
  readonly #source: WindowSource
  readonly #shown = new Map<string, { readonly signature: string; readonly item: ThreadItem }>()
  #messages: readonly StoredMessage[] = []
  readonly #turns = new Turns()
  #watched = false

  constructor(account: string, source: WindowSource) {
    this.#account = account
    this.#source = source
    this.items = new Writable<readonly ThreadItem[]>([], () => {
      this.#watched = true
      void this.#turns.take(() => this.#reload()).catch(() => undefined)
      return () => {
        this.#watched = false
        this.#messages = []
        this.#shown.clear()
        this.earlier.set('unknown')
        this.items.set([])
      }
    })
  }

  /** Something of the thread changed: a message came or moved on. */
  refresh(): Promise<void> {
    return this.#watched ? this.#turns.again('end', () => this.#reload()) : Promise.resolve()
  }

  loadEarlier(): Promise<void> {
    return this.#turns.take(async () => {
      const [oldest] = this.#messages
      if (!this.#watched || oldest === undefined) return
      const [before, progress] = await this.#read(pageSize + 1, oldest.key)
      this.#show([...before.slice(-pageSize), ...this.#messages], progress)
      this.earlier.set(before.length > pageSize ? 'more' : 'none')
    })
  }

  async #reload(): Promise<void> {
    if (!this.#watched) return
    const count = Math.max(pageSize, Math.min(this.#messages.length + 1, freshAtEnd))
    const [end, progress] = await this.#read(count + 1)
    const fresh = end.slice(-count)
    const from = fresh[0]?.key
    const kept = from === undefined ? [] : this.#messages.filter((one) => one.key < from)
    if (kept.length === 0) this.earlier.set(end.length > count ? 'more' : 'none')
    this.#show([...kept, ...fresh], progress)
  }

  #read(limit: number, before?: string): Promise<readonly [readonly StoredMessage[], Progress]> {
    return this.#source.read((rows) =>
      Promise.all([listMessages(rows, this.#account, limit, before), this.#source.progress(rows)]),
    )
  }

  #show(messages: readonly StoredMessage[], progress: Progress): void {
    if (!this.#watched) return
    this.#messages = messages
    this.items.set(itemsOf(messages, progress).map((item) => this.#same(item)))
  }

  /** The object that was shown before where nothing of it changed: views compare by identity. */
  #same(item: ThreadItem): ThreadItem {
    const state = item.kind === 'text' ? item.state : undefined
    const more =
      item.kind === 'gap'
        ? `${item.count} ${String(item.gone)}`
        : item.kind === 'call'
          ? `${String(item.video)} ${item.outcome ?? ''} ${item.durationMs}`
          : ''
    const signature = `${item.at} ${JSON.stringify(state ?? null)} ${more}`
    const before = this.#shown.get(item.key)
    if (before?.signature === signature) return before.item
    this.#shown.set(item.key, { signature, item })
    return item
  }
}
