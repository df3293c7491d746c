import { test, assert } from '#test'
import { equalBytes, randomBytes, utf8 } from '@sotto/protocol'
import type { OwnKey } from '@sotto/core/ports'
import { createSignalCipher } from '@sotto/signal'
import { Engine } from '../../packages/signal/src/engine.js'
import { selfTest } from '../../packages/signal/src/self-test.js'
import { SignalCipher } from '../../packages/signal/src/signal-cipher.js'
import { scriptX25519 } from '../../packages/signal/src/x25519.js'
import { expectCode } from './expect-code.js'
import { encodeFirst, takeApart, typedKey } from './forge.js'
import { Device, first, talkingDevices } from './two-devices.js'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

test('two devices talk: a first message, an answer, and on', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  const baseKey = await alice.start(bob.bundle())
  const opening = await alice.encrypt(utf8('one'))
  const header = cipher.inspect(opening)
  assert.equal(header.kind, 'first')
  if (header.kind !== 'first') return
  assert.deepEqual(header.baseKey, baseKey)
  assert.deepEqual(header.identityKey, alice.identity.publicKey)
  assert.deepEqual([header.signedPreKeyId, header.preKeyId, header.counter], [1, 7, 0])
  assert.equal(text(await bob.decrypt(alice, opening)), 'one')
  assert.isFalse(bob.preKeys.has(7), 'the one-time prekey is reported as used')

  const again = await alice.encrypt(utf8('two'))
  assert.equal(cipher.inspect(again).kind, 'first', 'until it is answered, each message builds the session')
  assert.equal(text(await bob.decrypt(alice, again)), 'two')
  const answer = await bob.encrypt(utf8('three'))
  assert.equal(cipher.inspect(answer).kind, 'later')
  assert.equal(text(await alice.decrypt(bob, answer)), 'three')
  const after = await alice.encrypt(utf8('four'))
  assert.deepEqual([cipher.inspect(after).kind, cipher.inspect(after).counter], ['later', 0])
  assert.equal(text(await bob.decrypt(alice, after)), 'four')
})

test('a session begins without a one-time prekey where there is none left', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle(false))
  const { session, ours } = { session: alice.session, ours: { identity: alice.identity } }
  assert.isDefined(session)
  const message = await alice.encrypt(utf8('hello'))
  const result = await cipher.decrypt({ ours: bob.keysFor(message), theirs: alice.verified }, message)
  assert.equal(text(result.plaintext), 'hello')
  assert.notProperty(result, 'usedPreKey')
  const extra = { ...bob.keysFor(message), preKey: first([...bob.preKeys.values()]) }
  assert.notProperty(await cipher.decrypt({ ours: extra, theirs: alice.verified }, message), 'usedPreKey')
  assert.isDefined(ours)
})

test('a first message that comes late, or out of order, is read in the session it began', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const [one, two, three] = [
    await alice.encrypt(utf8('1')),
    await alice.encrypt(utf8('2')),
    await alice.encrypt(utf8('3')),
  ]
  assert.equal(text(await bob.decrypt(alice, two)), '2')
  await alice.decrypt(bob, await bob.encrypt(utf8('answer')))
  assert.equal(text(await bob.decrypt(alice, await alice.encrypt(utf8('4')))), '4')
  assert.equal(text(await bob.decrypt(alice, three)), '3')
  assert.equal(text(await bob.decrypt(alice, one)), '1')
  for (const message of [one, two, three])
    await expectCode('undecryptable', () => bob.decrypt(alice, message))
})

