import { pieces, rowsOf } from './storage/pieces.js'
import type { Rows } from './storage/storage.js'

/** How far a device had counted when it encrypted something. */
export interface DeviceSends {
  readonly device: string
  readonly sends: number
}

/** Of the device `d` of a statement: how far it had counted in the latest of what was stored of it. Zero where nothing was. */
export const sendsColumn =
  'coalesce((SELECT s.sends FROM device_sends s WHERE s.device = d.device), 0) AS sends'

/**
 * Remembers how far devices have counted, in the unit of work that stores what they sent. Whoever logs in and has not counted so far has
 * forgotten some of it: its store was put back to an older copy, and its ratchets with it.
 */
export async function noteSends(rows: Rows, noted: readonly DeviceSends[]): Promise<void> {
  const most = new Map<string, number>()
  for (const { device, sends } of noted) most.set(device, Math.max(sends, most.get(device) ?? 0))
  for (const piece of pieces([...most])) {
    await rows.run(
      `INSERT INTO device_sends (device, sends) VALUES ${rowsOf('(?, ?)', piece.length)}
       ON CONFLICT (device) DO UPDATE SET sends = excluded.sends WHERE excluded.sends > device_sends.sends`,
      ...piece.flat(),
    )
  }
}
