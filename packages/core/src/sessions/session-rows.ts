import type { Address } from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import { counterRows, sessionRows, type DeviceSessions } from '../store/tables.js'

const rowKey = ({ accountId, device }: Address) => `${accountId}.${device}`

/** The sessions with a device; none where there never was one, or none that we remember. */
export async function readSessions(rows: RowReader, address: Address): Promise<DeviceSessions> {
  const known = await sessionRows.get(rows, rowKey(address))
  if (known !== undefined) return known
  return { highest: (await counterRows.get(rows, 'counters'))?.generationFloor ?? 0, sessions: [] }
}

export function putSessions(rows: RowWriter, address: Address, state: DeviceSessions): void {
  sessionRows.put(rows, rowKey(address), state)
}
