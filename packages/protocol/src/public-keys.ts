import { toHex } from './bytes.js'

/**
 * The u coordinates of low order that are canonical: 0, 1, two of order 8, and p - 1. X25519 sends each of them to zero. The other seven of
 * the twelve encodings that do so are not canonical.
 */
const lowOrderX25519: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** The y coordinates of the points of small order of Ed25519, whatever the sign of x: 0, 1, two of order 8, and p - 1. */
const smallOrderEd25519: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** Whether 32 bytes, little endian, are a number below p = 2^255 - 19: other encodings give one key several names. */
function isBelowP(bytes: Uint8Array): boolean {
  if (bytes[31] !== 0x7f) return (bytes[31] ?? 0xff) < 0x7f
  for (let i = 30; i > 0; i--) if (bytes[i] !== 0xff) return true
  return (bytes[0] ?? 0xff) < 0xed
}

/** Whether `bytes` may be an X25519 public key (RFC 7748): 32 bytes, canonical, not of low order. */
export function isX25519Key(bytes: Uint8Array): boolean {
  return (
    bytes instanceof Uint8Array && bytes.length === 32 && isBelowP(bytes) && !lowOrderX25519.has(toHex(bytes))
  )
}

/** Whether `bytes` may be an Ed25519 public key (RFC 8032): 32 bytes, canonical, not of small order. That it is a point shows when it verifies. */
export function isEd25519Key(bytes: Uint8Array): boolean {
  if (!(bytes instanceof Uint8Array) || bytes.length !== 32) return false
  const y = new Uint8Array(bytes)
  y[31] = (y[31] ?? 0) & 0x7f
  return isBelowP(y) && !smallOrderEd25519.has(toHex(y))
}
