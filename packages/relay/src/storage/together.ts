import type { Rows, Storage } from './storage.js'

interface Waiting<In, Out> {
  readonly item: In
  resolve(result: Out): void
  reject(error: unknown): void
}

/**
 * Does what is asked for in one turn of the event loop as one unit of work, so that a statement can serve all who asked. Where that unit
 * fails, each is tried alone: nobody fails for what another one has asked.
 */
export class Together<In, Out> {
  readonly #storage: Storage
  readonly #work: (rows: Rows, items: readonly In[]) => Promise<readonly Out[]>
  /** Who waits for a unit that has not begun. */
  #open: Waiting<In, Out>[] | undefined

  /** `work` resolves to what became of each item, in their order. */
  constructor(storage: Storage, work: (rows: Rows, items: readonly In[]) => Promise<readonly Out[]>) {
    this.#storage = storage
    this.#work = work
  }

  /** Resolves when it is durable. Rejects as the storage does. */
  do(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject }
      if (this.#open !== undefined) {
        this.#open.push(waiting)
        return
      }
      this.#open = [waiting]
      void this.#run(this.#open)
    })
  }

  async #run(group: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await this.#storage.write((rows) => {
        this.#close(group)
        return this.#work(
          rows,
          group.map(({ item }) => item),
        )
      })
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as Out)
    } catch (error) {
      this.#close(group)
      if (group.length === 1) for (const { reject } of group) reject(error)
      else for (const one of group) void this.#run([one])
    }
  }

  /** Whoever comes later waits for another unit. */
  #close(group: readonly Waiting<In, Out>[]): void {
    if (this.#open === group) this.#open = undefined
  }
}
