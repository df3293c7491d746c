import { createRequire } from 'node:module'
import { test, assert } from '#test'
import { concatBytes, fromHex, randomBytes, utf8 } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { createLibrary } from '../../packages/signal/library/library.js'
import { createLibraryCrypto } from '../../packages/signal/src/library-crypto.js'
import { readRecord } from '../../packages/signal/src/record.js'
import { ScratchStore } from '../../packages/signal/src/scratch-store.js'
import { bufferOf, fromBinary } from '../../packages/signal/src/typed-key.js'
import { BarePerson, type BareMessage } from './bare-library.js'
import { expectCode } from './expect-code.js'
import { encodeFirst, encodeLater, takeApart, takeApartLater, typedKey } from './forge.js'
import { addTorsion, lowOrderKeys, nonCanonicalKeys } from './odd-keys.js'
import { Device, talkingDevices } from './two-devices.js'

const require = createRequire(import.meta.url)
const bareName = '@privacyresearch/libsignal-protocol-typescript'

/** The bare library writes its registration id 1, which our parser refuses. */
const apart = ({ bytes }: BareMessage) => takeApart(bytes.map((byte, i) => (i === 2 ? 0 : byte)))

test('engine g: a session that needs no private key is not begun', async () => {
  const bob = await BarePerson.create('bob')
  await bob.bundle()
  const nobody = new BarePerson('nobody')
  const forged = await keylessSession(new Uint8Array(bob.store.identity.pubKey), 1)
  assert.deepEqual(
    await bob.decrypt(nobody, { type: 3, bytes: forged }),
    utf8('from nobody'),
    'control: the bare library decrypts what anybody could write',
  )
  const cipher = await createSignalCipher()
  const ours = await Device.create(cipher)
  const bytes = await keylessSession(typedKey(ours.identity.publicKey), 1)
  await expectCode('malformed', () => cipher.inspect(bytes))
  const [signedPreKey] = ours.signedPreKeys.values()
  await expectCode('malformed', () =>
    cipher.decrypt(
      {
        ours: { identity: ours.identity, ...(signedPreKey && { signedPreKey }) },
        theirs: { identityKey: new Uint8Array(32) },
      },
      bytes,
    ),
  )
})

/**
 * A first message that was made without any private key: every key is of low order, so every secret is zero.
 */
async function keylessSession(receiver: Uint8Array, signedPreKeyId: number): Promise<Uint8Array> {
  const library = createLibrary()
  const zero = new Uint8Array(32)
  library.setWebCrypto(createLibraryCrypto())
  library.setCurve({
    keyPair: async () => ({ pubKey: bufferOf(zero), privKey: bufferOf(zero) }),
    sharedSecret: async () => bufferOf(zero),
    sign: () => {
      throw new Error('nothing is signed')
    },
    verify: () => false,
  })
  const pair = { pubKey: bufferOf(typedKey(zero)), privKey: bufferOf(zero) }
  const store = new ScratchStore({ identity: pair })
  const address = new library.SignalProtocolAddress('bob', 1)
  await new library.SessionBuilder(store, address).processPreKey({
    identityKey: bufferOf(receiver),
    registrationId: 0,
    signedPreKey: { keyId: signedPreKeyId, publicKey: pair.pubKey, signature: new ArrayBuffer(64) },
  })
  return fromBinary(
    (await new library.SessionCipher(store, address).encrypt(bufferOf(utf8('from nobody')))).body,
  )
}

test('engine g: an alias of the base key does not replay a first message', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  const { preKey: _, ...bundle } = await bob.bundle()
  await alice.start(bob, bundle)
  const message = await alice.encrypt(bob, utf8('pay ten'))
  assert.deepEqual(await bob.decrypt(alice, message), utf8('pay ten'))
  const fields = apart(message)
  const alias = encodeFirst({ ...fields, baseKey: typedKey(addTorsion(fields.baseKey.subarray(1))) })
  assert.deepEqual(
    await bob.decrypt(alice, { type: 3, bytes: alias }),
    utf8('pay ten'),
    'control: the bare library reads the same message again',
  )

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = [await Device.create(cipher), await Device.create(cipher)]
  await ourAlice.start(ourBob.bundle(false))
  const ours = await ourAlice.encrypt(utf8('pay ten'))
  const ourFields = takeApart(ours)
  const ourAlias = encodeFirst({ ...ourFields, baseKey: typedKey(addTorsion(ourFields.baseKey.subarray(1))) })
  await expectCode('malformed', () => ourBob.decrypt(ourAlice, ourAlias))
  assert.deepEqual(await ourBob.decrypt(ourAlice, ours), utf8('pay ten'))
  await expectCode('undecryptable', () => ourBob.decrypt(ourAlice, ourAlias), 'in the session it began')
})

