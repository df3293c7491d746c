import { CborBuffer } from './cbor-buffer.js'

/** Bytes of the longest head: array, tag, map, key, number, key. */
const longestHead = 4 + 9 + 1

/**
 * A `deliver` frame around an envelope that is encoded already, as it is stored: the same bytes as the encoder of frames makes, without
 * decoding or encoding an envelope again for its delivery.
 */
export function deliverFrame(delivery: number, stamped: Uint8Array): Uint8Array {
  const frame = new CborBuffer(longestHead + stamped.length)
  frame.raw(0x82, 4, 0xa2, 1)
  frame.head(0, delivery)
  frame.raw(2)
  frame.copy(stamped)
  return frame.done()
}
