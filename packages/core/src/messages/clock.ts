import { limits, type Clock } from '@sotto/protocol'
import type { RowWriter } from '../store/rows.js'
import { counterRows } from '../store/tables.js'
import { freshCounters } from '../store/fresh-counters.js'

const logicalMax = 0xffff

/** The next reading of a hybrid logical clock: never at or below the one before. A full logical part adds a millisecond. */
export function tick(before: Clock, now: number): Clock {
  if (now > before.ms) return { ms: now, logical: 0 }
  if (before.logical < logicalMax) return { ms: before.ms, logical: before.logical + 1 }
  return { ms: before.ms + 1, logical: 0 }
}

/** Takes over a received clock, cut to five minutes above ours, so that nobody pushes ours ahead. */
export function merge(ours: Clock, received: Clock, now: number): Clock {
  const ceiling = now + limits.clockAheadMs
  const theirs = received.ms > ceiling ? { ms: ceiling, logical: 0 } : received
  return compareClocks(theirs, ours) > 0 ? theirs : ours
}

export function compareClocks(a: Clock, b: Clock): number {
  return a.ms - b.ms || a.logical - b.logical
}

/** Stages the next reading of this device's clock. */
export async function nextClock(rows: RowWriter, now: number): Promise<Clock> {
  const counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  const clock = tick(counters.clock, now)
  counterRows.put(rows, 'counters', { ...counters, clock })
  return clock
}

/** Stages that a clock was received. */
export async function learnClock(rows: RowWriter, received: Clock, now: number): Promise<void> {
  const counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  const clock = merge(counters.clock, received, now)
  if (compareClocks(clock, counters.clock) > 0) counterRows.put(rows, 'counters', { ...counters, clock })
}

/**
 * Where a received message sorts: by its clock, never before its device's message before it, and never over five minutes after the
 * relay's stamp of its batch.
 */
export function placeOf(clock: Clock, before: Clock | undefined, stampedAt: number): Clock {
  const ceiling = { ms: stampedAt + limits.clockAheadMs, logical: logicalMax }
  const cut = compareClocks(clock, ceiling) > 0 ? ceiling : clock
  return before !== undefined && compareClocks(cut, before) <= 0 ? tick(before, 0) : cut
}
