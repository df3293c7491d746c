import type { SottoError } from '@sotto/protocol'
import type { Delivery } from '@sotto/core/ports'

/** Bytes of deliveries that nobody has taken. A socket cannot be told to wait: beyond, it is given up, and the rest is delivered to the next. */
const mostUntaken = 64 * 1024 * 1024

/** Deliveries between the socket that they come on and whoever takes them, one by one. */
export class DeliveryQueue implements AsyncIterable<Delivery> {
  readonly #waiting: { readonly delivery: Delivery; readonly size: number }[] = []
  #size = 0
  #arrived: (() => void) | undefined
  #end: { readonly error: SottoError | undefined } | undefined

  /** `false` where there is no room. */
  push(delivery: Delivery, size: number): boolean {
    if (this.#size + size > mostUntaken) return false
    this.#size += size
    this.#waiting.push({ delivery, size })
    this.#arrived?.()
    return true
  }

  /** What is there is still taken; then the iteration ends, by throwing where there is an error. */
  end(error: SottoError | undefined): void {
    this.#end ??= { error }
    this.#arrived?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Delivery> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) {
        this.#size -= next.size
        yield next.delivery
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error
        return
      } else await new Promise<void>((resolve) => (this.#arrived = resolve))
    }
  }
}