test('a repeated first message must name the keys that began the session', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob, carol] = [
    await Device.create(cipher),
    await Device.create(cipher),
    await Device.create(cipher),
  ]
  await alice.start(bob.bundle())
  await bob.decrypt(alice, await alice.encrypt(utf8('1')))
  const fields = takeApart(await alice.encrypt(utf8('2')))
  for (const other of [
    { baseKey: typedKey(carol.identity.publicKey) },
    { signedPreKeyId: 2 },
    { preKeyId: 8 },
    { preKeyId: 0 },
  ]) {
    await expectCode('undecryptable', () => bob.decrypt(alice, encodeFirst({ ...fields, ...other })))
  }
  const identityKey = typedKey(carol.identity.publicKey)
  await expectCode('identity-mismatch', () => bob.decrypt(alice, encodeFirst({ ...fields, identityKey })))
  assert.equal(text(await bob.decrypt(alice, encodeFirst(fields))), '2')
})

test('an answer dressed up as a first message is refused by who began the session', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const opening = await alice.encrypt(utf8('one'))
  await bob.decrypt(alice, opening)
  const answer = await bob.encrypt(utf8('two'))
  const identityKey = typedKey(bob.identity.publicKey)
  const dressed = encodeFirst({ ...takeApart(opening), identityKey, message: answer })
  await expectCode('undecryptable', () => alice.decrypt(bob, dressed))
  assert.equal(text(await alice.decrypt(bob, answer)), 'two')
})

test('a call changes nothing that it was given', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const [aliceBefore, bobBefore] = [alice.session?.slice(), bob.session?.slice()]
  const [session, plaintext] = [alice.session, utf8('unchanged')]
  if (session === undefined || bob.session === undefined) throw new Error('no session')
  const ours = { identity: alice.identity }
  const { ciphertext } = await cipher.encrypt({ session, ours }, plaintext)
  const copy = ciphertext.slice()
  const state = { session: bob.session, ours: { identity: bob.identity }, theirs: alice.verified }
  const one = await cipher.decrypt(state, ciphertext)
  const other = await cipher.decrypt(state, ciphertext)
  assert.deepEqual([one.plaintext, other.plaintext], [plaintext, plaintext], 'the same state reads it twice')
  assert.deepEqual([alice.session, bob.session, ciphertext], [aliceBefore, bobBefore, copy])
  assert.deepEqual(plaintext, utf8('unchanged'))
  assert.isFalse(equalBytes(one.session, bob.session))
})

test('private halves are keys that cannot be taken out, unless they are asked for', async () => {
  const cipher = await createSignalCipher()
  for (const kind of ['identity', 'signed-prekey', 'prekey'] as const) {
    const [key] = await cipher.generate(kind, 1)
    assert.instanceOf(key?.privateKey, CryptoKey)
    if (!(key?.privateKey instanceof CryptoKey)) return
    assert.isFalse(key.privateKey.extractable)
    assert.lengthOf(key.publicKey, 32)
    for (const format of ['pkcs8', 'jwk'] as const) {
      const taken = await crypto.subtle.exportKey(format, key.privateKey).then(
        () => true,
        () => false,
      )
      assert.isFalse(taken)
    }
  }
  const [wrapped] = await cipher.generate('identity', 1, 'wrapped')
  assert.instanceOf(wrapped?.privateKey, Uint8Array)
  assert.lengthOf(wrapped?.privateKey, 48)
  const many = await cipher.generate('prekey', 20)
  assert.lengthOf(new Set(many.map((key) => key.publicKey.join())), 20)
})

test('devices talk whichever form their keys are kept in', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher, 'wrapped'), await Device.create(cipher)]
  await alice.start(bob.bundle())
  assert.equal(text(await bob.decrypt(alice, await alice.encrypt(utf8('one')))), 'one')
  const [carol, dave] = [await Device.create(cipher), await Device.create(cipher, 'wrapped')]
  await carol.start(dave.bundle())
  assert.equal(text(await dave.decrypt(carol, await carol.encrypt(utf8('two')))), 'two')
})

test('a platform without X25519 talks to one that has it', async () => {
  const engine = new Engine(scriptX25519)
  const inScript = new SignalCipher(engine, Date.now)
  await selfTest(engine, inScript)
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(inScript), await Device.create(cipher)]
  assert.instanceOf(alice.identity.privateKey, Uint8Array, 'with nothing better there are bytes')
  await alice.start(bob.bundle())
  assert.equal(text(await bob.decrypt(alice, await alice.encrypt(utf8('one')))), 'one')
  assert.equal(text(await alice.decrypt(bob, await bob.encrypt(utf8('two')))), 'two')
})

