import { SottoError, check, randomBytes } from '@sotto/protocol'
import type { OwnKey } from '@sotto/core/ports'
import type { LibraryKeyPair } from '#library'
import { bufferOf, typedKey } from './typed-key.js'
import { fromPkcs8, type PrivateHalf, type X25519 } from './x25519.js'

/**
 * What the library holds instead of private keys that it must not see: buffers of 32 random bytes, which mean
 * a key to our curve and nothing to anybody else. A handle is the buffer itself, not its bytes, so it goes
 * when the call that made it is over.
 */
export class Handles {
  readonly #halves = new WeakMap<ArrayBuffer, PrivateHalf>()

  get(handle: ArrayBuffer): PrivateHalf | undefined {
    return this.#halves.get(handle)
  }

  set(handle: ArrayBuffer, half: PrivateHalf): void {
    this.#halves.set(handle, half)
  }

  /**
   * A key pair of ours as the library is shown it. Throws `store-damaged` where the private half is not an
   * X25519 key.
   */
  async show({ publicKey, privateKey }: OwnKey, x25519: X25519): Promise<LibraryKeyPair> {
    check(publicKey instanceof Uint8Array && publicKey.length === 32, 'store-damaged', { what: 'public key' })
    return this.handOver(await halfOf(privateKey, x25519), publicKey)
  }

  handOver(half: PrivateHalf, publicKey: Uint8Array): LibraryKeyPair {
    const privKey = bufferOf(randomBytes(32))
    this.set(privKey, half)
    return { pubKey: typedKey(publicKey), privKey }
  }
}

/** Some stores give a stored `CryptoKey` back as null, so that its type is no promise. */
async function halfOf(privateKey: unknown, x25519: X25519): Promise<PrivateHalf> {
  if (privateKey instanceof Uint8Array) return x25519.load(fromPkcs8(privateKey))
  if (!(privateKey instanceof CryptoKey)) throw new SottoError('store-damaged', { what: 'private key' })
  check(privateKey.type === 'private' && privateKey.algorithm.name === 'X25519', 'store-damaged', {
    what: 'private key',
  })
  return privateKey
}
