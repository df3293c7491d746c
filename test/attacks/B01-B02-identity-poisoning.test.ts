import { assert, test } from '#test'
import { aliceBobAndMallory, settled } from '../support/forged-first.js'
import { Mallory } from '../support/mallory.js'
import { withEvilRelay } from '../support/relay-people.js'
import { assertUnmoved, snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

const moved = ['peers', 'sessions', 'prekeys', 'base-keys', 'messages']

test('B02 control: a first message of somebody whose list says so is read', () =>
  withEvilRelay(async (world) => {
    const { relay, bob, to } = await aliceBobAndMallory(world)
    const carol = await Mallory.make(world.cipher, relay.site.realm, 'carol')
    relay.hooks.onLists = (account, lists) => (account === 'carol' ? [carol.chain.head] : lists)
    relay.inject(to.device, await carol.firstMessage(to, carol.own))
    await until(() => bob.conversations.value.some((one) => one.account === 'carol'))
  }))

test('B02 a first message under another identity key than the list’s is refused before anything moves', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, bob, alice, hers, his, mallory, alicesOwn, bobsOwn, to } =
      await aliceBobAndMallory(world)
    const before = await snapshot(bobs, moved)
    // It says that it is Alice's device, in the envelope and inside; the keys are Mallory's. All of its cryptography is right.
    relay.inject(to.device, await mallory.firstMessage(to, alicesOwn, { generation: 2 }))
    await settled()
    assertUnmoved(await snapshot(bobs, moved), before)
    assert.deepEqual(his.texts(), ['< one', '> two'])
    const batches = relay.log.batches.length
    await bob.conversation('alice').send('three')
    await until(() => hers.texts().length === 3)
    for (const { batch } of relay.log.batches.slice(batches)) {
      for (const { to: recipient } of batch.envelopes) {
        const device = recipient.type === 'address' ? recipient.address.device : ''
        assert.include([alicesOwn.address.device, bobsOwn.address.device], device)
      }
    }
    void alice
  }))

test('B01 an unauthenticated packet pins nobody: one garbage first message moves neither pin nor session', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, alice, his, mallory, alicesOwn, to } = await aliceBobAndMallory(world)
    const before = await snapshot(bobs, moved)
    const forged = await mallory.firstMessage(to, alicesOwn, { generation: 2 })
    const body = forged.envelope.body.slice()
    // The MAC is broken, too: the bare library has moved its pin by then.
    body[body.length - 8] = (body[body.length - 8] ?? 0) ^ 1
    relay.inject(to.device, { ...forged, envelope: { ...forged.envelope, body } })
    await settled()
    assertUnmoved(await snapshot(bobs, moved), before)
    await alice.conversation('bob').send('three')
    await until(() => his.texts().length === 3)
  }))
