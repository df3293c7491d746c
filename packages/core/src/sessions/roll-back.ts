import type { RowWriter } from '../store/rows.js'
import { counterRows, sessionRows } from '../store/tables.js'
import { spendAll } from './generations.js'
import { freshCounters } from '../store/fresh-counters.js'

/**
 * Stages what follows when the backend knows a later state of this device than we do: every session is spent, so that new generations are
 * started before anything is sent, and numbers begin a new run under the new epoch.
 */
export async function spendEverything(rows: RowWriter, epoch: number): Promise<void> {
  for (const { key, row } of await sessionRows.list(rows, { prefix: '', limit: 1_000_000 }))
    sessionRows.put(rows, key, spendAll(row))
  const counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  counterRows.put(rows, 'counters', { ...counters, run: epoch })
}
