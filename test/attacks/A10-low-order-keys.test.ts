import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { assert, test } from '#test'
import {
  algorithms,
  concatBytes,
  decodeBody,
  encodeBody,
  fromHex,
  preKeyKinds,
  signDeviceList,
  startChain,
  suites,
  toHex,
  verifyPreKey,
  verifySignature,
} from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import {
  chainOf,
  deviceNo,
  extended,
  filled,
  firstBody,
  firstList,
  nextList,
  now,
  oneTimePreKey,
  ownerNo,
  realm,
  recoveryKeyNo,
  recoveryNo,
  signedBy,
  signedPreKey,
  signerNo,
} from '../protocol/made.js'
import { refuses, rejects } from '../protocol/refuses.js'
import { lowOrderKeys, nonCanonicalKeys } from '../signal/odd-keys.js'
import { Device } from '../signal/two-devices.js'

const owner = { realm, account: 'alice' }
const x = (bytes: Uint8Array) => ({ alg: algorithms.x25519, bytes })
const ed = (bytes: Uint8Array) => ({ alg: algorithms.ed25519, bytes })

/** Every encoding of a point of small order that Ed25519 knows: the eight that are canonical, and those that are not. */
const smallOrderKeys: readonly Uint8Array[] = [
  ...ED25519_TORSION_SUBGROUP.map(fromHex),
  // 0, 1 and p - 1 with the other sign; p and p + 1, which are 0 and 1, with both.
  ...['00', '01', 'ec', 'ed', 'ee'].flatMap((low) => {
    const rest = low === '00' || low === '01' ? '00'.repeat(30) : 'ff'.repeat(30)
    const top = low === '00' || low === '01' ? ['00', '80'] : ['7f', 'ff']
    return top.map((high) => fromHex(low + rest + high))
  }),
]

test('A10 control: keys as every device makes them are taken in each of those places', async () => {
  const chain = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  await extended(chain, { devices: [deviceNo(1), deviceNo(2)] }, [signerNo(1), signerNo(2)])
  verifyPreKey(await signedBy(signedPreKey(chain, 1), 1), ownerNo(chain, 1), preKeyKinds.signed, now)
  verifyPreKey(await signedBy(oneTimePreKey(chain, 1), 1), ownerNo(chain, 1), preKeyKinds.oneTime, now)
  decodeBody(encodeBody(suites.signal, firstBody()))
})

test('A10 none of the twelve encodings that X25519 sends to zero is a key on a list, in a prekey or in a first message', async () => {
  const all = new Set(lowOrderKeys.map(toHex))
  assert.equal(all.size, 12)
  const chain = await chainOf('alice', 1)
  for (const bytes of [...lowOrderKeys, ...nonCanonicalKeys]) {
    const first = firstList('alice', 1, { devices: [{ ...deviceNo(1), identityKey: x(bytes) }] })
    await rejects(
      signDeviceList(first, [signerNo(1)]).then((object) => startChain(object, owner)),
      'malformed',
      'identityKey',
    )
    const devices = [deviceNo(1), { ...deviceNo(2), identityKey: x(bytes) }]
    await rejects(extended(chain, { devices }, [signerNo(1), signerNo(2)]), 'malformed', 'identityKey')
    const signed = await signedBy(signedPreKey(chain, 1, { key: x(bytes) }), 1)
    refuses(() => verifyPreKey(signed, ownerNo(chain, 1), preKeyKinds.signed, now), 'bad-prekey')
    const oneTime = await signedBy(oneTimePreKey(chain, 1, { key: x(bytes) }), 1)
    refuses(() => verifyPreKey(oneTime, ownerNo(chain, 1), preKeyKinds.oneTime, now), 'bad-prekey')
    refuses(
      () => decodeBody(encodeBody(suites.signal, firstBody({ baseKey: bytes }))),
      'malformed',
      'baseKey',
    )
  }
})

test('A10 no point of small order is a signing or a recovery key on a list', async () => {
  const chain = await chainOf('alice', 1)
  for (const bytes of smallOrderKeys) {
    const first = firstList('alice', 1, { devices: [{ ...deviceNo(1), signingKey: ed(bytes) }] })
    await rejects(
      signDeviceList(first, [signerNo(1)]).then((object) => startChain(object, owner)),
      'malformed',
      'signingKey',
    )
    const devices = [deviceNo(1), { ...deviceNo(2), signingKey: ed(bytes) }]
    await rejects(extended(chain, { devices }, [signerNo(1), signerNo(2)]), 'malformed', 'signingKey')
    await rejects(extended(chain, { recoveryKey: ed(bytes) }, [signerNo(1)]), 'malformed', 'recoveryKey')
  }
})

test('A10 no key of small order signs anything, not with the signature that fits every message', () => {
  // With S = 0 and R of small order, a verifier without this rule takes what nobody signed.
  let elsewhere = 0
  for (const key of smallOrderKeys) {
    for (const r of smallOrderKeys) {
      const signature = concatBytes(r, filled(32, 0))
      const message = filled(3, 1)
      assert.isFalse(verifySignature(key, message, signature))
      if (ed25519.verify(signature, message, key, { zip215: true })) elsewhere++
    }
  }
  assert.isAbove(elsewhere, 100)
})

