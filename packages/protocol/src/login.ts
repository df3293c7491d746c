import { accountId, deviceId, realm } from './address.js'
import { encode } from './codec.js'
import { labelled, labels } from './labels.js'
import { bytes, text, uint, type Shaped } from './shape.js'
import { field, struct } from './struct.js'

const loginProof = struct({
  realm: field(1, realm),
  /** Origin of the relay, as `https://relay.example.com`. */
  relay: field(2, text(512)),
  accountId: field(3, accountId),
  device: field(4, deviceId),
  epoch: field(5, uint()),
  nonce: field(6, bytes(32)),
  /** SHA-256 of the site's token. */
  tokenHash: field(7, bytes(32)),
  /** How far this device has counted what it encrypted. */
  sends: field(8, uint()),
})
export type LoginProof = Shaped<typeof loginProof>

/** What a device signs to log in: its key, this relay, this nonce, this token, the epoch of its leader, and how far it has counted what it sent. */
export const loginProofBytes = (value: LoginProof): Uint8Array =>
  labelled(labels.login, encode(loginProof, value))
