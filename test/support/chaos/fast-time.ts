import { SottoError } from '@sotto/protocol'
import type { Time } from '@sotto/core/ports'
import type { Seeded } from '../machine/seeded.js'

/** A clock that runs faster than the real one, so that what waits a minute waits a second, and that can be wrong. */
export class FastTime implements Time {
  static readonly speed = 60
  /** How wrong the wall clock is, in milliseconds. */
  wrongMs = 0
  readonly #chance: Seeded
  readonly #start: number
  readonly #started = performance.now()

  constructor(chance: Seeded, start: number) {
    this.#chance = chance
    this.#start = start
  }

  now(): number {
    return Math.floor(this.#start + this.monotonic() + this.wrongMs)
  }

  /** What is right, whatever `now` says. */
  rightNow(): number {
    return this.now() - this.wrongMs
  }

  monotonic(): number {
    return (performance.now() - this.#started) * FastTime.speed
  }

  random(below: number): number {
    return this.#chance.below(below)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new SottoError('aborted'))
    return new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer)
        reject(new SottoError('aborted'))
      }
      const wake = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(ms / FastTime.speed, 2 ** 31 - 1))
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
