import { labelled, type Label } from './labels.js'
import { limits } from './limits.js'
import { bytes, list, uint, type Shaped } from './shape.js'
import { field, struct } from './struct.js'
import { decode, encode } from './codec.js'

/** Algorithms of keys and signatures. Numbers from 3 are free for later ones. */
export const algorithms = Object.freeze({ ed25519: 1, x25519: 2 } as const)

/** A public key: its algorithm, and its bytes, which only that algorithm knows how to read. */
export const key = struct({ alg: field(1, uint(255, 1)), bytes: field(2, bytes(1, limits.key)) })
export type Key = Shaped<typeof key>

const signature = struct({ alg: field(1, uint(255, 1)), bytes: field(2, bytes(1, limits.signature)) })

/** Who signed: a device's id (16 bytes) or a recovery key (32 bytes and more), and by which algorithms. */
const signer = struct({
  by: field(1, bytes(16, limits.key)),
  signatures: field(2, list(signature, limits.signaturesPerSigner, 1)),
})

/** A signed object: the very bytes that were signed, and who signed them. It is passed on as it came. */
export const signed = struct({
  bytes: field(1, bytes(1, limits.deviceList)),
  signed: field(2, list(signer, limits.devices + 2, 1)),
})
export type Signed = Shaped<typeof signed>

/** The largest encoding of a signed object, in bytes. */
export const signedMax =
  limits.deviceList +
  (limits.devices + 2) * (limits.key + limits.signaturesPerSigner * (limits.signature + 16) + 64)

export const encodeSigned = (value: Signed): Uint8Array => encode(signed, value)
export const decodeSigned = (value: Uint8Array): Signed => decode(signed, value, signedMax)

/** Signs bytes with an Ed25519 key: 64 bytes. */
export type Sign = (bytes: Uint8Array) => Promise<Uint8Array>

export interface Signer {
  /** A device's id (16 bytes) or a recovery key's public half (32 bytes). */
  readonly by: Uint8Array
  readonly sign: Sign
}

/** Signs `bytes` under `label` for each signer. */
export async function signObject(
  label: Label,
  bytes: Uint8Array,
  signers: readonly Signer[],
): Promise<Signed> {
  const message = labelled(label, bytes)
  const done: Signed['signed'][number][] = []
  for (const { by, sign } of signers) {
    done.push({ by, signatures: [{ alg: algorithms.ed25519, bytes: await sign(message) }] })
  }
  return { bytes, signed: done }
}
