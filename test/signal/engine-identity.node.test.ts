import { test, assert } from '#test'
import { KeyHelper } from '@privacyresearch/libsignal-protocol-typescript'
import { toHex, utf8 } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { BarePerson } from './bare-library.js'
import { expectCode } from './expect-code.js'
import { encodeFirst, takeApart, typedKey } from './forge.js'
import { Device, talkingDevices } from './two-devices.js'

const hex = (buffer: ArrayBuffer | undefined) => (buffer === undefined ? '' : toHex(new Uint8Array(buffer)))

test('engine a: a first message under another identity key is refused before anything is read', async () => {
  const [alice, bob, mallory] = [
    await BarePerson.create('alice'),
    await BarePerson.create('bob'),
    await BarePerson.create('alice'),
  ]
  await alice.start(bob)
  await bob.decrypt(alice, await alice.encrypt(bob, utf8('hello')))
  const pinned = hex(bob.store.trusted.get('alice'))
  await mallory.start(bob)
  const read = await bob.decrypt(mallory, await mallory.encrypt(bob, utf8('i am alice')))
  assert.deepEqual(read, utf8('i am alice'), 'control: the bare library reads the stranger')
  assert.notEqual(hex(bob.store.trusted.get('alice')), pinned, 'control: the pin moves')

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob, ourMallory] = [
    await Device.create(cipher),
    await Device.create(cipher),
    await Device.create(cipher),
  ]
  await ourMallory.start(ourBob.bundle())
  const forged = await ourMallory.encrypt(utf8('i am alice'))
  await expectCode('identity-mismatch', () => ourBob.decrypt(ourAlice, forged))
  const relabelled = encodeFirst({ ...takeApart(forged), identityKey: typedKey(ourAlice.identity.publicKey) })
  await expectCode('undecryptable', () => ourBob.decrypt(ourAlice, relabelled))
  assert.deepEqual(
    await ourBob.decrypt(ourMallory, forged),
    utf8('i am alice'),
    'from mallory it is what it is',
  )
})

test('engine a: an established session reads nothing for another identity than its own two', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const stranger = await Device.create(cipher)
  const message = await alice.encrypt(utf8('for bob'))
  await expectCode('identity-mismatch', () => bob.decrypt(stranger, message))
  const { session } = bob
  assert.isDefined(session)
  if (session === undefined) return
  const theirs = alice.verified
  await expectCode('identity-mismatch', () =>
    cipher.decrypt({ session, ours: { identity: stranger.identity }, theirs }, message),
  )
  await expectCode('identity-mismatch', () =>
    cipher.encrypt({ session, ours: { identity: stranger.identity } }, utf8('as somebody else')),
  )
  assert.deepEqual(await bob.decrypt(alice, message), utf8('for bob'))
})

test('engine a: nobody has a session with their own identity key', async () => {
  const cipher = await createSignalCipher()
  const alice = await Device.create(cipher)
  await expectCode('identity-mismatch', () => alice.start(alice.bundle()))
  const mallory = await Device.create(cipher)
  await mallory.start(alice.bundle())
  const identityKey = typedKey(alice.identity.publicKey)
  const asAlice = encodeFirst({ ...takeApart(await mallory.encrypt(utf8('to myself'))), identityKey })
  await expectCode('identity-mismatch', () => alice.decrypt(alice, asAlice))
})

test('engine j: a packet of garbage moves no pin and leaves the session as good as it was', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const good = await alice.encrypt(bob, utf8('hello'))
  await bob.decrypt(alice, good)
  const pinned = hex(bob.store.trusted.get('alice'))
  const stranger = await KeyHelper.generateIdentityKeyPair()
  const garbage = encodeFirst({
    ...takeApartBare(good.bytes),
    baseKey: new Uint8Array((await KeyHelper.generateIdentityKeyPair()).pubKey),
    identityKey: new Uint8Array(stranger.pubKey),
  })
  const failed = await bob.decrypt(alice, { type: 3, bytes: garbage }).then(
    () => false,
    () => true,
  )
  assert.isTrue(failed, 'control: the packet does not decrypt')
  assert.notEqual(hex(bob.store.trusted.get('alice')), pinned, 'control: and yet the pin moved')

  const cipher = await createSignalCipher()
  const [ours, theirs] = await talkingDevices(cipher)
  const other = await Device.create(cipher)
  await other.start({ ...theirs.bundle(false) })
  const before = theirs.session?.slice()
  await expectCode('identity-mismatch', async () =>
    theirs.decrypt(ours, await other.encrypt(utf8('garbage'))),
  )
  const message = await ours.encrypt(utf8('good'))
  const broken = message.slice()
  broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1
  await expectCode('undecryptable', () => theirs.decrypt(ours, broken))
  assert.deepEqual(theirs.session, before)
  assert.deepEqual(await theirs.decrypt(ours, message), utf8('good'))
})

/** The bare library writes its registration id, which our parser refuses. */
function takeApartBare(bytes: Uint8Array): ReturnType<typeof takeApart> {
  const zeroed = bytes.slice()
  zeroed[2] = 0
  return takeApart(zeroed)
}
