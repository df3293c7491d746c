import { check } from '@sotto/protocol'
import type { Change, Row, Store, StoreRange } from '@sotto/core/ports'

/** When in a commit a process ends: `before` it is durable, so that nothing of it is there; or `after`, so that it is and nobody was told. */
export type DeathIn = 'before' | 'after'

interface Fate {
  /** Asked at each commit: when in it the process ends, if it does. */
  readonly isLast: () => DeathIn | undefined
  /** It has ended: whatever else of it there is has to do nothing any more. */
  readonly ondeath: () => void
}

/** A store of a process that may be killed: from then on nothing is read or written, whatever was begun. */
export class MortalStore implements Store {
  readonly #inner: Store
  readonly #fate: Fate | undefined
  #isDead = false

  constructor(inner: Store, fate?: Fate) {
    this.#inner = inner
    this.#fate = fate
  }

  get isDead(): boolean {
    return this.#isDead
  }

  kill(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#fate?.ondeath()
  }

  get(table: string, key: string): Promise<Row | undefined> {
    return this.#alive(() => this.#inner.get(table, key))
  }

  list(table: string, range: StoreRange): Promise<readonly Row[]> {
    return this.#alive(() => this.#inner.list(table, range))
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#alive(async () => {
      const when = this.#fate?.isLast()
      if (when === 'before') this.kill()
      else await this.#inner.commit(changes)
      if (when === 'after') this.kill()
    })
  }

  close(): void {
    this.#inner.close()
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }

  /** What was asked for before the process ended is answered to nobody. */
  async #alive<T>(work: () => Promise<T>): Promise<T> {
    check(!this.#isDead, 'closed')
    const result = await work()
    check(!this.#isDead, 'closed')
    return result
  }
}
