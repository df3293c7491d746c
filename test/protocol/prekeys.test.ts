import { assert, test } from '#test'
import {
  algorithms,
  limits,
  preKeyKinds,
  signPreKey,
  toHex,
  verifyPreKey,
  type PreKey,
} from '@sotto/protocol'
import { lowOrderKeys, nonCanonicalKeys } from '../signal/odd-keys.js'
import {
  chainOf,
  filled,
  idOf,
  now,
  oneTimePreKey,
  ownerNo,
  signedBy,
  signedPreKey,
  signingPair,
} from './made.js'
import { rejects } from './refuses.js'

const made = async () => {
  const chain = await chainOf('alice', 1)
  const owner = ownerNo(chain, 1)
  const signedKind = async (change: Partial<PreKey> = {}, signer = 1, at = now) =>
    verifyPreKey(await signedBy(signedPreKey(chain, 1, change), signer), owner, preKeyKinds.signed, at)
  const oneTime = async (change: Partial<PreKey> = {}, signer = 1, at = now) =>
    verifyPreKey(await signedBy(oneTimePreKey(chain, 1, change), signer), owner, preKeyKinds.oneTime, at)
  return { chain, owner, signedKind, oneTime }
}

test('a signed prekey and a one-time prekey verify for their device', async () => {
  const { chain, signedKind, oneTime } = await made()
  const one = await signedKind()
  assert.equal(one.newest?.hash, chain.hash)
  assert.equal(one.expiresAt, now + limits.signedPreKeyMs)
  assert.equal((await oneTime()).id, 7)
})

test('a prekey says whose it is, and is nobody else’s', async () => {
  const { signedKind, oneTime } = await made()
  for (const verify of [signedKind, oneTime]) {
    await rejects(verify({ realm: 'example.org' }), 'bad-prekey')
    await rejects(verify({ accountId: idOf(9, 32) }), 'bad-prekey')
    await rejects(verify({}, 2), 'bad-signature')
    await rejects(verify({ device: idOf(2) }), 'bad-signature')
  }
})

test('a prekey of another device, signed by it, does not stand in for ours', async () => {
  const { chain, owner } = await made()
  const other = await signPreKey(oneTimePreKey(chain, 2), signingPair(2).sign)
  await rejects(
    Promise.resolve().then(() => verifyPreKey(other, owner, preKeyKinds.oneTime, now)),
    'bad-signature',
  )
  // The same bytes, signed by our key under the other's name and under ours.
  const forged = await signPreKey({ ...oneTimePreKey(chain, 1), device: idOf(2) }, signingPair(1).sign)
  const renamed = { ...forged, signed: forged.signed.map((one) => ({ ...one, by: filled(16, 1) })) }
  await rejects(
    Promise.resolve().then(() => verifyPreKey(renamed, owner, preKeyKinds.oneTime, now)),
    'bad-prekey',
  )
})

test('a prekey of one kind is none of another', async () => {
  const { signedKind, oneTime } = await made()
  await rejects(signedKind({ kind: preKeyKinds.oneTime }), 'bad-prekey')
  await rejects(oneTime({ kind: preKeyKinds.signed }), 'bad-prekey')
  for (const kind of [preKeyKinds.signedKem, preKeyKinds.oneTimeKem, 9])
    await rejects(signedKind({ kind }), 'bad-prekey')
})

test('a signed prekey is valid until it expires, at most 30 days after it was made', async () => {
  const { signedKind } = await made()
  const end = now + limits.signedPreKeyMs
  await signedKind({}, 1, end - 1)
  await rejects(signedKind({}, 1, end), 'bad-prekey')
  await rejects(signedKind({ expiresAt: end + 1 }), 'bad-prekey')
  await rejects(signedKind({ madeAt: end + 1 }), 'bad-prekey')
})

test('a signed prekey of a device whose clock is wrong by a year still serves', async () => {
  const { signedKind } = await made()
  const madeAt = now + 365 * 86_400_000
  await signedKind({ madeAt, expiresAt: madeAt + limits.signedPreKeyMs })
})

test('a signed prekey names its own account’s newest list, and an end', async () => {
  const { chain, owner } = await made()
  const verified = async (change: object) => {
    const { expiresAt, newest, ...rest } = signedPreKey(chain, 1)
    const value = { ...rest, expiresAt, newest, ...change }
    const kept = Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
    return verifyPreKey(await signedBy(kept as unknown as PreKey, 1), owner, preKeyKinds.signed, now)
  }
  await verified({})
  await rejects(verified({ newest: undefined }), 'bad-prekey')
  await rejects(verified({ expiresAt: undefined }), 'bad-prekey')
  await rejects(
    verified({ newest: { accountId: idOf(9, 32), era: 0, sequence: 1, hash: idOf(9, 32) } }),
    'bad-prekey',
  )
})

test('a one-time prekey has neither an end nor a list', async () => {
  const { chain, oneTime } = await made()
  const { newest } = signedPreKey(chain, 1)
  await rejects(oneTime({ expiresAt: now + 1 }), 'bad-prekey')
  await rejects(oneTime({ ...(newest && { newest }) }), 'bad-prekey')
})

test('a prekey is an X25519 key: 32 bytes, canonical, not of low order', async () => {
  const { oneTime, signedKind } = await made()
  const x = (bytes: Uint8Array) => ({ key: { alg: algorithms.x25519, bytes } })
  for (const bytes of [...lowOrderKeys, ...nonCanonicalKeys, filled(31, 9), filled(33, 9), filled(2048, 9)]) {
    await rejects(oneTime(x(bytes)), 'bad-prekey')
  }
  await rejects(signedKind(x(filled(32, 0))), 'bad-prekey')
  await rejects(oneTime({ key: { alg: algorithms.ed25519, bytes: filled(32, 9) } }), 'bad-prekey')
})

test('ids are from 1', async () => {
  const { oneTime } = await made()
  await rejects(oneTime({ id: 0 }), 'malformed')
  assert.equal((await oneTime({ id: 0xffff_ffff })).id, 0xffff_ffff)
})

test('an even key of a prekey’s ext must be understood, an odd one need not be', async () => {
  const { oneTime } = await made()
  await oneTime({ ext: new Map([[3, filled(1, 1)]]) })
  await rejects(oneTime({ ext: new Map([[4, filled(1, 1)]]) }), 'unsupported-version')
})

test('a prekey is at most 8 KiB, which is looked at before any signature', async () => {
  const { owner } = await made()
  const object = { bytes: new Uint8Array(limits.preKey + 1), signed: [] }
  await rejects(
    Promise.resolve().then(() => verifyPreKey(object, owner, preKeyKinds.oneTime, now)),
    'too-large',
  )
})

test('what was signed is what is published: the bytes stay', async () => {
  const { chain } = await made()
  const [a, b] = [await signedBy(oneTimePreKey(chain, 1), 1), await signedBy(oneTimePreKey(chain, 1), 1)]
  assert.equal(toHex(a.bytes), toHex(b.bytes))
})
