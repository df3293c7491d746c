import { SottoError } from '@sotto/protocol'
import type { Change } from '../ports/index.js'
import { UnitOfWork, type RowName, type UnitStore } from './unit-of-work.js'

export interface RunOptions {
  /** What each commit expects besides: the leader's row (`Lease.expect`). */
  readonly guard?: Extract<Change, { kind: 'check' }>
  /** Called with what was written, after the commit and before `run` resolves. */
  readonly announce?: (changed: readonly RowName[]) => void
  /** How often the work is done at most. */
  readonly tries?: number
}

/**
 * Does `work` on a unit and commits it; does it again on a new unit where a row it read has changed meanwhile. Rejects with what `work` throws,
 * nothing written; with `lost-lead` where the guard does not hold; with `conflict` after the last try; and as the store does.
 */
export async function run<T>(
  store: UnitStore,
  work: (unit: UnitOfWork) => Promise<T>,
  { guard, announce, tries = 8 }: RunOptions = {},
): Promise<T> {
  for (let left = tries; ; left--) {
    const unit = new UnitOfWork(store)
    try {
      const result = await work(unit)
      const changed = await unit.commit(guard)
      if (changed.length > 0) announce?.(changed)
      return result
    } catch (error) {
      if (!SottoError.is(error, 'conflict')) throw error
      await checkGuard(store, guard)
      if (left <= 1) throw error
    }
  }
}

async function checkGuard(store: UnitStore, guard: RunOptions['guard']): Promise<void> {
  if (guard === undefined) return
  const row = await store.get(guard.table, guard.key)
  if ((row?.revision ?? 'absent') !== guard.expect) throw new SottoError('lost-lead')
}
