import { SottoError } from '@sotto/protocol'
import type { Lease } from '../lease.js'
import { UnitOfWork, type RowName, type UnitStore } from './unit-of-work.js'

export interface RunOptions {
  /** Commits only while this holds: a `Lease`. */
  readonly lease?: Pick<Lease, 'expect' | 'confirm'>
  /** Called with what was written, after the commit and before `run` resolves. */
  readonly announce?: (changed: readonly RowName[]) => void
  /** How often the work is done at most. */
  readonly tries?: number
}

/**
 * Does `work` on a unit and commits it; does it again on a new unit where a row it read has changed meanwhile. Rejects with what `work` throws,
 * nothing written; with `lost-lead` where the lease does not hold; with `conflict` after the last try; and as the store does.
 *
 * Units run side by side. Those of one tab that met a conflict go one after the other from then on, so that a hundred at once need two rounds and
 * not a hundred; and who comes while they do goes behind them, so that a long one is not overtaken by short ones until it gives up. Work must
 * therefore not wait for another `run` on the same store.
 */
export async function run<T>(
  store: UnitStore,
  work: (unit: UnitOfWork) => Promise<T>,
  { lease, announce, tries = 8 }: RunOptions = {},
): Promise<T> {
  const attempt = async (presumes = false): Promise<{ readonly result: T } | 'conflict'> => {
    const unit = new UnitOfWork(store, undefined, presumes)
    try {
      const result = await work(unit)
      const changed = await unit.commit(lease?.expect)
      if (changed.length > 0) announce?.(changed)
      return { result }
    } catch (error) {
      if (!SottoError.is(error, 'conflict')) throw error
      await lease?.confirm()
      return 'conflict'
    }
  }
  const inTurn = async (most: number): Promise<T> => {
    for (let left = most; ; left--) {
      if (left < 1) throw new SottoError('conflict')
      const next = await attempt()
      if (next !== 'conflict') return next.result
    }
  }
  const { turns } = store
  if (turns?.isBusy(queue) === true) return turns.run(queue, () => inTurn(tries))
  const first = await attempt(true)
  if (first !== 'conflict') return first.result
  return turns === undefined ? inTurn(tries - 1) : turns.run(queue, () => inTurn(tries - 1))
}

/** There is one for each store. */
const queue = ''
