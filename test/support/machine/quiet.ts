import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Tells when nothing goes on any more: everything is a promise but the platform's cryptography, so when none of that is asked for and a turn of
 * the event loop has passed, whatever could go on has gone on. Node alone.
 */
export class Quiet {
  readonly #busy = new Set<Promise<unknown>>()

  private constructor() {}

  /** Watches the platform's cryptography from now on, for as long as the process lasts. */
  static watch(): Quiet {
    const quiet = new Quiet()
    const { subtle } = globalThis.crypto
    const prototype = Object.getPrototypeOf(subtle) as Record<string, (...given: unknown[]) => unknown>
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name === 'constructor') continue
      const method = prototype[name]
      if (typeof method !== 'function') continue
      const watched = (...given: unknown[]) => quiet.#hold(method.apply(subtle, given))
      Object.defineProperty(subtle, name, { value: watched, configurable: true })
    }
    return quiet
  }

  /** Resolves when everything that can go on without time passing has gone on. */
  async come(): Promise<void> {
    do {
      await Promise.allSettled(this.#busy)
      await nextTurn()
    } while (this.#busy.size > 0)
  }

  #hold(answer: unknown): unknown {
    if (!(answer instanceof Promise)) return answer
    this.#busy.add(answer)
    const free = () => this.#busy.delete(answer)
    answer.then(free, free)
    return answer
  }
}
