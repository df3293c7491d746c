import type { Time } from './ports/index.js'

/** How long is worked at a stretch on what waits for nobody, in milliseconds: half a frame of the page. */
const longestMs = 8

/** Long work that lets the page draw between. All who work side by side share one. */
export class Stretch {
  readonly #time: Time
  #since: number
  #turn: Promise<void> | undefined

  constructor(time: Time) {
    this.#time = time
    this.#since = time.monotonic()
  }

  /** Resolves when the work may go on: at once, as long as the stretch is short. */
  async pause(): Promise<void> {
    if (this.#turn === undefined && this.#time.monotonic() - this.#since <= longestMs) return
    this.#turn ??= this.#next()
    await this.#turn
  }

  async #next(): Promise<void> {
    await this.#time.turn?.()
    this.#since = this.#time.monotonic()
    this.#turn = undefined
  }
}
