import { check, optional, struct, text } from '@sotto/protocol'
import { table, type RowReader, type RowWriter } from '../store/rows.js'
import type { DevicesChosen } from './device-api.js'

/** Browsers name devices with 44 to 64 characters. */
const longest = 256
const deviceId = text(longest)

/** The devices that calls use. Key: `all`. */
const rowsOfDevices = table(
  'call-devices',
  struct({
    microphone: optional(1, deviceId),
    camera: optional(2, deviceId),
    speaker: optional(3, deviceId),
  }),
  1024,
)

/** With what was chosen before; an empty one is chosen no more. */
export async function chooseDevices(rows: RowWriter, devices: DevicesChosen): Promise<void> {
  const chosen: { -readonly [K in keyof DevicesChosen]: string } = { ...(await readDevices(rows)) }
  for (const kind of ['microphone', 'camera', 'speaker'] as const) {
    const id = devices[kind]
    if (id === undefined) continue
    check(typeof id === 'string' && /^[\x20-\x7e]*$/.test(id) && id.length <= longest, 'wrong-argument', {
      name: kind,
    })
    if (id === '') delete chosen[kind]
    else chosen[kind] = id
  }
  rowsOfDevices.put(rows, 'all', chosen)
}

export async function readDevices(rows: RowReader): Promise<DevicesChosen> {
  return (await rowsOfDevices.get(rows, 'all')) ?? {}
}
