import { ed25519 } from '@noble/curves/ed25519.js'

/** Ed25519 (RFC 8032) for platforms whose WebCrypto has none, or whose store keeps no keys. `seed`: 32 bytes. Loaded where it is needed. */
export const signWithSeed = (bytes: Uint8Array, seed: Uint8Array): Uint8Array => ed25519.sign(bytes, seed)

/** The public key of a seed: 32 bytes. */
export const publicKeyOf = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed)
