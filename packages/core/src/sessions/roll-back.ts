import { limits } from '@sotto/protocol'
import type { RowWriter } from '../store/rows.js'
import { counterRows, sessionRows, type Counters, type DeviceSessions } from '../store/tables.js'
import { spendAll } from './generations.js'
import { freshCounters } from '../store/fresh-counters.js'

/** How many generations a device may have forgotten, whatever the backend says. */
const forgotten = 64
/** And for each epoch that the backend knows and it does not. */
const forgottenPerEpoch = 4
/** Leaves room below `limits.generationJump` for those that are started before the other side hears of one. */
const highestJump = limits.generationJump - forgotten

/**
 * Stages what follows when the backend knows a later state of this device than we do, `epochs` ahead of ours: every session is spent, so that
 * new generations are started before anything is sent, and numbers begin a new run under the new epoch.
 *
 * The new generations leave room for those that were started since and forgotten. Otherwise the other side, which remembers them, would take
 * ours for older ones and refuse them, and what it still sends in a forgotten one would build a session here that is no longer its own.
 */
export async function spendEverything(rows: RowWriter, epoch: number, epochs: number): Promise<void> {
  const jump = forgotten + forgottenPerEpoch * epochs
  for (const { key, row } of await sessionRows.list(rows, { prefix: '', limit: 1_000_000 }))
    sessionRows.put(rows, key, { ...spendAll(row), highest: above(row, jump) })
  const counters: Counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  const generationFloor = above({ highest: counters.generationFloor ?? 0, sessions: [] }, jump)
  counterRows.put(rows, 'counters', { ...counters, run: epoch, generationFloor })
}

/** Never further above the last generation that the other side is known to know than it may believe, however often this happens. */
function above({ highest, sessions }: DeviceSessions, jump: number): number {
  const heard = sessions.filter((one) => one.answered).map((one) => one.generation)
  return Math.max(highest, Math.min(highest + jump, Math.max(0, ...heard) + highestJump, 0xffff_ffff))
}
