import { ed25519 } from '@noble/curves/ed25519.js'
import { isEd25519Key } from './public-keys.js'

/**
 * The one verifier of Ed25519 signatures (RFC 8032, section 5.1.7), the same on every platform, because WebCrypto's differ: canonical
 * encodings, S below the group order, neither the key nor R of small order. `publicKey` is 32 bytes, `signature` 64. Never throws.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!(signature instanceof Uint8Array) || signature.length !== 64) return false
  // R is a point like a key is: canonical, and not of small order.
  if (!isEd25519Key(publicKey) || !isEd25519Key(signature.subarray(0, 32))) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false }) === true
  } catch {
    return false
  }
}
