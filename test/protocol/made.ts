import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import {
  algorithms,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  encodeDeviceList,
  extendChain,
  labelled,
  labels,
  limits,
  pairOf,
  preKeyKinds,
  referenceTo,
  signDeviceList,
  signPreKey,
  signerId,
  startChain,
  suites,
  textBody,
  toHex,
  type Address,
  type Body,
  type Chain,
  type Content,
  type Device,
  type DeviceList,
  type Envelope,
  type PreKey,
  type Signed,
  type Signer,
} from '@sotto/protocol'

/** Wire objects that are the same in every run, made of keys that anybody can make again. */

export const realm = 'example.com'
/** 2026-01-01, in milliseconds since 1970. */
export const now = 1_767_225_600_000

/** `length` bytes, all of them `value`. */
export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)
export const idOf = (value: number, length = 16): string => toHex(filled(length, value))

/** The key pair whose private half is `value`, 32 times. */
export function signingPair(value: number): {
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
} {
  const secret = filled(32, value)
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: (bytes) => Promise.resolve(ed25519.sign(bytes, secret)),
  }
}

export const agreementKey = (value: number): Uint8Array => x25519.getPublicKey(filled(32, value))

/** A device whose id and keys are made of `value`. */
export function deviceNo(value: number): Device {
  return {
    id: idOf(value),
    signingKey: { alg: algorithms.ed25519, bytes: signingPair(value).publicKey },
    identityKey: { alg: algorithms.x25519, bytes: agreementKey(value) },
    capabilities: [suites.signal],
    addedAt: now,
  }
}

/** What `deviceNo(value)` signs with. */
export const signerNo = (value: number): Signer => ({
  by: signerId(idOf(value)),
  sign: signingPair(value).sign,
})

export const recoveryKeyNo = (value: number) => ({
  alg: algorithms.ed25519,
  bytes: signingPair(value).publicKey,
})
export const recoveryNo = (value: number): Signer => ({
  by: signingPair(value).publicKey,
  sign: signingPair(value).sign,
})

/** The first list of an account whose first device is `value`. */
export function firstList(account: string, value: number, change: Partial<DeviceList> = {}): DeviceList {
  return {
    v: 1,
    realm,
    account,
    era: 0,
    sequence: 1,
    previous: null,
    nonce: filled(16, value),
    devices: [deviceNo(value)],
    recoveryKey: null,
    madeAt: now,
    ext: emptyExt,
    ...change,
  }
}

export async function chainOf(
  account: string,
  value: number,
  change: Partial<DeviceList> = {},
): Promise<Chain> {
  const object = await signDeviceList(firstList(account, value, change), [signerNo(value)])
  return startChain(object, { realm, account })
}

/** The list after a chain's newest. */
export function nextList({ list, hash }: Chain, change: Partial<DeviceList> = {}): DeviceList {
  return { ...list, sequence: list.sequence + 1, previous: hash, nonce: filled(16, 0xee), ...change }
}

export async function extended(
  chain: Chain,
  change: Partial<DeviceList>,
  signers: readonly Signer[],
): Promise<Chain> {
  return extendChain(chain, await signDeviceList(nextList(chain, change), signers))
}

/** Signs bytes as a device list without asking whether they are one. */
export async function signAsList(bytes: Uint8Array, signers: readonly Signer[]): Promise<Signed> {
  const message = labelled(labels.deviceList, bytes)
  const signed = await Promise.all(
    signers.map(async ({ by, sign }) => ({
      by,
      signatures: [{ alg: algorithms.ed25519, bytes: await sign(message) }],
    })),
  )
  return { bytes, signed }
}

export { encodeDeviceList }

/** A signed prekey of a chain's device `value`. */
export function signedPreKey(chain: Chain, value: number, change: Partial<PreKey> = {}): PreKey {
  return {
    ...oneTimePreKey(chain, value),
    kind: preKeyKinds.signed,
    expiresAt: now + limits.signedPreKeyMs,
    newest: referenceTo(chain),
    ...change,
  }
}

export function oneTimePreKey({ accountId }: Chain, value: number, change: Partial<PreKey> = {}): PreKey {
  return {
    realm,
    accountId,
    device: idOf(value),
    kind: preKeyKinds.oneTime,
    id: 7,
    key: { alg: algorithms.x25519, bytes: agreementKey(value + 100) },
    madeAt: now,
    ext: emptyExt,
    ...change,
  }
}

export const ownerNo = ({ accountId }: Chain, value: number) => ({
  realm,
  accountId,
  device: idOf(value),
  signingKey: signingPair(value).publicKey,
})

export const signedBy = (value: PreKey, signer: number): Promise<Signed> =>
  signPreKey(value, signingPair(signer).sign)

export const addressNo = (account: string, accountId: string, value: number): Address => ({
  realm,
  account,
  accountId,
  device: idOf(value),
})

export const alice = addressNo('alice', idOf(0xa1, 32), 1)
export const bob = addressNo('bob', idOf(0xb0, 32), 2)

const body = (text: string) => encodeBodyOf(textBody, { text, ranges: [], ext: emptyExt })

/** A text from Alice's first device to Bob's. */
export function contentOf(text: string, change: Partial<Content['header']> = {}): Content {
  return {
    header: {
      from: alice,
      to: bob,
      conversation: pairOf(alice, bob),
      messageId: idOf(0x33),
      number: { run: 1, n: 2 },
      since: { run: 1, n: 1 },
      session: idOf(0x44),
      lists: [alice, bob].map(({ accountId }) => ({ accountId, era: 0, sequence: 1, hash: idOf(0x55, 32) })),
      clock: { ms: now, logical: 3 },
      frankingKey: filled(32, 0x66),
      shownIfUnknown: true,
      ext: emptyExt,
      ...change,
    },
    type: contentTypes.text.type,
    body: body(text),
  }
}

export const firstBody = (change: object = {}): Body => ({
  type: 'first',
  baseKey: agreementKey(9),
  generation: 1,
  ciphertext: filled(40, 0x77),
  ext: emptyExt,
  ...change,
})

export const laterBody = (change: object = {}): Body => ({
  type: 'later',
  session: idOf(0x44),
  ciphertext: filled(40, 0x77),
  ext: emptyExt,
  ...change,
})

export const envelopeTo = (to: Address, bytes: Uint8Array): Envelope => ({
  v: 1,
  id: idOf(0x88),
  to: { type: 'address', address: to },
  body: bytes,
  ext: emptyExt,
})
