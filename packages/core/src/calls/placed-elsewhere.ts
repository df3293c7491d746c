import { callEnds, type CallSignal } from '@sotto/protocol'
import { messageRows } from '../store/tables.js'
import type { RowWriter } from '../store/rows.js'
import { putLine, readLine, recentLine } from './call-lines.js'
import type { CallOutcome } from './call-row.js'
import type { CallArrival } from './call-arrivals.js'

/**
 * A call that another device of ours placed has no row here, only its line. Stages in that line what came of it, once, by the first that says
 * so: either side's end goes to all devices of both. Returns whether there was such a line.
 */
export async function endPlacedElsewhere(
  rows: RowWriter,
  id: string,
  signal: CallSignal,
  { account, from, own, now }: CallArrival,
): Promise<boolean> {
  const came = cameOf(signal, from.own)
  const line = came === undefined ? undefined : await recentLine(rows, account, id)
  const row = line === undefined ? undefined : await messageRows.get(rows, line)
  if (came === undefined || line === undefined || row === undefined || !row.mine) return false
  const { video, outcome } = readLine(row.body)
  if (outcome !== 'elsewhere') return false
  await putLine(rows, { id, account, mine: true, video, line, ...came, own, now })
  return true
}

function cameOf(
  signal: CallSignal,
  ours: boolean,
): { readonly outcome: CallOutcome; readonly durationMs: number } | undefined {
  if (signal.type === 'decline') return ours ? undefined : { outcome: 'declined', durationMs: 0 }
  if (signal.type !== 'end') return undefined
  const { reason, durationMs } = signal
  if (durationMs > 0) return { outcome: reason === callEnds.failed ? 'lost' : 'answered', durationMs }
  if (reason === callEnds.declined) return { outcome: 'declined', durationMs }
  if (reason === callEnds.noAnswer) return { outcome: 'no-answer', durationMs }
  return { outcome: reason === callEnds.failed ? 'failed' : 'cancelled', durationMs }
}