test('engine g: no key of low order, no other spelling and no key with torsion begins a session', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  const bundle = bob.bundle()
  const { preKey, signedPreKey } = bundle
  assert.isDefined(preKey)
  if (preKey === undefined) return
  assert.lengthOf(lowOrderKeys, 12)
  const odd = [...lowOrderKeys, ...nonCanonicalKeys, addTorsion(bundle.identityKey), onTwist]
  for (const key of odd) {
    await expectCode('malformed', () => alice.start({ ...bundle, identityKey: key }))
    await expectCode('malformed', () => alice.start({ ...bundle, signedPreKey: { ...signedPreKey, key } }))
    await expectCode('malformed', () => alice.start({ ...bundle, preKey: { ...preKey, key } }))
  }
  await alice.start(bundle)
  const fields = takeApart(await alice.encrypt(utf8('hello')))
  const inner = takeApartLater(fields.message)
  for (const key of odd) {
    await expectCode('malformed', () =>
      bob.decrypt(alice, encodeFirst({ ...fields, baseKey: typedKey(key) })),
    )
    const asSender = { ...alice, verified: { identityKey: key } } as unknown as Device
    await expectCode('malformed', () =>
      bob.decrypt(asSender, encodeFirst({ ...fields, identityKey: typedKey(key) })),
    )
  }
  for (const key of [...lowOrderKeys, ...nonCanonicalKeys]) {
    const message = encodeLater({ ...inner, ratchetKey: typedKey(key) })
    await expectCode('malformed', () => bob.decrypt(alice, encodeFirst({ ...fields, message })))
    await expectCode('malformed', () => cipher.inspect(message))
  }
})

/** u = 2 is on the twist of Curve25519: no key that anybody made honestly. */
const onTwist = Uint8Array.of(2, ...new Uint8Array(31))

test('engine h: bodies are bytes, of every value', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const { body } = await alice.cipher(bob).encrypt(bufferOf(utf8('hello')))
  const travelled = new TextDecoder().decode(utf8(body as unknown as string))
  assert.equal(travelled, body as unknown as string, 'as text it survives')
  const asUtf8 = utf8(body as unknown as string)
  const failed = await bob.decrypt(alice, { type: 3, bytes: asUtf8 }).then(
    () => false,
    () => true,
  )
  assert.isTrue(failed, 'control: its UTF-8 bytes are not the message')

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = await talkingDevices(cipher)
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  const message = await ourAlice.encrypt(all)
  assert.instanceOf(message, Uint8Array)
  assert.deepEqual(await ourBob.decrypt(ourAlice, message), all)
  for (const length of [0, 1, 15, 16, 17]) {
    const text = randomBytes(length)
    const padded = concatBytes(randomBytes(3), await ourAlice.encrypt(text), randomBytes(3))
    assert.deepEqual(
      await ourBob.decrypt(ourAlice, padded.subarray(3, -3)),
      text,
      'a view into a larger buffer',
    )
  }
  await expectCode('too-large', () => ourAlice.encrypt(new Uint8Array(96 * 1024 + 1)))
})

