import { MessageEvent } from './client-api.js'
import type { StoredAt } from './announcements.js'
import { itemOf, noProgress } from './conversations/thread.js'
import type { RowReader } from './store/rows.js'
import { messageRows } from './store/tables.js'
import { Turns } from './turns.js'

export interface ArrivedSource {
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  say(event: MessageEvent): void
}

/** Says each message that was stored, in the order in which it is told. Those that come together are read together: a backlog is many. */
export class ArrivedMessages {
  readonly #source: ArrivedSource
  readonly #turns = new Turns()
  #waiting: StoredAt[] = []

  constructor(source: ArrivedSource) {
    this.#source = source
  }

  /** Resolves when they were said, and where there is nothing to say: of ours, and of what is gone. */
  say(messages: readonly StoredAt[]): Promise<void> {
    this.#waiting.push(...messages)
    return this.#turns.again('', () => this.#sayAll())
  }

  async #sayAll(): Promise<void> {
    const all = this.#waiting
    this.#waiting = []
    const events = await this.#source.read(async (rows) => {
      const found = await Promise.all(all.map(({ key }) => messageRows.get(rows, key)))
      return all.flatMap(({ account, key }, i) => {
        const row = found[i]
        if (row === undefined || row.mine) return []
        return itemOf({ key, row }, noProgress).map((item) => new MessageEvent(account, item))
      })
    })
    for (const event of events) this.#source.say(event)
  }
}
