import type { Time } from '../ports/index.js'

const mostNames = 10_000

/** Counts what failed, by name, over a minute: what costs us work before it is authenticated has to end somewhere. */
export class FailureBudget {
  static readonly windowMs = 60_000

  readonly #time: Time
  readonly #most: number
  readonly #failures = new Map<string, { readonly since: number; count: number }>()

  constructor(time: Time, most: number) {
    this.#time = time
    this.#most = most
  }

  isSpent(name: string): boolean {
    const entry = this.#failures.get(name)
    return (
      entry !== undefined &&
      this.#time.monotonic() - entry.since < FailureBudget.windowMs &&
      entry.count >= this.#most
    )
  }

  fail(name: string): void {
    const now = this.#time.monotonic()
    const entry = this.#failures.get(name)
    if (entry !== undefined && now - entry.since < FailureBudget.windowMs) {
      entry.count++
      return
    }
    // Names come from the wire: the oldest go, so that nobody fills our memory with them.
    if (this.#failures.size >= mostNames) {
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest)
        break
      }
    }
    this.#failures.delete(name)
    this.#failures.set(name, { since: now, count: 1 })
  }
}
