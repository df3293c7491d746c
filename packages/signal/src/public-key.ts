import { ed25519 } from '@noble/curves/ed25519.js'
import { check, isX25519Key } from '@sotto/protocol'

const field = ed25519.Point.Fp

/**
 * Checks an X25519 public key of 32 bytes: canonical, and not of low order. `what` names it in the error.
 * Throws `malformed`.
 */
export function checkPublicKey(key: Uint8Array, what: string): void {
  check(isX25519Key(key), 'malformed', { what })
}

/**
 * Checks that a public key lies in the group of prime order: on the curve, not on its twist, and without a
 * part of small order. A key plus a point of small order agrees on the same secrets, so that a relay could
 * replay a first message under another base key. For keys that come once a session: it costs most of a
 * millisecond. Throws `malformed`.
 */
export function checkPrimeOrder(key: Uint8Array, what: string): void {
  check(isPrimeOrder(key), 'malformed', { what })
}

function isPrimeOrder(key: Uint8Array): boolean {
  try {
    const u = field.fromBytes(key)
    const y = field.div(field.sub(u, field.ONE), field.add(u, field.ONE))
    return ed25519.Point.fromBytes(field.toBytes(y)).isTorsionFree()
  } catch {
    return false
  }
}
