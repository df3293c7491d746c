import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { assert, test } from '#test'
import {
  concatBytes,
  decodeSigned,
  encodeSigned,
  isEd25519Key,
  isX25519Key,
  labelled,
  labelledHash,
  labels,
  limits,
  signObject,
  toHex,
  utf8,
  verifyObject,
  verifySignature,
  type Label,
  type Signed,
} from '@sotto/protocol'
import { lowOrderKeys, nonCanonicalKeys } from '../signal/odd-keys.js'
import { agreementKey, filled, idOf, signerNo, signingPair } from './made.js'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

const bytes = utf8('what is signed')
const required = new Map([
  [idOf(1), signingPair(1).publicKey],
  [idOf(2), signingPair(2).publicKey],
])
const both = () => signObject(labels.deviceList, bytes, [signerNo(1), signerNo(2)])

test('an object that all required signers signed verifies, in whatever order they stand', async () => {
  const object = await both()
  verifyObject(labels.deviceList, object, required)
  verifyObject(labels.deviceList, { ...object, signed: [...object.signed].reverse() }, required)
})

test('a signer that is missing, twice there, or not asked for is refused', async () => {
  const { signed } = await both()
  const [first, second] = signed
  const third = (await signObject(labels.deviceList, bytes, [signerNo(3)])).signed[0]
  if (first === undefined || second === undefined || third === undefined) throw new Error('three signers')
  const wrong = [
    [],
    [first],
    [second],
    [first, first],
    [first, second, second],
    [first, second, third],
    [first, third],
  ]
  for (const some of wrong) {
    refuses(() => verifyObject(labels.deviceList, { bytes, signed: some }, required), 'bad-signature')
  }
})

test('each signature is checked with the key of whom it stands for', async () => {
  const { signed } = await both()
  const [first, second] = signed
  if (first === undefined || second === undefined) throw new Error('two signers')
  const swapped = [
    { by: first.by, signatures: second.signatures },
    { by: second.by, signatures: first.signatures },
  ]
  refuses(() => verifyObject(labels.deviceList, { bytes, signed: swapped }, required), 'bad-signature')
})

test('a signature under one label is none under another', async () => {
  const object = await both()
  for (const label of Object.values(labels)) {
    if (label !== labels.deviceList) refuses(() => verifyObject(label, object, required), 'bad-signature')
  }
})

test('one Ed25519 signature has to be there, and no second one', async () => {
  const object = await signObject(labels.preKey, bytes, [signerNo(1)])
  const one = new Map([[idOf(1), signingPair(1).publicKey]])
  const [signer] = object.signed
  const [signature] = signer?.signatures ?? []
  if (signer === undefined || signature === undefined) throw new Error('one signature')
  const having = (signatures: Signed['signed'][number]['signatures']): Signed => ({
    bytes,
    signed: [{ by: signer.by, signatures }],
  })
  const later = { alg: 9, bytes: filled(limits.signature, 9) }
  verifyObject(labels.preKey, having([signature, later]), one)
  verifyObject(labels.preKey, having([later, later, signature]), one)
  for (const wrong of [
    [],
    [later],
    [signature, signature],
    [{ ...signature, alg: 2 }],
    [{ ...signature, bytes: filled(64, 0) }, signature],
  ]) {
    refuses(() => verifyObject(labels.preKey, having(wrong), one), 'bad-signature')
  }
})

test('a signed object is passed on byte for byte', async () => {
  const encoded = encodeSigned(await both())
  assert.equal(toHex(encodeSigned(decodeSigned(encoded))), toHex(encoded))
})

test('signatures are up to 4 KiB and keys up to 2 KiB, four signatures a signer, ten signers', async () => {
  const { signed } = await both()
  const [one] = signed
  if (one === undefined) throw new Error('a signer')
  const signature = (length: number) => ({ alg: 9, bytes: filled(length, 1) })
  const having = (change: Partial<typeof one>) => encodeSigned({ bytes, signed: [{ ...one, ...change }] })
  having({
    signatures: Array.from({ length: limits.signaturesPerSigner }, () => signature(limits.signature)),
  })
  having({ by: filled(limits.key, 1) })
  refuses(() => having({ signatures: [signature(limits.signature + 1)] }), 'malformed')
  refuses(() => having({ signatures: Array.from({ length: 5 }, () => signature(1)) }), 'malformed')
  refuses(() => having({ signatures: [] }), 'malformed')
  refuses(() => having({ by: filled(15, 1) }), 'malformed')
  refuses(() => having({ by: filled(limits.key + 1, 1) }), 'malformed')
  refuses(
    () => encodeSigned({ bytes, signed: Array.from({ length: limits.devices + 3 }, () => one) }),
    'malformed',
  )
  refuses(() => encodeSigned({ bytes: new Uint8Array(), signed }), 'malformed')
  refuses(() => encodeSigned({ bytes: new Uint8Array(limits.deviceList + 1), signed }), 'malformed')
})

