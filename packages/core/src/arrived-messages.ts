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
    for (const { account, key, row } of await this.#read(all)) {
      if (row === undefined || row.mine) continue
      for (const item of itemOf({ key, row }, noProgress)) this.#source.say(new MessageEvent(account, item))
    }
  }

  /** Those that come without their rows are of another tab, or of the person who writes here. */
  async #read(all: readonly StoredAt[]): Promise<readonly StoredAt[]> {
    if (all.every(({ row }) => row !== undefined)) return all
    return this.#source.read((rows) =>
      Promise.all(
        all.map(async (one) => {
          const row = one.row ?? (await messageRows.get(rows, one.key))
          return row === undefined ? one : { ...one, row }
        }),
      ),
    )
  }
}
