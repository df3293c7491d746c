import { SottoError, randomBytes, toHex } from '@sotto/protocol'
import type { KeyPolicy, Store } from '@sotto/core/ports'

const table = 'probe'

/**
 * Finds out whether the platform makes Ed25519 and X25519 keys and the store keeps them: stores a non-extractable pair of each, reads the
 * private halves back in another transaction and uses them. Some browsers lack a curve, some give null back, some throw. Leaves nothing
 * behind. Rejects as the store does.
 */
export async function probeKeyStorage(store: Store): Promise<KeyPolicy> {
  const { subtle } = globalThis.crypto
  let pairs: readonly [CryptoKeyPair, CryptoKeyPair]
  try {
    pairs = await Promise.all([
      subtle.generateKey('Ed25519', false, ['sign', 'verify']),
      subtle.generateKey('X25519', false, ['deriveBits']) as Promise<CryptoKeyPair>,
    ])
  } catch {
    return 'wrapped'
  }
  const keys = [toHex(randomBytes(16)), toHex(randomBytes(16))] as const
  try {
    await store.commit(
      keys.map((key, i) => ({ kind: 'put', table, key, value: pairs[i === 0 ? 0 : 1].privateKey })),
    )
  } catch (error) {
    if (SottoError.is(error, 'no-crypto')) return 'wrapped'
    throw error
  }
  try {
    const [signing, agreement] = await Promise.all(keys.map((key) => store.get(table, key)))
    const works = await Promise.all([signs(pairs[0], signing?.value), agrees(pairs[1], agreement?.value)])
    return works.every(Boolean) ? 'crypto-key' : 'wrapped'
  } finally {
    await store.commit(keys.map((key) => ({ kind: 'delete', table, key })))
  }
}

async function signs(pair: CryptoKeyPair, stored: unknown): Promise<boolean> {
  const message = new Uint8Array(8)
  try {
    const signature = await globalThis.crypto.subtle.sign('Ed25519', stored as CryptoKey, message)
    return await globalThis.crypto.subtle.verify('Ed25519', pair.publicKey, signature, message)
  } catch {
    return false
  }
}

async function agrees(pair: CryptoKeyPair, stored: unknown): Promise<boolean> {
  const { subtle } = globalThis.crypto
  try {
    const other = (await subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair
    const [here, there] = await Promise.all([
      subtle.deriveBits({ name: 'X25519', public: other.publicKey }, stored as CryptoKey, 256),
      subtle.deriveBits({ name: 'X25519', public: pair.publicKey }, other.privateKey, 256),
    ])
    return toHex(new Uint8Array(here)) === toHex(new Uint8Array(there))
  } catch {
    return false
  }
}
