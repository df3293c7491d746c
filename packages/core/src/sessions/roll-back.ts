import { limits } from '@sotto/protocol'
import type { RowWriter } from '../store/rows.js'
import { counterRows, sessionRows, type Counters, type DeviceSessions } from '../store/tables.js'
import { spendAll } from './generations.js'
import { freshCounters } from '../store/fresh-counters.js'

/** How many generations a device may have started in one epoch and forgotten. */
const perEpoch = 64
/** Leaves room below `limits.generationJump` for `apart`, and for those that are started before the other side hears of one. */
const highestJump = limits.generationJump - 2 * perEpoch
/** Two copies that may jump no further still start different ones: each goes on by its epoch modulo this. */
const apart = perEpoch

/** And how many prekeys it may have published: their ids stand for other keys. */
const forgottenPreKeys = 10_000
const forgottenSignedPreKeys = 1_000

export interface RollBack {
  /** The new one. */
  readonly epoch: number
  /** How far this device has counted what it encrypted, as the backend knows it. */
  readonly sends: number
}

/**
 * Stages what follows when the backend knows a later state of this device than we do: every session is spent, so that new generations are
 * started before anything is sent, and numbers begin a new run under the new epoch.
 *
 * The new generations leave room for those that were started since and forgotten. Otherwise the other side, which remembers them, would take
 * ours for older ones and refuse them, and what it still sends in a forgotten one would build a session here that is no longer its own. They go
 * by the epoch, which is one for all copies of a device: the one that came last starts the highest, and is read.
 */
export async function spendEverything(rows: RowWriter, { epoch, sends }: RollBack): Promise<void> {
  const counters: Counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  // The last run began where this was done last, or with the device: what was forgotten is younger.
  const jump = { by: perEpoch * Math.max(1, epoch - counters.run), further: epoch % apart }
  for (const { key, row } of await sessionRows.list(rows, { prefix: '', limit: 1_000_000 }))
    sessionRows.put(rows, key, { ...spendAll(row), highest: above(row, jump) })
  const generationFloor = above({ highest: counters.generationFloor ?? 0, sessions: [] }, jump)
  counterRows.put(rows, 'counters', {
    ...counters,
    run: epoch,
    generationFloor,
    sends: Math.max(sends, counters.sends ?? 0),
    nextPreKey: skip(counters.nextPreKey, forgottenPreKeys),
    nextSignedPreKey: skip(counters.nextSignedPreKey, forgottenSignedPreKeys),
  })
}

/** Never back, however often this happens. */
const skip = (id: number, by: number) => Math.max(id, Math.min(id + by, 0xffff_ffff - by))

/** Never further above the last generation that the other side is known to know than it may believe, however often this happens. */
function above(
  { highest, sessions }: DeviceSessions,
  { by, further }: { readonly by: number; readonly further: number },
): number {
  const heard = sessions.filter((one) => one.answered).map((one) => one.generation)
  const jump = Math.min(highest + by, Math.max(0, ...heard) + highestJump) + further
  return Math.max(highest, Math.min(jump, 0xffff_ffff))
}
