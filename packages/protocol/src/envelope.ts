import { accountId, accountName, address, deviceId } from './address.js'
import { decode, encode } from './codec.js'
import { concatBytes } from './bytes.js'
import { SottoError, check } from './errors.js'
import { ext, understand } from './ext.js'
import { limits } from './limits.js'
import { isX25519Key } from './public-keys.js'
import { bytes, id, uint, union, version, type Shaped } from './shape.js'
import { field, optional, struct } from './struct.js'

/** An envelope's id: 16 random bytes, new for each device and each encryption. */
export const envelopeId = id(16)

/** Where an envelope goes. Mailbox ids (tag 2) are kept for sealed sender. */
export const recipient = union({
  address: [1, struct({ address: field(1, address) })],
  mailbox: [2, struct({ mailbox: field(1, bytes(16, 64)) })],
})

/** What the relay sees. It never parses `body`. */
export const envelope = struct({
  v: field(1, version(1)),
  id: field(2, envelopeId),
  to: field(3, recipient),
  body: field(4, bytes(1, limits.body)),
  ext: field(5, ext),
})
export type Envelope = Shaped<typeof envelope>

/** Who sent an envelope, by the relay's word. For limits and for looking up a list; never proof. */
export const sender = struct({
  account: field(1, accountName),
  accountId: field(2, accountId),
  device: field(3, deviceId),
})
export type Sender = Shaped<typeof sender>

/** An envelope as it is delivered. `at`: the relay's stamp of its batch, milliseconds since 1970. */
export const stampedEnvelope = struct({
  envelope: field(1, envelope),
  from: optional(2, sender),
  at: field(3, uint()),
  tag: optional(4, bytes(1, 1024)),
})
export type StampedEnvelope = Shaped<typeof stampedEnvelope>

/** A session's name: the first 16 bytes of a hash over all that makes it what it is. */
export const sessionNameShape = id(16)

const body = union({
  /** Starts a session: base key (32 bytes) and generation say which. */
  first: [
    1,
    struct({
      baseKey: field(1, bytes(32)),
      generation: field(2, uint(0xffff_ffff, 1)),
      ciphertext: field(3, bytes(1, limits.body)),
      ext: field(4, ext),
    }),
  ],
  later: [
    2,
    struct({
      session: field(1, sessionNameShape),
      ciphertext: field(2, bytes(1, limits.body)),
      ext: field(3, ext),
    }),
  ],
})
export type Body = Shaped<typeof body>

/** Suite 1 is X3DH and the Double Ratchet of `@sotto/signal`. */
export const suites = Object.freeze({ signal: 1 } as const)

/** The suite number (one byte), then the CBOR of that suite. */
export function encodeBody(suite: number, value: Body): Uint8Array {
  check(Number.isInteger(suite) && suite > 0 && suite < 256, 'wrong-argument', { name: 'suite' })
  return concatBytes(Uint8Array.of(suite), encode(body, value))
}

/** Reads an envelope's body. Throws `unsupported-version` for a suite that is newer than us, `malformed` otherwise. */
export function decodeBody(encoded: Uint8Array): { readonly suite: number; readonly body: Body } {
  const [suite] = encoded
  if (suite === undefined) throw new SottoError('malformed', { what: 'body' })
  check(suite !== 0, 'malformed', { what: 'suite' })
  check(suite === suites.signal, 'unsupported-version', { what: 'suite' })
  const value = decode(body, encoded.subarray(1), limits.body)
  understand(value.ext)
  check(value.type !== 'first' || isX25519Key(value.baseKey), 'malformed', { what: 'baseKey' })
  return { suite, body: value }
}

export const encodeStampedEnvelope = (value: StampedEnvelope): Uint8Array =>
  encode(stampedEnvelope, value, value.envelope.body.length + 512)
export const decodeStampedEnvelope = (value: Uint8Array): StampedEnvelope =>
  decode(stampedEnvelope, value, limits.body + 8 * 1024)
