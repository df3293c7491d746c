import { SottoError } from '@sotto/protocol'

const minuteMs = 60_000
const mostNames = 100_000

/** So many a minute, or another span of time, by name, refilled steadily. */
export class RateLimit {
  readonly #most: number
  readonly #now: () => number
  readonly #perMs: number
  /** The name used longest ago comes first. */
  readonly #buckets = new Map<string, { readonly left: number; readonly at: number }>()

  constructor(most: number, now: () => number, perMs = minuteMs) {
    this.#most = most
    this.#now = now
    this.#perMs = perMs
  }

  /** Milliseconds to wait; 0 where it may go on, and is counted: `cost` times, for what is more work than one. */
  take(name: string, cost = 1): number {
    const most = this.#most
    const now = this.#now()
    const bucket = this.#buckets.get(name) ?? { left: most, at: now }
    // A clock that is set back refills nothing, and holds nobody up either.
    const passed = Math.max(0, now - bucket.at)
    const left = Math.min(most, bucket.left + (passed * most) / this.#perMs)
    const price = Math.min(cost, most)
    const taken = left >= price
    this.#buckets.delete(name)
    if (this.#buckets.size >= mostNames) this.#forgetOldest()
    this.#buckets.set(name, { left: taken ? left - price : left, at: now })
    return taken ? 0 : Math.ceil(((price - left) * this.#perMs) / most)
  }

  /** Throws `rate-limited`. */
  check(name: string, cost = 1): void {
    const retryAfterMs = this.take(name, cost)
    if (retryAfterMs > 0) throw new SottoError('rate-limited', { retryAfterMs })
  }

  #forgetOldest(): void {
    let most = mostNames / 10
    for (const name of this.#buckets.keys()) {
      if (most-- === 0) return
      this.#buckets.delete(name)
    }
  }
}
