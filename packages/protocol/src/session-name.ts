import { address, type Address } from './address.js'
import { toHex } from './bytes.js'
import { encode } from './codec.js'
import { labelledHash, labels } from './labels.js'
import { bytes, uint } from './shape.js'
import { field, struct } from './struct.js'

const layout = struct({
  initiator: field(1, address),
  initiatorKey: field(2, bytes(32)),
  responder: field(3, address),
  responderKey: field(4, bytes(32)),
  baseKey: field(5, bytes(32)),
  generation: field(6, uint(0xffff_ffff, 1)),
})

/** One side of a session: a device and its identity key (32 bytes). */
export interface SessionSide {
  readonly address: Address
  readonly identityKey: Uint8Array
}

/** The session's name: 16 bytes, as 32 hexadecimal digits. The initiator is who made the base key. */
export function sessionName(
  initiator: SessionSide,
  responder: SessionSide,
  baseKey: Uint8Array,
  generation: number,
): string {
  const encoded = encode(layout, {
    initiator: initiator.address,
    initiatorKey: initiator.identityKey,
    responder: responder.address,
    responderKey: responder.identityKey,
    baseKey,
    generation,
  })
  return toHex(labelledHash(labels.session, encoded).subarray(0, 16))
}
