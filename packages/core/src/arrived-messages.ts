import { MessageEvent } from './client-api.js'
import { itemOf, type Progress } from './conversations/thread.js'
import type { RowReader } from './store/rows.js'
import { messageRows } from './store/tables.js'
import { Turns } from './turns.js'

export interface ArrivedSource {
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  progressWith(rows: RowReader, account: string): Promise<Progress>
  say(event: MessageEvent): void
}

interface Arrived {
  readonly account: string
  readonly key: string
}

/** Says each message that was stored, in the order in which it is told. Those that come together are read together: a backlog is many. */
export class ArrivedMessages {
  readonly #source: ArrivedSource
  readonly #turns = new Turns()
  #waiting: Arrived[] = []

  constructor(source: ArrivedSource) {
    this.#source = source
  }

  /** Resolves when it was said, and where it is nothing to say: one of ours, or gone. */
  say(one: Arrived): Promise<void> {
    this.#waiting.push(one)
    return this.#turns.again('', () => this.#sayAll())
  }

  async #sayAll(): Promise<void> {
    const all = this.#waiting
    this.#waiting = []
    const events = await this.#source.read(async (rows) => {
      const names = [...new Set(all.map(({ account }) => account))]
      const [found, progress] = await Promise.all([
        Promise.all(all.map(({ key }) => messageRows.get(rows, key))),
        Promise.all(names.map(async (name) => [name, await this.#source.progressWith(rows, name)] as const)),
      ])
      const progressOf = new Map(progress)
      return all.flatMap(({ account, key }, i) => {
        const [row, known] = [found[i], progressOf.get(account)]
        if (row === undefined || row.mine || known === undefined) return []
        return itemOf({ key, row }, known).map((item) => new MessageEvent(account, item))
      })
    })
    for (const event of events) this.#source.say(event)
  }
}
