import type { Change, Store } from '@sotto/core/ports'
import { SottoError, type ErrorCode } from '@sotto/protocol'

/** Which commits fail, counted from 1 over everything that is opened with the same plan, and how. */
export class FrailPlan {
  commits = 0
  failed = 0
  readonly #code: 'store-full' | 'store-failed'
  readonly #fails: (commit: number) => boolean

  constructor(
    code: 'store-full' | 'store-failed' = 'store-full',
    fails: (commit: number) => boolean = () => false,
  ) {
    this.#code = code
    this.#fails = fails
  }

  /** Throws where the commit that is asked for now is one that fails. */
  next(): void {
    this.commits++
    if (!this.#fails(this.commits)) return
    this.failed++
    throw new SottoError(this.#code)
  }

  is(code: ErrorCode): boolean {
    return code === this.#code
  }
}

/** A store whose commits fail by a plan. One that fails writes nothing, as the port promises. */
export function frailStore(inner: Store, plan: FrailPlan): Store {
  return {
    get: (table, key) => inner.get(table, key),
    list: (table, range) => inner.list(table, range),
    async commit(changes: readonly Change[]) {
      plan.next()
      await inner.commit(changes)
    },
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  }
}
