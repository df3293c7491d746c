import { test, assert } from '#test'
import { utf8 } from '@sotto/protocol'
import { bounds, createSignalCipher } from '@sotto/signal'
import { Engine } from '../../packages/signal/src/engine.js'
import { SignalCipher } from '../../packages/signal/src/signal-cipher.js'
import { chooseX25519, type X25519 } from '../../packages/signal/src/x25519.js'
import { expectCode } from './expect-code.js'
import { encodeFirst, encodeLater, takeApart, takeApartLater, typedKey } from './forge.js'
import { Device, talkingDevices } from './two-devices.js'

test('an unknown chain may begin at most 200 messages in', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const sent: Uint8Array[] = []
  for (let i = 0; i <= bounds.unknownJump; i++) sent.push(await alice.encrypt(utf8(`${i}`)))
  const [last, inside] = sent.slice(-2).reverse()
  if (last === undefined || inside === undefined) throw new Error('not sent')
  await expectCode('too-far-ahead', () => bob.decrypt(alice, last))
  assert.deepEqual(await bob.decrypt(alice, inside), utf8(`${bounds.unknownJump - 1}`))
  assert.deepEqual(await bob.decrypt(alice, last), utf8(`${bounds.unknownJump}`))
})

test('a session may begin at most 200 messages in', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const sent: Uint8Array[] = []
  for (let i = 0; i <= bounds.unknownJump; i++) sent.push(await alice.encrypt(utf8(`${i}`)))
  const [last, inside] = sent.slice(-2).reverse()
  if (last === undefined || inside === undefined) throw new Error('not sent')
  await expectCode('too-far-ahead', () => bob.decrypt(alice, last))
  assert.isUndefined(bob.session)
  assert.deepEqual(await bob.decrypt(alice, inside), utf8(`${bounds.unknownJump - 1}`))
})

test('the end of the chain before may be at most 500 messages away', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  await bob.decrypt(alice, await alice.encrypt(utf8('the chain is live')))
  for (const [lost, code] of [
    [bounds.liveJump, undefined],
    [bounds.liveJump + 1, 'too-far-ahead'],
  ] as const) {
    for (let i = 0; i < lost; i++) await alice.encrypt(utf8('lost'))
    await alice.decrypt(bob, await bob.encrypt(utf8('a new ratchet key')))
    const next = await alice.encrypt(utf8('next'))
    if (code === undefined) assert.deepEqual(await bob.decrypt(alice, next), utf8('next'))
    else await expectCode(code, () => bob.decrypt(alice, next))
  }
})

test('at most 1,000 keys are kept, the newest, in less than 64 KiB', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const early: Uint8Array[] = []
  for (let turn = 0; turn < 4; turn++) {
    await bob.decrypt(alice, await alice.encrypt(utf8('the chain is live')))
    early.push(await alice.encrypt(utf8(`early ${turn}`)))
    for (let i = 0; i < 398; i++) await alice.encrypt(utf8('lost'))
    await bob.decrypt(alice, await alice.encrypt(utf8('after a gap')))
    await alice.decrypt(bob, await bob.encrypt(utf8('a new ratchet key')))
    assert.isAtMost(bob.session?.length ?? Infinity, bounds.session)
  }
  const readable = []
  for (const [turn, message] of early.entries()) {
    const read = await bob.decrypt(alice, message).then(
      () => true,
      () => false,
    )
    if (read) readable.push(turn)
  }
  assert.deepEqual(readable, [2, 3], 'of 4 times 399 keys the newest 1,000 are two full gaps and half of one')
})

test('a key that has waited 30 days is forgotten by the next message', async () => {
  const start = 1_790_000_000_000
  let now = start
  const cipher = await createSignalCipher({ now: () => now })
  const [alice, bob] = await talkingDevices(cipher)
  const old = await alice.encrypt(utf8('old'))
  await bob.decrypt(alice, await alice.encrypt(utf8('now old is late')))
  now = start + bounds.keyMs - 1000
  const young = await alice.encrypt(utf8('young'))
  await bob.decrypt(alice, await alice.encrypt(utf8('a day before')))
  const { session } = bob
  assert.deepEqual(await bob.decrypt(alice, old), utf8('old'))
  if (session !== undefined) bob.session = session
  now = start + bounds.keyMs
  await bob.decrypt(alice, await alice.encrypt(utf8('30 days on')))
  await expectCode('undecryptable', () => bob.decrypt(alice, old))
  assert.deepEqual(await bob.decrypt(alice, young), utf8('young'))
})

test('what cannot be read is refused before any agreement is computed', async () => {
  let agreements = 0
  const x25519 = await chooseX25519()
  const counting: X25519 = {
    ...x25519,
    agree(half, publicKey) {
      agreements++
      return x25519.agree(half, publicKey)
    },
  }
  const cipher = new SignalCipher(new Engine(counting), Date.now)
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const first = takeApart(await alice.encrypt(utf8('hello')))
  const inner = takeApartLater(first.message)
  const withRatchetKey = (ratchetKey: Uint8Array) => encodeLater({ ...inner, ratchetKey })
  const someKey = typedKey((await Device.create(cipher)).identity.publicKey)
  const signedPreKey = typedKey(bob.bundle().signedPreKey.key)

  agreements = 0
  const refused: readonly (readonly [Device, Device, Uint8Array])[] = [
    [bob, alice, encodeFirst({ ...first, message: withRatchetKey(signedPreKey) })],
    [bob, alice, first.message],
  ]
  for (const [to, from, message] of refused)
    await expectCode('undecryptable', () => to.decrypt(from, message))
  assert.equal(agreements, 0)

  await bob.decrypt(alice, encodeFirst(first))
  const answer = await bob.encrypt(utf8('answer'))
  agreements = 0
  await expectCode('undecryptable', () => bob.decrypt(alice, encodeFirst(first)), 'a repeat')
  await expectCode('undecryptable', () => bob.decrypt(alice, answer), 'our own, thrown back')
  await alice.decrypt(bob, answer)
  agreements = 0
  await expectCode(
    'undecryptable',
    () => alice.decrypt(bob, withRatchetKey(someKey)),
    'a new chain, and we have sent nothing',
  )
  const turned = encodeFirst({ ...first, identityKey: typedKey(bob.identity.publicKey) })
  await expectCode('undecryptable', () => alice.decrypt(bob, turned), 'a first message to who began it')
  assert.equal(agreements, 0)
})

test('a chain that ended takes no later message', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const message = takeApartLater(await alice.encrypt(utf8('in the old chain')))
  await bob.decrypt(alice, encodeLater(message))
  await alice.decrypt(bob, await bob.encrypt(utf8('a new ratchet key')))
  await bob.decrypt(alice, await alice.encrypt(utf8('in the new chain')))
  for (const ahead of [1, bounds.liveJump + 1]) {
    const later = encodeLater({ ...message, counter: message.counter + ahead })
    await expectCode('undecryptable', () => bob.decrypt(alice, later))
  }
})
