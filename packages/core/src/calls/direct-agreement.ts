import { bool, field, struct } from '@sotto/protocol'
import { table, type RowReader, type RowWriter } from '../store/rows.js'

/** What the person decided about calls, once, on this device. Key: `all`. */
const callSettingRows = table('call-settings', struct({ direct: field(1, bool) }), 16)

/** The person agreed that others learn this device's network address by a call. */
export function agreeDirect(rows: RowWriter): void {
  callSettingRows.put(rows, 'all', { direct: true })
}

export async function isDirectAgreed(rows: RowReader): Promise<boolean> {
  return (await callSettingRows.get(rows, 'all'))?.direct ?? false
}
