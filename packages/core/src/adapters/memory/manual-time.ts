import { SottoError } from '@sotto/protocol'
import type { Time } from '@sotto/core/ports'

/** A clock that is turned by hand. */
export interface ManualTime extends Time {
  /** Lets `ms` pass: whoever sleeps wakes in the order of time, and has what it does then done before the next wakes. */
  advance(ms: number): Promise<void>
  /** Lets time pass, from one sleeper to the next, until `condition` holds. Rejects with `wrong-argument` after `limitMs`, or where nobody sleeps and ten real seconds bring nothing. */
  until(condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>
  /** Sets the wall clock forward or back, which neither wakes anybody nor moves `monotonic`. */
  jump(ms: number): void
  /** Resolves when what can go on without time passing has had its turn: promises, and a platform's asynchronous cryptography. */
  settle(): Promise<void>
}

interface Sleeper {
  readonly at: number
  wake(): void
}

/** `start`: milliseconds since 1970. `seed` makes `random` another, repeatable sequence. */
export function manualTime(start = 1_790_000_000_000, seed = 1): ManualTime {
  return new HandTurnedTime(start, seed)
}

class HandTurnedTime implements ManualTime {
  #passed = 0
  #offset: number
  #seed: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(start: number, seed: number) {
    this.#offset = start
    this.#seed = seed
  }

  now(): number {
    return this.#offset + this.#passed
  }

  monotonic(): number {
    return this.#passed
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new SottoError('aborted'))
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = {
        at: this.#passed + Math.max(0, ms),
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      const abort = () => {
        this.#sleepers.delete(sleeper)
        reject(new SottoError('aborted'))
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#sleepers.add(sleeper)
    })
  }

  /** Mulberry32: repeatable, and nothing depends on it but jitter. */
  random(below: number): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), this.#seed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  async advance(ms: number): Promise<void> {
    const end = this.#passed + ms
    await this.settle()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#passed = Math.max(this.#passed, next.at)
      next.wake()
      await this.settle()
    }
    this.#passed = Math.max(this.#passed, end)
    await this.settle()
  }

  async until(condition: () => boolean | Promise<boolean>, limitMs = 3_600_000): Promise<void> {
    const end = this.#passed + limitMs
    await this.settle()
    while (!(await condition())) {
      const next = this.#next(end)
      if (next === undefined) {
        if (await this.#comesTrue(condition)) return
        throw new SottoError('wrong-argument', { name: 'condition' })
      }
      this.#passed = Math.max(this.#passed, next.at)
      next.wake()
      await this.settle()
    }
  }

  jump(ms: number): void {
    this.#offset += ms
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < settlingTurns; turn++) await nextTurn()
  }

  /** Nobody sleeps, but what another thread does, such as cryptography, and code that is still being fetched may bring it yet. */
  async #comesTrue(condition: () => boolean | Promise<boolean>): Promise<boolean> {
    const end = performance.now() + patienceMs
    do {
      if (await condition()) return true
      // Chromium lets fetched code wait for as long as cryptography is asked for: a timer stops asking.
      await new Promise((resolve) => setTimeout(resolve, 1))
      await this.settle()
    } while (performance.now() < end)
    return condition()
  }

  #next(end: number): Sleeper | undefined {
    let next: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      if (sleeper.at <= end && (next === undefined || sleeper.at < next.at)) next = sleeper
    }
    return next
  }
}

/** How many asynchronous operations may follow from each other before time goes on. */
const settlingTurns = 50

/** How long `until` waits by the real clock for what no turn of this one can hasten. */
const patienceMs = 10_000

/**
 * Lets everything that waits for the platform's cryptography go on by one step: it is answered in the order of asking. Not a timer, because
 * browsers slow those down to a second in a page that is not seen.
 */
const nextTurn = async (): Promise<void> => {
  await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(1))
}
