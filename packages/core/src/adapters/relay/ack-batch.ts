const mostInFrame = 1000

/** Acknowledgements of one turn go as one frame. */
export class AckBatch {
  readonly #send: (deliveries: readonly number[]) => void
  #waiting: number[] = []

  constructor(send: (deliveries: readonly number[]) => void) {
    this.#send = send
  }

  add(delivery: number): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.flush())
    this.#waiting.push(delivery)
  }

  flush(): void {
    const all = this.#waiting
    this.#waiting = []
    for (let i = 0; i < all.length; i += mostInFrame) this.#send(all.slice(i, i + mostInFrame))
  }
}
