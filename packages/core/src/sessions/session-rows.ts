import type { Address } from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import { sessionRows, type DeviceSessions } from '../store/tables.js'
import { noSessions } from './generations.js'

const rowKey = ({ accountId, device }: Address) => `${accountId}.${device}`

/** The sessions with a device; none where there never was one. */
export async function readSessions(rows: RowReader, address: Address): Promise<DeviceSessions> {
  return (await sessionRows.get(rows, rowKey(address))) ?? noSessions
}

export function putSessions(rows: RowWriter, address: Address, state: DeviceSessions): void {
  sessionRows.put(rows, rowKey(address), state)
}
