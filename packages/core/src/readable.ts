import type { Readable } from './ports/index.js'

export type { Readable } from './ports/index.js'

/** The side of a readable that its owner holds. */
export class Writable<T> implements Readable<T> {
  #value: T
  readonly #listeners = new Set<(value: T) => void>()
  readonly #onfirst: (() => (() => void) | void) | undefined
  #onlast: (() => void) | undefined

  /** `onfirst` is called when somebody begins to listen, and what it returns when nobody does any more. */
  constructor(value: T, onfirst?: () => (() => void) | void) {
    this.#value = value
    this.#onfirst = onfirst
  }

  get value(): T {
    return this.#value
  }

  /** Sets the value and tells everybody, unless it is the very same. A listener that throws stops no other. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of [...this.#listeners]) call(listener, value)
  }

  subscribe(listener: (value: T) => void): () => void {
    // A function of its own, so that one listener subscribed twice is told twice and stops once.
    const own = (value: T) => listener(value)
    this.#listeners.add(own)
    if (this.#listeners.size === 1) this.#onlast = this.#onfirst?.() ?? undefined
    call(own, this.#value)
    return () => {
      if (!this.#listeners.delete(own) || this.#listeners.size > 0) return
      this.#onlast?.()
      this.#onlast = undefined
    }
  }
}

function call<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value)
  } catch (error) {
    // The listener is the host's: its error is reported as uncaught, where the host looks for its own errors.
    queueMicrotask(() => {
      throw error
    })
  }
}
