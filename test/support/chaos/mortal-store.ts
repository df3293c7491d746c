import { check } from '@sotto/protocol'
import type { Change, Row, Store, StoreRange } from '@sotto/core/ports'

/** A store of a process that may be killed: from then on nothing is read or written, whatever was begun. */
export class MortalStore implements Store {
  readonly #inner: Store
  #isDead = false

  constructor(inner: Store) {
    this.#inner = inner
  }

  kill(): void {
    this.#isDead = true
  }

  get(table: string, key: string): Promise<Row | undefined> {
    return this.#alive(() => this.#inner.get(table, key))
  }

  list(table: string, range: StoreRange): Promise<readonly Row[]> {
    return this.#alive(() => this.#inner.list(table, range))
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#alive(() => this.#inner.commit(changes))
  }

  close(): void {
    this.#inner.close()
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }

  async #alive<T>(work: () => Promise<T>): Promise<T> {
    check(!this.#isDead, 'closed')
    return work()
  }
}
