import { test, assert } from '#test'
import { setCurve, type DeviceType } from '@privacyresearch/libsignal-protocol-typescript'
import { AsyncCurve25519Wrapper, Curve25519Wrapper } from '@privacyresearch/curve25519-typescript'
import { randomBytes, utf8 } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { Curve } from '../../packages/signal/src/curve.js'
import { Engine } from '../../packages/signal/src/engine.js'
import { Handles } from '../../packages/signal/src/handles.js'
import { selfTest } from '../../packages/signal/src/self-test.js'
import { SignalCipher } from '../../packages/signal/src/signal-cipher.js'
import { bufferOf, typedKey } from '../../packages/signal/src/typed-key.js'
import { scriptX25519, webX25519, type X25519 } from '../../packages/signal/src/x25519.js'
import { BarePerson } from './bare-library.js'
import { expectCode } from './expect-code.js'
import { Device } from './two-devices.js'

type BareCurve = Parameters<typeof setCurve>[0]

/** The C curve, with another answer about signatures. */
function curveAnswering(answer: (valid: boolean) => boolean | undefined): BareCurve {
  const curve = new AsyncCurve25519Wrapper()
  return {
    keyPair: (key: ArrayBuffer) => curve.keyPair(key),
    sharedSecret: (publicKey: ArrayBuffer, key: ArrayBuffer) => curve.sharedSecret(publicKey, key),
    sign: (key: ArrayBuffer, message: ArrayBuffer) => curve.sign(key, message),
    verify: async (key: ArrayBuffer, message: ArrayBuffer, signature: ArrayBuffer) =>
      answer(!(await curve.verify(key, message, signature))),
  } as unknown as BareCurve
}

async function forgedBundle(bob: BarePerson): Promise<DeviceType> {
  const bundle = await bob.bundle()
  return { ...bundle, signedPreKey: { ...bundle.signedPreKey, signature: bufferOf(randomBytes(64)) } }
}

test('engine b: an engine whose signature check is turned around does not start', async () => {
  for (const answer of [(valid: boolean) => valid, () => undefined]) {
    setCurve(curveAnswering(answer))
    const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
    await alice.start(bob, await forgedBundle(bob))
    assert.isTrue(alice.store.sessions.has('bob.1'), 'control: the bare library takes a forged bundle')

    const engine = new Engine(webX25519)
    const { curve } = engine
    engine.library.setCurve({
      keyPair: () => curve.keyPair(),
      sharedSecret: (publicKey, key) => curve.sharedSecret(publicKey, key),
      sign: () => curve.sign(),
      verify: (...args) => answer(!curve.verify(...args)) as boolean,
    })
    await expectCode('self-check-failed', () => selfTest(engine, new SignalCipher(engine, Date.now)))
  }
  const untouched = new Engine(webX25519)
  await selfTest(untouched, new SignalCipher(untouched, Date.now))
})

test('engine b: the curve vouches for exactly the pair it was asked for, and only to itself', async () => {
  const curve = new Curve(scriptX25519, new Handles())
  const other = new Curve(scriptX25519, new Handles())
  const [identity, prekey, another] = [randomBytes(32), typedKey(randomBytes(32)), typedKey(randomBytes(32))]
  const signature = curve.endorse(identity, prekey)
  const invalid = (key: Uint8Array, message: ArrayBuffer, by: ArrayBuffer, at = curve) =>
    at.verify(bufferOf(key), message, by)
  assert.isFalse(invalid(identity, prekey, signature))
  assert.isTrue(invalid(identity, another, signature))
  assert.isTrue(invalid(randomBytes(32), prekey, signature))
  assert.isTrue(invalid(identity, prekey, signature, other))
  assert.isTrue(invalid(identity, prekey, new ArrayBuffer(64)))
  for (let byte = 0; byte < 64; byte++) {
    const flipped = new Uint8Array(signature.slice(0))
    flipped[byte] = (flipped[byte] ?? 0) ^ 1
    assert.isTrue(invalid(identity, prekey, flipped.buffer))
  }
  for (const length of [0, 63, 65]) {
    const padded = new Uint8Array(length)
    padded.set(new Uint8Array(signature).subarray(0, length))
    assert.isTrue(invalid(identity, prekey, padded.buffer))
  }
})

test('engine b: an engine on a platform that computes another curve, or passes low-order keys, does not start', async () => {
  const wrong: X25519 = {
    ...webX25519,
    async agree(half, publicKey) {
      const secret = await webX25519.agree(half, publicKey)
      return secret.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
    },
  }
  const engine = new Engine(wrong)
  await expectCode('self-check-failed', () => selfTest(engine, new SignalCipher(engine, Date.now)))

  const lax = new Engine(webX25519)
  const { curve } = lax
  lax.library.setCurve({
    keyPair: () => curve.keyPair(),
    sharedSecret: async (publicKey, key) =>
      curve.sharedSecret(publicKey, key).catch(() => new ArrayBuffer(32)),
    sign: () => curve.sign(),
    verify: (...args) => curve.verify(...args),
  })
  await expectCode('self-check-failed', () => selfTest(lax, new SignalCipher(lax, Date.now)))
})

test('engine p: no message is so long that random signatures verify', async () => {
  const curve = await Curve25519Wrapper.create()
  const pair = curve.keyPair(bufferOf(randomBytes(32)))
  const long = new ArrayBuffer(2_700_000)
  let accepted = 0
  for (let i = 0; i < 200 && accepted === 0; i++) {
    if (curve.signatureIsValid(pair.pubKey, long, bufferOf(randomBytes(64)))) accepted++
  }
  assert.equal(accepted, 1, 'control: the C curve takes a random signature')

  const ours = new Curve(scriptX25519, new Handles())
  const key = randomBytes(32)
  assert.isTrue(ours.verify(bufferOf(key), long, ours.endorse(key, long)), 'true is invalid')
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  const bundle = bob.bundle()
  const huge = { ...bundle, signedPreKey: { ...bundle.signedPreKey, key: new Uint8Array(long) } }
  await expectCode('malformed', () => alice.start(huge))
  for (const length of [0, 31, 33, 64]) {
    await expectCode('malformed', () =>
      alice.start({ ...bundle, identityKey: new Uint8Array(length).fill(9) }),
    )
  }
  await alice.start(bundle)
  assert.deepEqual(await bob.decrypt(alice, await alice.encrypt(utf8('still here'))), utf8('still here'))
})
