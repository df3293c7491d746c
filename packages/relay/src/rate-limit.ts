import { SottoError } from '@sotto/protocol'

const minuteMs = 60_000
const mostNames = 100_000

/** So many a minute by name, refilled steadily. */
export class RateLimit {
  readonly #most: number
  readonly #now: () => number
  readonly #buckets = new Map<string, { left: number; at: number }>()

  constructor(mostPerMinute: number, now: () => number) {
    this.#most = mostPerMinute
    this.#now = now
  }

  /** Milliseconds to wait; 0 where it may go on, and is counted. */
  take(name: string): number {
    const now = this.#now()
    const bucket = this.#buckets.get(name) ?? { left: this.#most, at: now }
    const passed = Math.max(0, now - bucket.at)
    const left = Math.min(this.#most, bucket.left + (passed * this.#most) / minuteMs)
    if (!this.#buckets.has(name) && this.#buckets.size >= mostNames) this.#forgetOldest()
    const taken = left >= 1
    this.#buckets.set(name, { left: taken ? left - 1 : left, at: now })
    return taken ? 0 : Math.ceil(((1 - left) * minuteMs) / this.#most)
  }

  /** Throws `rate-limited`. */
  check(name: string): void {
    const retryAfterMs = this.take(name)
    if (retryAfterMs > 0) throw new SottoError('rate-limited', { retryAfterMs })
  }

  #forgetOldest(): void {
    for (const name of [...this.#buckets.keys()].slice(0, mostNames / 10)) this.#buckets.delete(name)
  }
}
