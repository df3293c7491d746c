import { x25519 as noble } from '@noble/curves/ed25519.js'
import { SottoError, check, equalBytes, fromHex, randomBytes } from '@sotto/protocol'
import { bufferOf } from './typed-key.js'

/** A private key in the form that an implementation computes with: a `CryptoKey`, or its 32 bytes. */
export type PrivateHalf = CryptoKey | Uint8Array

/** A fresh pair. `secret` is the private half's 32 bytes, where it can be taken out. */
export interface FreshPair {
  readonly publicKey: Uint8Array
  readonly half: PrivateHalf
  readonly secret: Uint8Array | undefined
}

/** X25519 (RFC 7748, section 5), without any check of what it is given. Private keys are clamped. */
export interface X25519 {
  generate(options: { readonly extractable: boolean }): Promise<FreshPair>
  /** Takes in a private key of 32 bytes. */
  load(secret: Uint8Array): Promise<PrivateHalf>
  agree(half: PrivateHalf, publicKey: Uint8Array): Promise<Uint8Array>
}

const algorithm = Object.freeze({ name: 'X25519' })

/** PKCS#8 (RFC 8410) of an X25519 private key is these 16 bytes, then the key's 32. */
const pkcs8Prefix = fromHex('302e020100300506032b656e04220420')

export function toPkcs8(secret: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(48)
  bytes.set(pkcs8Prefix)
  bytes.set(secret, 16)
  return bytes
}

/** Throws `store-damaged`: such bytes come from our own store and nowhere else. */
export function fromPkcs8(bytes: Uint8Array): Uint8Array {
  check(bytes.length === 48 && equalBytes(bytes.subarray(0, 16), pkcs8Prefix), 'store-damaged', {
    what: 'private key',
  })
  return bytes.slice(16)
}

export const webX25519: X25519 = Object.freeze<X25519>({
  async generate({ extractable }) {
    const pair = (await crypto.subtle.generateKey(algorithm, extractable, ['deriveBits'])) as CryptoKeyPair
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
    const secret = extractable
      ? fromPkcs8(new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)))
      : undefined
    return { publicKey, half: pair.privateKey, secret }
  },

  load(secret) {
    return crypto.subtle.importKey('pkcs8', bufferOf(toPkcs8(secret)), algorithm, false, ['deriveBits'])
  },

  async agree(half, publicKey) {
    if (half instanceof Uint8Array) throw new SottoError('wrong-argument', { name: 'private key' })
    const key = await crypto.subtle.importKey('raw', bufferOf(publicKey), algorithm, false, [])
    return new Uint8Array(await crypto.subtle.deriveBits({ ...algorithm, public: key }, half, 256))
  },
})

/** For browsers whose WebCrypto has no X25519 yet. Private halves are then bytes. */
export const scriptX25519: X25519 = Object.freeze<X25519>({
  async generate() {
    const secret = randomBytes(32)
    return { publicKey: noble.getPublicKey(secret), half: secret, secret }
  },

  async load(secret) {
    return secret
  },

  async agree(half, publicKey) {
    if (!(half instanceof Uint8Array)) throw new SottoError('wrong-argument', { name: 'private key' })
    return noble.scalarMult(half, publicKey)
  },
})

/**
 * The platform's X25519 where it has one. Whether it computes the right thing is the self-test's business.
 */
export async function chooseX25519(): Promise<X25519> {
  try {
    const { secret } = await webX25519.generate({ extractable: true })
    await webX25519.load(secret ?? new Uint8Array(0))
    return webX25519
  } catch {
    return scriptX25519
  }
}