test('a label stands before what is signed with its length, so that no two can be taken for each other', () => {
  const all: readonly Label[] = Object.values(labels)
  assert.equal(new Set(all).size, all.length)
  for (const label of all) {
    assert.match(label, /^sotto\/[a-z-]+\/v1$/)
    const whole = labelled(label, utf8('x'))
    assert.equal(toHex(whole), toHex(concatBytes(Uint8Array.of(label.length), utf8(label), utf8('x'))))
    assert.equal(toHex(labelledHash(label, utf8('x'))), toHex(sha256(whole)))
  }
})

test('the verifier agrees with the signer, and with nothing that was changed', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 80 }),
      fc.nat(511),
      (secret, message, bit) => {
        const signature = ed25519.sign(message, secret)
        const key = ed25519.getPublicKey(secret)
        assert.isTrue(verifySignature(key, message, signature))
        const spoilt = signature.slice()
        spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.isFalse(verifySignature(key, message, spoilt))
        assert.isFalse(verifySignature(key, concatBytes(message, Uint8Array.of(0)), signature))
      },
    ),
    { seed, numRuns: 40 },
  )
})

test('the verifier answers false, and never throws, for what is no key and no signature', () => {
  const { publicKey } = signingPair(1)
  const signature = ed25519.sign(bytes, filled(32, 1))
  assert.isTrue(verifySignature(publicKey, bytes, signature))
  for (const key of [new Uint8Array(), filled(31, 1), filled(33, 1), filled(32, 0xff), filled(32, 2)]) {
    assert.isFalse(verifySignature(key, bytes, signature))
  }
  for (const wrong of [
    new Uint8Array(),
    signature.subarray(1),
    concatBytes(signature, Uint8Array.of(0)),
    filled(64, 0xff),
  ]) {
    assert.isFalse(verifySignature(publicKey, bytes, wrong))
  }
})

test('a signature whose S was raised by the group order is none', () => {
  const signature = ed25519.sign(bytes, filled(32, 1))
  const order = ed25519.Point.CURVE().n
  let s = order
  for (let i = 63; i >= 32; i--) s += BigInt(signature[i] ?? 0) << BigInt(8 * (i - 32))
  const raised = signature.slice()
  for (let i = 0; i < 32; i++) raised[32 + i] = Number((s >> BigInt(8 * i)) & 255n)
  assert.isFalse(verifySignature(signingPair(1).publicKey, bytes, raised))
})

test('an X25519 key is canonical and not of low order', () => {
  for (let i = 1; i < 20; i++) assert.isTrue(isX25519Key(agreementKey(i)))
  assert.lengthOf(lowOrderKeys, 12)
  for (const key of [...lowOrderKeys, ...nonCanonicalKeys]) assert.isFalse(isX25519Key(key), toHex(key))
  for (const length of [0, 31, 33]) assert.isFalse(isX25519Key(filled(length, 9)))
  const largest = filled(32, 0xff)
  largest[31] = 0x7f
  largest[0] = 0xeb
  assert.isTrue(isX25519Key(largest), 'p - 2')
  largest[0] = 0xed
  assert.isFalse(isX25519Key(largest), 'p')
  largest[15] = 0xfe
  assert.isTrue(isX25519Key(largest), 'far below p, though it begins and ends like p')
})

test('what is no bytes is no key', () => {
  for (const value of [
    undefined,
    null,
    'x'.repeat(32),
    Array.from({ length: 32 }, () => 9),
  ] as readonly unknown[]) {
    assert.isFalse(isX25519Key(value as Uint8Array))
    assert.isFalse(isEd25519Key(value as Uint8Array))
  }
})

test('an Ed25519 key is canonical and not of small order, whatever the sign of x', () => {
  for (let i = 1; i < 20; i++) assert.isTrue(isEd25519Key(signingPair(i).publicKey))
  for (let y = 0; y < 2; y++) assert.isFalse(isEd25519Key(Uint8Array.of(y, ...filled(31, 0))))
  for (const length of [0, 31, 33]) assert.isFalse(isEd25519Key(filled(length, 9)))
  const key = signingPair(1).publicKey
  const before = toHex(key)
  isEd25519Key(key)
  assert.equal(toHex(key), before, 'looking at a key does not change it')
})
