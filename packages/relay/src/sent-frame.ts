import { CborBuffer } from './cbor-buffer.js'

/** Bytes of the longest one: two heads, two keys, two numbers. */
const longest = 4 + 5 + 1 + 9

/** A `sent` frame: the same bytes as the encoder of frames makes. */
export function sentFrame(ref: number, at: number): Uint8Array {
  const frame = new CborBuffer(longest)
  frame.raw(0x82, 2, 0xa2, 1)
  frame.head(0, ref)
  frame.byte(2)
  frame.head(0, at)
  return frame.done()
}