test('engine k: an unknown prekey is not done without, and there is no prekey 0', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  const { preKey: _, ...bundle } = await bob.bundle()
  await alice.start(bob, bundle)
  const claimed = encodeFirst({
    ...apart(await alice.encrypt(bob, utf8('hello'))),
    preKeyId: 999,
    registrationId: 77,
  })
  assert.deepEqual(
    await bob.decrypt(alice, { type: 3, bytes: claimed }),
    utf8('hello'),
    'control: the bare library does without, and minds no registration id',
  )

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = [await Device.create(cipher), await Device.create(cipher)]
  await ourAlice.start(ourBob.bundle(false))
  const message = await ourAlice.encrypt(utf8('hello'))
  const fields = takeApart(message)
  await expectCode('unknown-prekey', () =>
    ourBob.decrypt(ourAlice, encodeFirst({ ...fields, preKeyId: 999 })),
  )
  await expectCode('unknown-prekey', () =>
    ourBob.decrypt(ourAlice, encodeFirst({ ...fields, signedPreKeyId: 2 })),
  )
  await expectCode('undecryptable', () => ourBob.decrypt(ourAlice, encodeFirst({ ...fields, preKeyId: 7 })))
  await expectCode('malformed', () => ourBob.decrypt(ourAlice, encodeFirst({ ...fields, signedPreKeyId: 0 })))
  await expectCode('malformed', () => ourBob.decrypt(ourAlice, encodeFirst({ ...fields, registrationId: 1 })))
  const header = cipher.inspect(message)
  assert.notProperty(header, 'preKeyId')
  const { signedPreKey, preKey } = ourBob.bundle()
  for (const id of [0, -1, 1.5, 2 ** 32, NaN]) {
    await expectCode('malformed', () =>
      ourAlice.start({ ...ourBob.bundle(), signedPreKey: { ...signedPreKey, id } }),
    )
    if (preKey)
      await expectCode('malformed', () => ourAlice.start({ ...ourBob.bundle(), preKey: { ...preKey, id } }))
  }

  // Another key under the id that the message names is not it either; the right one is reported as used.
  const withKey = await Device.create(cipher)
  await withKey.start(ourBob.bundle())
  const opening = await withKey.encrypt(utf8('with a one-time key'))
  const ours = ourBob.keysFor(opening)
  const [wrong] = await cipher.generate('prekey', 1)
  const theirs = withKey.verified
  if (wrong)
    await expectCode('undecryptable', () =>
      cipher.decrypt({ ours: { ...ours, preKey: { ...wrong, id: 7 } }, theirs }, opening),
    )
  const { preKey: __, ...without } = ours
  await expectCode('unknown-prekey', () => cipher.decrypt({ ours: without, theirs }, opening))
  assert.equal((await cipher.decrypt({ ours, theirs }, opening)).usedPreKey, 7)
})

test('engine m: a record holds one session, never so many that the library does not come back', async () => {
  const { SessionRecord } = require(`${bareName}/lib/session-record.js`) as {
    SessionRecord: new () => { sessions: Record<string, unknown>; removeOldSessions(): void }
  }
  const record = new SessionRecord()
  let looks = 0
  for (let i = 0; i < 42; i++) {
    record.sessions[`session ${i}`] = {
      get indexInfo() {
        if (++looks > 100_000) throw new Error('still looking')
        return { closed: i }
      },
    }
  }
  assert.throws(() => record.removeOldSessions(), 'still looking', 'control: 42 sessions, and it never ends')

  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  for (let i = 0; i < 45; i++) {
    const { session } = await cipher.establish({ identity: alice.identity }, bob.bundle())
    const { ciphertext } = await cipher.encrypt(
      { session, ours: { identity: alice.identity } },
      utf8('again'),
    )
    const ours = bob.keysFor(ciphertext)
    assert.deepEqual(
      (await cipher.decrypt({ ours, theirs: alice.verified }, ciphertext)).plaintext,
      utf8('again'),
    )
  }
  const one = { indexInfo: { closed: -1 } }
  for (const sessions of [{}, { one, two: one }, { one: { indexInfo: { closed: 1 } } }]) {
    await expectCode('self-check-failed', () => readRecord(JSON.stringify({ version: 'v1', sessions })))
  }
  await expectCode('self-check-failed', () => readRecord(undefined))
})

