import { randomBytes } from '@sotto/protocol'
import { freshCounters } from '../store/fresh-counters.js'
import type { RowReader, RowWriter } from '../store/rows.js'
import { counterRows } from '../store/tables.js'

/**
 * How far this device has counted the messages it encrypted, as far as its store knows. A backend that has stored one of a higher count knows
 * what the store has forgotten: it was put back to an older copy, or a copy of it is used elsewhere. Zero before the first.
 */
export async function readSendCount(rows: RowReader): Promise<number> {
  return (await counterRows.get(rows, 'counters'))?.sends ?? 0
}

/**
 * Stages that one more was encrypted, in the commit that steps the ratchets, and resolves to the new count. It begins somewhere below 2³¹, so
 * that whoever reads a backend's database does not learn how many messages a device has sent.
 */
export async function countSend(rows: RowWriter): Promise<number> {
  const counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  const sends = (counters.sends ?? randomStart()) + 1
  counterRows.put(rows, 'counters', { ...counters, sends })
  return sends
}

function randomStart(): number {
  const [a = 0, b = 0, c = 0, d = 0] = randomBytes(4)
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) >>> 1
}
