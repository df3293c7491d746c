import { SottoError } from '@sotto/protocol'
import type { Time } from '@sotto/core/ports'
import type { Quiet } from './quiet.js'
import type { Seeded } from './seeded.js'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that stands until it is turned; whoever sleeps wakes in the order of time, and is done before the next one wakes. */
export class MachineTime implements Time {
  readonly #quiet: Quiet
  readonly #chance: Seeded
  readonly #sleepers = new Set<Sleeper>()
  readonly #start: number
  #passed = 0

  constructor(start: number, quiet: Quiet, chance: Seeded) {
    this.#start = start
    this.#quiet = quiet
    this.#chance = chance
  }

  now(): number {
    return this.#start + this.#passed
  }

  monotonic(): number {
    return this.#passed
  }

  random(below: number): number {
    return this.#chance.below(below)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new SottoError('aborted'))
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const abort = end(() => reject(new SottoError('aborted')))
      const sleeper = { at: this.#passed + Math.max(0, ms), wake: end(resolve) }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  async pass(ms: number): Promise<void> {
    const end = this.#passed + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#passed = Math.max(this.#passed, next.at)
      next.wake()
      await this.#quiet.come()
    }
    this.#passed = end
  }

  #next(end: number): Sleeper | undefined {
    let next: Sleeper | undefined
    for (const one of this.#sleepers) if (one.at <= end && one.at < (next?.at ?? Infinity)) next = one
    return next
  }
}