test('a key that the store gave back damaged is said to be damaged', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher, 'wrapped'), await Device.create(cipher)]
  const pkcs8 = alice.identity.privateKey as Uint8Array
  const ecdh = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
  const bundle = bob.bundle()
  const { publicKey } = alice.identity
  const damaged = [
    { publicKey, privateKey: null },
    { publicKey, privateKey: undefined },
    { publicKey, privateKey: pkcs8.subarray(1) },
    { publicKey, privateKey: pkcs8.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) },
    { publicKey, privateKey: new Uint8Array(32) },
    { publicKey, privateKey: ecdh.privateKey },
    { publicKey: publicKey.subarray(1), privateKey: pkcs8 },
  ]
  const webKey = bob.identity.privateKey
  if (webKey instanceof CryptoKey) {
    const pair = (await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])) as CryptoKeyPair
    damaged.push({ publicKey, privateKey: pair.publicKey })
  }
  for (const [i, identity] of damaged.entries()) {
    await expectCode(
      'store-damaged',
      () => cipher.establish({ identity: identity as OwnKey }, bundle),
      `key ${i}`,
    )
  }
})

test('a prekey that the store gave back damaged is said to be damaged', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const message = await alice.encrypt(utf8('hello'))
  const { identity, signedPreKey, preKey } = bob.keysFor(message)
  if (signedPreKey === undefined || preKey === undefined) throw new Error('no prekeys')
  const theirs = alice.verified
  for (const publicKey of [preKey.publicKey.subarray(1), new Uint8Array(0), null as unknown as Uint8Array]) {
    const damaged = { ...preKey, publicKey }
    await expectCode('store-damaged', () =>
      cipher.decrypt({ ours: { identity, signedPreKey, preKey: damaged }, theirs }, message),
    )
  }
  assert.equal(text(await bob.decrypt(alice, message)), 'hello')
})

test('one cipher serves many sessions at the same time without mixing them', async () => {
  const cipher = await createSignalCipher()
  const pairs = await Promise.all(Array.from({ length: 6 }, () => talkingDevices(cipher)))
  for (let round = 0; round < 3; round++) {
    const read = await Promise.all(
      pairs.map(async ([alice, bob], i) =>
        text(await bob.decrypt(alice, await alice.encrypt(utf8(`${i}/${round}`)))),
      ),
    )
    assert.deepEqual(
      read,
      pairs.map((_, i) => `${i}/${round}`),
    )
    await Promise.all(
      pairs.map(async ([alice, bob]) => alice.decrypt(bob, await bob.encrypt(utf8('answer')))),
    )
  }
  const [[, bob], [carol]] = [first(pairs), first(pairs.slice(1))]
  await expectCode('identity-mismatch', async () =>
    bob.decrypt(carol, await carol.encrypt(utf8('not for bob'))),
  )
})

test('what is no ciphertext is malformed, whatever it is', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const nothings: unknown[] = [
    new Uint8Array(0),
    Uint8Array.of(0x33),
    new Uint8Array(8),
    randomBytes(100),
    new Uint8Array(128 * 1024 + 1),
    'text',
    null,
    undefined,
    [0x33],
  ]
  for (const nothing of nothings) {
    await expectCode('malformed', () => cipher.inspect(nothing as Uint8Array))
    await expectCode('malformed', () =>
      cipher.decrypt({ ours: { identity: bob.identity }, theirs: alice.verified }, nothing as Uint8Array),
    )
  }
})

test('a message without a session must be a first one', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const message = await alice.encrypt(utf8('later'))
  bob.session = undefined
  await expectCode('undecryptable', () => bob.decrypt(alice, message))
})
