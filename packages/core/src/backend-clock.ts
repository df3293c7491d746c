import { freshCounters } from './store/fresh-counters.js'
import type { Run } from './store/rows.js'
import { counterRows } from './store/tables.js'
import type { Connection, Time } from './ports/index.js'

/** How much later the backend's clock has to be than what is stored of it, before that is stored again. */
const grainMs = 3_600_000

/**
 * What time it is by the backend, which is told once a connection and goes on by a clock that does not jump. Ours may be wrong, and so may
 * theirs: docs/decisions/0015 says which is believed for what.
 */
export class BackendClock {
  readonly #run: Run
  readonly #time: Time
  #said: { readonly at: number; readonly since: number; readonly latest: number } | undefined

  constructor(run: Run, time: Time) {
    this.#run = run
    this.#time = time
  }

  /** Takes over what a new connection says, and remembers the latest that any has said. */
  async hear({ aheadMs }: Connection): Promise<void> {
    this.#said = undefined
    if (aheadMs === undefined) return
    const at = Math.max(0, Math.floor(this.#time.now() + aheadMs))
    const since = this.#time.monotonic()
    const latest = await this.#run(async (rows) => {
      const counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
      const before = counters.backendAt ?? 0
      if (at > before + grainMs) counterRows.put(rows, 'counters', { ...counters, backendAt: at })
      return Math.max(at, before)
    })
    this.#said = { at, since, latest }
  }

  /** Milliseconds since 1970, as the backend says now. `undefined` where it does not say. */
  get now(): number | undefined {
    return this.#said && this.#said.at + this.#passed(this.#said.since)
  }

  /** The earlier of ours and the backend's, which is never believed to have gone back: what has expired by it has expired by both. */
  get earliest(): number {
    const ours = this.#time.now()
    return this.#said === undefined
      ? ours
      : Math.min(ours, this.#said.latest + this.#passed(this.#said.since))
  }

  /** The later of ours and the backend's: what is dated by it is by neither too old too soon. */
  get latest(): number {
    const ours = this.#time.now()
    return this.#said === undefined
      ? ours
      : Math.max(ours, this.#said.latest + this.#passed(this.#said.since))
  }

  #passed(since: number): number {
    // Of a browser it has fractions, which no time in a message or a row has.
    return Math.floor(this.#time.monotonic() - since)
  }
}
