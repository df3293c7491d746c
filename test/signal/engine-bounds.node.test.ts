import { test, assert } from '#test'
import { utf8 } from '@sotto/protocol'
import { bounds, createSignalCipher } from '@sotto/signal'
import { BarePerson } from './bare-library.js'
import { expectCode } from './expect-code.js'
import { first, talkingDevices } from './two-devices.js'

test('engine f: a skipped message is readable for five chains, and the session does not grow', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  await bob.decrypt(alice, await alice.encrypt(bob, utf8('hello')))
  await alice.decrypt(bob, await bob.encrypt(alice, utf8('hello')))
  const late = await alice.encrypt(bob, utf8('late'))
  const lengths: number[] = []
  for (let turn = 0; turn < 60; turn++) {
    await bob.decrypt(alice, await alice.encrypt(bob, utf8('turn')))
    await alice.decrypt(bob, await bob.encrypt(alice, utf8('turn')))
    lengths.push(bob.store.sessions.get('alice.1')?.length ?? 0)
  }
  assert.isAbove(
    (lengths[59] ?? 0) - (lengths[29] ?? 0),
    30 * 100,
    'control: the record grows with every turn',
  )
  assert.deepEqual(await bob.decrypt(alice, late), utf8('late'), 'control: no chain is ever forgotten')

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = await talkingDevices(cipher)
  const kept: Uint8Array[] = []
  const ourLengths: number[] = []
  for (let turn = 0; turn < 60; turn++) {
    kept.push(await ourAlice.encrypt(utf8(`late ${turn}`)))
    await ourBob.decrypt(ourAlice, await ourAlice.encrypt(utf8('turn')))
    await ourAlice.decrypt(ourBob, await ourBob.encrypt(utf8('turn')))
    ourLengths.push(ourBob.session?.length ?? 0)
  }
  assert.equal(ourLengths[59], ourLengths[9], 'flat')
  for (const [turn, message] of [...kept.entries()].reverse()) {
    if (turn >= 60 - (bounds.oldChains + 1)) {
      assert.deepEqual(await ourBob.decrypt(ourAlice, message), utf8(`late ${turn}`))
    } else {
      await expectCode('undecryptable', () => ourBob.decrypt(ourAlice, message), `turn ${turn}`)
    }
  }
})

test('engine f: a jump is bounded before anything is derived, and what lies within it is read', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  await bob.decrypt(alice, await alice.encrypt(bob, utf8('hello')))
  await alice.decrypt(bob, await bob.encrypt(alice, utf8('hello')))
  await bob.decrypt(alice, await alice.encrypt(bob, utf8('hello')))
  for (let i = 0; i < 2000; i++) await alice.encrypt(bob, utf8('lost'))
  const refused = await bob
    .decrypt(alice, await alice.encrypt(bob, utf8('after')))
    .catch((error: unknown) => (error instanceof Error ? error.message : error))
  assert.equal(
    refused,
    'Over 2000 messages into the future!',
    'control: 2,000 lost, and the direction is dead',
  )

  const cipher = await createSignalCipher()
  const [ourAlice, ourBob] = await talkingDevices(cipher)
  await ourBob.decrypt(ourAlice, await ourAlice.encrypt(utf8('the chain is live')))
  const sent: Uint8Array[] = []
  for (let i = 0; i <= bounds.liveJump; i++) sent.push(await ourAlice.encrypt(utf8(`message ${i}`)))
  const [last, inside] = [sent[bounds.liveJump], sent[bounds.liveJump - 1]]
  if (last === undefined || inside === undefined) throw new Error('not sent')
  const before = ourBob.session
  await expectCode('too-far-ahead', () => ourBob.decrypt(ourAlice, last))
  assert.equal(ourBob.session, before)
  assert.deepEqual(await ourBob.decrypt(ourAlice, inside), utf8(`message ${bounds.liveJump - 1}`))
  assert.deepEqual(await ourBob.decrypt(ourAlice, last), utf8(`message ${bounds.liveJump}`))
  assert.deepEqual(
    await ourBob.decrypt(ourAlice, first(sent)),
    utf8('message 0'),
    'the skipped ones are readable',
  )
})
