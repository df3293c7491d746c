import { randomBytes, toHex } from '@sotto/protocol'

const idBytes = 16
const timeBytes = 5
const unitMs = 64

/** What an envelope's id says of when it was made, in milliseconds since 1970: whatever its sender wants it to say. */
export const envelopeTime = (id: string): number => parseInt(id.slice(0, 2 * timeBytes), 16) * unitMs

/**
 * A new envelope's id, 16 bytes in hexadecimal: the backend's own clock in units of 64 ms (5 bytes), then 11 random bytes; all of them random
 * where that clock is not known. Ids that grow are filed at the end of a backend's index, and not anywhere in it (docs/decisions/0012). The
 * backend's clock is used, not ours: a device is known by how wrong its clock is.
 */
export function newEnvelopeId(backendNow: number | undefined): string {
  const id = randomBytes(idBytes)
  if (backendNow === undefined) return toHex(id)
  let left = Math.max(0, Math.floor(backendNow / unitMs))
  for (let at = timeBytes - 1; at >= 0; at--) {
    id[at] = left % 256
    left = Math.floor(left / 256)
  }
  return toHex(id)
}