test('A10 no signature has an R of small order, under a key that is fine, though its owner can make one that adds up', () => {
  const secret = filled(32, 9)
  const key = ed25519.getPublicKey(secret)
  const { scalar } = ed25519.utils.getExtendedPublicKey(secret)
  const order = ed25519.Point.CURVE().n
  const message = filled(3, 1)
  for (const hex of ED25519_TORSION_SUBGROUP) {
    const r = fromHex(hex)
    const challenge = numberOf(sha512(concatBytes(r, key, message))) % order
    const s = (challenge * scalar) % order
    const signature = concatBytes(
      r,
      Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n)),
    )
    assert.isTrue(ed25519.verify(signature, message, key, { zip215: false }), 'elsewhere it adds up')
    assert.isFalse(verifySignature(key, message, signature))
  }
})

/** The number that bytes are, the least of them first. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n)
}

test('A10 nobody recovers an account with a key of small order, whose signatures anybody could make', async () => {
  const chain = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  const list = nextList(chain, { devices: [deviceNo(3)] })
  const genuine = await signDeviceList(list, [recoveryNo(9), signerNo(3)])
  const [, own] = genuine.signed
  if (own === undefined) throw new Error('two signers')
  for (const by of smallOrderKeys) {
    const forged = {
      bytes: genuine.bytes,
      signed: [{ by, signatures: [{ alg: 1, bytes: concatBytes(by, filled(32, 0)) }] }, own],
    }
    await rejects(
      extended({ ...chain, head: forged }, { devices: [deviceNo(3)] }, [
        { by, sign: () => Promise.resolve(concatBytes(by, filled(32, 0))) },
        signerNo(3),
      ]),
      'bad-signature',
    )
  }
})

test('A10 control: the cipher starts and reads a session with keys that are fine', async () => {
  const cipher = await createSignalCipher()
  const [hers, his] = [await Device.create(cipher), await Device.create(cipher)]
  await hers.start(his.bundle())
  assert.equal(toHex(await his.decrypt(hers, await hers.encrypt(filled(3, 1)))), '010101')
})

test('A10 the cipher starts no session with any of the twelve, in any place of a bundle', async () => {
  const cipher = await createSignalCipher()
  const [hers, his] = [await Device.create(cipher), await Device.create(cipher)]
  const bundle = his.bundle()
  const { preKey } = bundle
  if (preKey === undefined) throw new Error('a one-time prekey')
  for (const key of [...lowOrderKeys, ...nonCanonicalKeys]) {
    await rejects(hers.start({ ...bundle, identityKey: key }), 'malformed')
    await rejects(hers.start({ ...bundle, signedPreKey: { ...bundle.signedPreKey, key } }), 'malformed')
    await rejects(hers.start({ ...bundle, preKey: { ...preKey, key } }), 'malformed')
  }
  assert.isUndefined(hers.session)
})

test('A10 the cipher reads no message with any of the twelve where a key stands, and stays as good as it was', async () => {
  const cipher = await createSignalCipher()
  const [hers, his] = [await Device.create(cipher), await Device.create(cipher)]
  await hers.start(his.bundle())
  const ciphertext = await hers.encrypt(filled(3, 1))
  const header = cipher.inspect(ciphertext)
  if (header.kind !== 'first') throw new Error('a first message')
  const places = [header.baseKey, header.identityKey, header.ratchetKey]
  for (const place of places) {
    const at = placeOf(ciphertext, place)
    for (const key of lowOrderKeys) {
      const spoilt = ciphertext.slice()
      spoilt.set(key, at)
      let error: unknown
      await Promise.resolve()
        .then(() => his.decrypt(hers, spoilt))
        .catch((thrown: unknown) => (error = thrown))
      const code = (error as { readonly code?: string } | undefined)?.code
      assert.include(['malformed', 'identity-mismatch', 'undecryptable'], code)
      assert.isUndefined(his.session)
    }
  }
  assert.equal(toHex(await his.decrypt(hers, ciphertext)), '010101', 'and the message itself is still read')
})

/** Where a key stands in a ciphertext. */
function placeOf(ciphertext: Uint8Array, key: Uint8Array): number {
  const at = toHex(ciphertext).indexOf(toHex(key)) / 2
  if (!Number.isInteger(at) || at < 0) throw new Error('no such key in there')
  return at
}

test('A10 the small-order keys of these tests are what they are called', () => {
  for (const hex of ED25519_TORSION_SUBGROUP) assert.isTrue(ed25519.Point.fromHex(hex).isSmallOrder())
  for (const key of smallOrderKeys) {
    const point = (() => {
      try {
        return ed25519.Point.fromBytes(key, true)
      } catch {
        return undefined
      }
    })()
    assert.isTrue(point === undefined || point.isSmallOrder(), toHex(key))
  }
})