test('engine o: nothing is printed, whatever comes', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  const bundle = await bob.bundle()
  await alice.start(bob, bundle)
  const fields = apart(await alice.encrypt(bob, utf8('hello')))
  const inner = takeApartLater(fields.message)
  const signedPreKey = new Uint8Array(bundle.signedPreKey.publicKey)
  const nasty = encodeFirst({ ...fields, message: encodeLater({ ...inner, ratchetKey: signedPreKey }) })
  const printed = await printedBy(() => bob.decrypt(alice, { type: 3, bytes: nasty }))
  assert.include(JSON.stringify(printed), 'rootKey', 'control: the bare library prints the session')

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = [await Device.create(cipher), await Device.create(cipher)]
  await ourAlice.start(ourBob.bundle())
  const message = await ourAlice.encrypt(utf8('hello'))
  const ours = takeApart(message)
  const ourInner = takeApartLater(ours.message)
  const ratchetKey = typedKey(ourBob.bundle().signedPreKey.key)
  const attempts = [
    encodeFirst({ ...ours, message: encodeLater({ ...ourInner, ratchetKey }) }),
    encodeFirst({ ...ours, message: encodeLater({ ...ourInner, ratchetKey: ratchetKey.subarray(1) }) }),
    encodeFirst({ ...ours, baseKey: ours.baseKey.subarray(1) }),
    encodeFirst({ ...ours, baseKey: new Uint8Array(0) }),
    ...Array.from({ length: message.length }, (_, i) =>
      message.map((byte, at) => (at === i ? byte ^ 0x81 : byte)),
    ),
    ...Array.from({ length: message.length }, (_, i) => message.subarray(0, i)),
  ]
  const ourPrinted = await printedBy(async () => {
    for (const attempt of attempts) await ourBob.decrypt(ourAlice, attempt).catch(() => undefined)
    await ourBob.decrypt(ourAlice, message)
    for (const attempt of attempts) await ourBob.decrypt(ourAlice, attempt).catch(() => undefined)
  })
  assert.deepEqual(ourPrinted, [])
})

/**
 * Everything that reaches the console while `call` runs, with buffers as numbers. Errors of the call are what
 * it is about.
 */
async function printedBy(call: () => Promise<unknown>): Promise<readonly unknown[]> {
  const printed: unknown[] = []
  const names = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
  const originals = names.map((name) => console[name])
  for (const name of names) console[name] = (...args: unknown[]) => void printed.push(args)
  try {
    await call().catch(() => undefined)
  } finally {
    names.forEach((name, i) => (console[name] = originals[i] ?? console[name]))
  }
  return printed
}

test('engine q: the version byte is 0x33 and nothing else', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const fields = apart(await alice.encrypt(bob, utf8('hello')))
  const other = encodeFirst({
    ...fields,
    version: 0xf1,
    message: fields.message.map((byte, i) => (i === 0 ? 0x42 : byte)),
  })
  assert.deepEqual(
    await bob.decrypt(alice, { type: 3, bytes: other }),
    utf8('hello'),
    'control: version 15.1 is as good',
  )

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = [await Device.create(cipher), await Device.create(cipher)]
  await ourAlice.start(ourBob.bundle())
  const ours = takeApart(await ourAlice.encrypt(utf8('hello')))
  for (let version = 0; version < 256; version++) {
    if (version === 0x33) continue
    const message = ours.message.map((byte, i) => (i === 0 ? version : byte))
    await expectCode('malformed', () => cipher.inspect(encodeFirst({ ...ours, version })))
    await expectCode('malformed', () => cipher.inspect(encodeFirst({ ...ours, message })))
    await expectCode('malformed', () => cipher.inspect(message))
  }
  assert.equal(cipher.inspect(encodeFirst(ours)).kind, 'first')
})

test('engine s: a ratchet key is a key, never the name of something inherited', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  await bob.decrypt(alice, await alice.encrypt(bob, utf8('hello')))
  await alice.decrypt(bob, await bob.encrypt(alice, utf8('hello')))
  const inner = takeApartLater((await alice.encrypt(bob, utf8('next'))).bytes)
  const named = { ...inner, ratchetKey: Uint8Array.from(Buffer.from('toString', 'base64')) }
  const error = await bob
    .decrypt(alice, { type: 1, bytes: encodeLater(named) })
    .catch((caught: unknown) => caught)
  assert.instanceOf(error, TypeError, 'control: the bare library takes a function for a chain')

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = await talkingDevices(cipher)
  const ours = takeApartLater(await ourAlice.encrypt(utf8('next')))
  for (const name of ['toString', 'valueOf+', 'constructor+']) {
    const ratchetKey = Uint8Array.from(Buffer.from(name, 'base64'))
    await expectCode('malformed', () => ourBob.decrypt(ourAlice, encodeLater({ ...ours, ratchetKey })))
  }
  for (const key of [
    ours.ratchetKey.subarray(1),
    fromHex('06' + '11'.repeat(32)),
    concatBytes(ours.ratchetKey, Uint8Array.of(0)),
  ]) {
    await expectCode('malformed', () => ourBob.decrypt(ourAlice, encodeLater({ ...ours, ratchetKey: key })))
  }
})
