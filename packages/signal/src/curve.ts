import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { SottoError, check, concatBytes, equalBytes, randomBytes } from '@sotto/protocol'
import type { LibraryCurve, LibraryKeyPair } from '#library'
import type { Handles } from './handles.js'
import { checkPublicKey } from './public-key.js'
import { bufferOf } from './typed-key.js'
import type { X25519 } from './x25519.js'

/**
 * The curve that the library is given. It checks every key and every result itself, whatever was checked
 * before.
 */
export class Curve implements LibraryCurve {
  readonly #x25519: X25519
  readonly #handles: Handles
  readonly #endorsing = randomBytes(32)

  constructor(x25519: X25519, handles: Handles) {
    this.#x25519 = x25519
    this.#handles = handles
  }

  /**
   * A fresh pair. The library brings 32 random bytes of the same generator for it; the platform's own key
   * generation is as good and faster.
   */
  async keyPair(): Promise<LibraryKeyPair> {
    const { publicKey, half, secret } = await this.#x25519.generate({ extractable: true })
    if (secret === undefined) throw new SottoError('self-check-failed')
    const privKey = bufferOf(secret)
    this.#handles.set(privKey, half)
    return { pubKey: bufferOf(publicKey), privKey }
  }

  /** Throws `malformed` for a key that is not canonical or of low order, and for a result of zero. */
  async sharedSecret(pubKey: ArrayBuffer, privKey: ArrayBuffer): Promise<ArrayBuffer> {
    const publicKey = new Uint8Array(pubKey)
    checkPublicKey(publicKey, 'public key')
    const half = this.#handles.get(privKey) ?? (await this.#x25519.load(new Uint8Array(privKey)))
    const secret = await this.#x25519.agree(half, publicKey)
    check(secret.length === 32 && secret.some((byte) => byte !== 0), 'malformed', { what: 'public key' })
    return bufferOf(secret)
  }

  /**
   * The library asks for a signature of the signed prekey by the identity key. Sotto's bundles are signed by
   * the device's Ed25519 key, and the caller has verified that. This vouches for the pair to the library, for
   * this curve alone: 64 bytes under a key nobody else has.
   */
  endorse(identityKey: Uint8Array, signedPreKey: ArrayBuffer): ArrayBuffer {
    return bufferOf(hmac(sha512, this.#endorsing, concatBytes(identityKey, new Uint8Array(signedPreKey))))
  }

  /** Answers true for INVALID: that is what the library takes as a reason to throw. */
  verify(pubKey: ArrayBuffer, message: ArrayBuffer, signature: ArrayBuffer): boolean {
    if (pubKey.byteLength !== 32 || message.byteLength !== 33 || signature.byteLength !== 64) return true
    const valid = equalBytes(
      new Uint8Array(this.endorse(new Uint8Array(pubKey), message)),
      new Uint8Array(signature),
    )
    return !valid
  }

  sign(): never {
    throw new SottoError('wrong-argument', { name: 'sign' })
  }
}
