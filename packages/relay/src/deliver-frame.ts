/** The head of a CBOR number, shortest form (RFC 8949, section 4.2.1): 1 to 9 bytes. */
function putUint(to: Buffer, at: number, value: number): number {
  if (value < 24) return to.writeUInt8(value, at)
  if (value < 0x100) return to.writeUInt8(value, to.writeUInt8(0x18, at))
  if (value < 0x1_0000) return to.writeUInt16BE(value, to.writeUInt8(0x19, at))
  if (value < 0x1_0000_0000) return to.writeUInt32BE(value, to.writeUInt8(0x1a, at))
  return to.writeBigUInt64BE(BigInt(value), to.writeUInt8(0x1b, at))
}

/** Bytes of the longest head: array, tag, map, key, number, key. */
const longestHead = 4 + 9 + 1

/**
 * A `deliver` frame around an envelope that is encoded already, as it is stored: the same bytes as the encoder of frames makes, without
 * decoding or encoding an envelope again for its delivery.
 */
export function deliverFrame(delivery: number, stamped: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(longestHead + stamped.length)
  let at = frame.writeUInt32BE(0x8204_a201, 0)
  at = putUint(frame, at, delivery)
  at = frame.writeUInt8(2, at)
  frame.set(stamped, at)
  return frame.subarray(0, at + stamped.length)
}
