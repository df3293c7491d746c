import type { Readable } from '@sotto/core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

/**
 * Renders a readable: the host updates when it changes. Which one is asked for before every update, so that it may become another. It is
 * let go of when the host is really gone, and kept when the host is only moved.
 */
export class ReadableController<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  readonly #choose: () => Readable<T> | undefined
  #readable: Readable<T> | undefined
  #stop: (() => void) | undefined
  #value: T | undefined

  constructor(host: ReactiveControllerHost & Element, choose: () => Readable<T> | undefined) {
    this.#host = host
    this.#choose = choose
    host.addController(this)
  }

  /** The value now, `undefined` where there is no readable. */
  get value(): T | undefined {
    return this.#value
  }

  hostUpdate(): void {
    // A host that is gone may still render what changed at the end; it must not begin to listen again.
    if (this.#host.isConnected) this.#listen(this.#choose())
  }

  hostConnected(): void {
    // After a time out of the document nothing may have changed but the value.
    if (this.#readable === undefined) this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.#listen(undefined)
    })
  }

  #listen(readable: Readable<T> | undefined): void {
    if (readable === this.#readable) return
    this.#stop?.()
    this.#readable = readable
    this.#value = undefined
    this.#stop = readable?.subscribe((value) => {
      this.#value = value
      this.#host.requestUpdate()
    })
  }
}
