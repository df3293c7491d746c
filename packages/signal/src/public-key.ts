import { ed25519 } from '@noble/curves/ed25519.js'
import { check, toHex } from '@sotto/protocol'

/**
 * The u coordinates of low order that are canonical: 0, 1, two of order 8, and p - 1. The other seven of the
 * twelve encodings that X25519 sends to zero are not canonical (p, p + 1, and the twelve's top bits) and fall
 * to that check.
 */
const lowOrder: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

const field = ed25519.Point.Fp

/**
 * Whether the 32 bytes are a number below p = 2^255 - 19: RFC 7748 reads other encodings too, which gives one
 * key several names.
 */
function isCanonical(key: Uint8Array): boolean {
  if (key[31] !== 0x7f) return (key[31] ?? 0xff) < 0x7f
  for (let i = 30; i > 0; i--) if (key[i] !== 0xff) return true
  return (key[0] ?? 0xff) < 0xed
}

/**
 * Checks an X25519 public key of 32 bytes: canonical, and not of low order. `what` names it in the error.
 * Throws `malformed`.
 */
export function checkPublicKey(key: Uint8Array, what: string): void {
  check(key instanceof Uint8Array && key.length === 32, 'malformed', { what })
  check(isCanonical(key), 'malformed', { what })
  check(!lowOrder.has(toHex(key)), 'malformed', { what })
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
