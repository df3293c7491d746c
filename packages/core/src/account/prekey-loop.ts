import { SottoError } from '@sotto/protocol'
import type { Time } from '../ports/index.js'

/** On average. A signed prekey is due every two days, and expires after thirty. */
const everyMs = 43_200_000
const firstDelayMs = 60_000

interface Context {
  readonly time: Time
  /** Sees to the prekeys once. */
  readonly tend: () => Promise<void>
  readonly warn: (error: unknown) => void
}

/**
 * Sees to this device's prekeys for as long as a connection lasts, be it weeks: when it begins, when the backend says that they run low, and about
 * twice a day. What fails ends nothing, and is tried again, ever more seldom. In the leading tab.
 */
export class PreKeyLoop {
  readonly #context: Context
  #wake: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** The backend says that they run low. */
  wake(): void {
    this.#wake?.()
  }

  /** Resolves when `signal` says so. */
  async work(signal: AbortSignal): Promise<void> {
    let tries = 0
    while (!signal.aborted) {
      // Before it looks: what runs low meanwhile is seen the next time.
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      const failed = await this.#try(signal)
      tries = failed === undefined ? 0 : tries + 1
      await this.#until(
        woken,
        failed === undefined ? this.#jitter(everyMs) : this.#delay(failed, tries),
        signal,
      )
    }
    this.#wake = undefined
  }

  /** Resolves with what went wrong, where it did. */
  async #try(signal: AbortSignal): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.#context.tend()
      return undefined
    } catch (error) {
      // The end of a connection is said elsewhere.
      if (!signal.aborted) this.#context.warn(error)
      return { error }
    }
  }

  #delay({ error }: { readonly error: unknown }, tries: number): number {
    const ms = this.#jitter(Math.min(everyMs, firstDelayMs * 2 ** (tries - 1)))
    return SottoError.is(error, 'rate-limited') ? Math.max(error.details.retryAfterMs, ms) : ms
  }

  /** From half of `ms` to one and a half: devices that were all connected at once, when the backend was restarted, do not all ask at once. */
  #jitter(ms: number): number {
    return ms / 2 + this.#context.time.random(ms)
  }

  async #until(woken: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const slept = this.#context.time.sleep(ms, AbortSignal.any([signal, over.signal]))
    await Promise.race([woken, slept.catch(() => undefined)])
    over.abort()
  }
}
