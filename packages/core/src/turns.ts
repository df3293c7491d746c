/** Work that is done one after the other. */
export class Turns {
  readonly #waiting = new Map<string, Promise<void>>()
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }

  /**
   * Reads again what has changed. Whoever asks while the same waits to begin shares it: fifty messages that come at once are read once, and what
   * is read is never older than the question.
   */
  again(name: string, read: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(name)
    if (waiting !== undefined) return waiting
    const next = this.take(() => {
      this.#waiting.delete(name)
      return read()
    })
    this.#waiting.set(name, next)
    return next
  }
}
