/** One at a time for each key, in the order of asking; different keys do not wait for each other. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Whether anybody works under `key`. */
  isBusy(key: string): boolean {
    return this.#last.has(key)
  }

  /** Does `work` when everybody who asked for `key` before is done, however that went. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }
}
