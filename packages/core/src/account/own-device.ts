import {
  SottoError,
  check,
  encodeChain,
  decodeChain,
  randomBytes,
  suites,
  toHex,
  type Address,
  type Chain,
  type Device,
  type Sign,
} from '@sotto/protocol'
import type { KeyPolicy, OwnIdentity, PrivateKey, SessionCipher } from '../ports/index.js'
import type { RowReader, RowWriter } from '../store/rows.js'
import { keysTable, selfRows } from '../store/tables.js'

const signingName = 'signing'
const identityName = 'identity'

/** This device, ready to work: who it is, its identity key for sessions, its signature. */
export interface OwnDevice extends OwnIdentity {
  readonly address: Address
  readonly chain: Chain
  readonly published: boolean
  readonly policy: KeyPolicy
  readonly sign: Sign
}

/** Keys of a device that is on no list yet, and what a list says of it. */
export interface NewDevice {
  readonly device: Device
  readonly signing: PrivateKey
  readonly identity: PrivateKey
  readonly policy: KeyPolicy
  readonly sign: Sign
}

/** Makes a device: a random id, an Ed25519 signing key, an X25519 identity key. Nothing is stored yet. */
export async function makeDevice(cipher: SessionCipher, policy: KeyPolicy, now: number): Promise<NewDevice> {
  const [identity] = await cipher.generate('identity', 1, policy)
  check(identity !== undefined, 'no-crypto')
  const signing = await makeSigningKey(policy)
  const device: Device = {
    id: toHex(randomBytes(16)),
    signingKey: { alg: 1, bytes: signing.publicKey },
    identityKey: { alg: 2, bytes: identity.publicKey },
    capabilities: [suites.signal],
    addedAt: now,
  }
  return {
    device,
    signing: signing.privateKey,
    identity: identity.privateKey,
    policy,
    sign: signWith(signing.privateKey),
  }
}

/** Stages a device and the chain it is on. */
export function putDevice(rows: RowWriter, made: NewDevice, chain: Chain, published: boolean): void {
  rows.put(keysTable, signingName, made.signing)
  rows.put(keysTable, identityName, made.identity)
  selfRows.put(rows, 'self', {
    device: made.device.id,
    accountId: chain.accountId,
    signingKey: made.device.signingKey.bytes,
    identityKey: made.device.identityKey.bytes,
    wrapped: made.policy === 'wrapped',
    published,
    chain: encodeChain(chain),
  })
}

/** Stages a newer chain of our own account. */
export async function putOwnChain(rows: RowWriter, chain: Chain, published: boolean): Promise<void> {
  const row = await selfRows.get(rows, 'self')
  check(row !== undefined, 'store-damaged', { what: 'self' })
  selfRows.put(rows, 'self', { ...row, chain: encodeChain(chain), published: row.published || published })
}

/** Reads this device. `undefined` where there never was one; `store-damaged` where a part of it is missing or is null. */
export async function readDevice(rows: RowReader): Promise<OwnDevice | undefined> {
  const [row, signing, identity] = await Promise.all([
    selfRows.get(rows, 'self'),
    rows.get(keysTable, signingName),
    rows.get(keysTable, identityName),
  ])
  if (row === undefined) {
    check(signing === undefined && identity === undefined, 'store-damaged', { what: 'self' })
    return undefined
  }
  check(isPrivateKey(signing) && isPrivateKey(identity), 'store-damaged', { what: 'keys' })
  const chain = decodeChain(row.chain)
  check(chain.accountId === row.accountId, 'store-damaged', { what: 'chain' })
  const { realm, account, accountId } = chain
  return {
    address: { realm, account, accountId, device: row.device },
    chain,
    published: row.published,
    policy: row.wrapped ? 'wrapped' : 'crypto-key',
    identity: { publicKey: row.identityKey, privateKey: identity },
    sign: signWith(signing),
  }
}

/** Stages that this device, which no backend ever took, is forgotten. */
export function forgetDevice(rows: RowWriter): void {
  rows.delete(keysTable, signingName)
  rows.delete(keysTable, identityName)
  selfRows.delete(rows, 'self')
}

function isPrivateKey(value: unknown): value is PrivateKey {
  return value instanceof Uint8Array
    ? value.length > 0
    : typeof CryptoKey !== 'undefined' && value instanceof CryptoKey
}

/** An Ed25519 key pair, by WebCrypto where it has the curve. */
async function makeSigningKey(policy: KeyPolicy): Promise<{ publicKey: Uint8Array; privateKey: PrivateKey }> {
  const { subtle } = globalThis.crypto
  let pair: CryptoKeyPair
  try {
    pair = await subtle.generateKey('Ed25519', policy === 'wrapped', ['sign', 'verify'])
  } catch (cause) {
    if (policy === 'crypto-key') throw new SottoError('no-crypto', undefined, { cause })
    const seed = randomBytes(32)
    const { publicKeyOf } = await fallback()
    return { publicKey: publicKeyOf(seed), privateKey: seed }
  }
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  if (policy === 'crypto-key') return { publicKey, privateKey: pair.privateKey }
  const pkcs8 = new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey))
  return { publicKey, privateKey: pkcs8.slice(-32) }
}

/** Signs with a `CryptoKey`, or with the 32 bytes of an Ed25519 seed (RFC 8032, section 5.1.5). */
function signWith(key: PrivateKey): Sign {
  if (key instanceof Uint8Array) return async (bytes) => (await fallback()).signWithSeed(bytes, key)
  return async (bytes) =>
    new Uint8Array(await globalThis.crypto.subtle.sign('Ed25519', key, bytes as Uint8Array<ArrayBuffer>))
}

const fallback = () => import('./signing-fallback.js')
