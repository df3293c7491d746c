import { ed25519 } from '@noble/curves/ed25519.js'

/**
 * The one verifier of Ed25519 signatures (RFC 8032, section 5.1.7), the same on every platform, because WebCrypto's differ: canonical
 * encodings, S below the group order, neither the key nor R of small order. `publicKey` is 32 bytes, `signature` 64. Never throws.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    if (ed25519.Point.fromBytes(signature.subarray(0, 32), false).isSmallOrder()) return false
    if (ed25519.Point.fromBytes(publicKey, false).isSmallOrder()) return false
    return ed25519.verify(signature, message, publicKey, { zip215: false }) === true
  } catch {
    return false
  }
}
