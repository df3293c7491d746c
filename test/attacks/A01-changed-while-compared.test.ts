import { assert, test } from '#test'
import { rejects } from '../core/reject.js'
import { Mallory } from '../support/mallory.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

/** Alice and Bob have written to each other; the relay can say that Bob's name belongs to somebody else by now. */
async function talking(world: EvilWorld) {
  const { relay, cipher } = world
  const alices = world.installation('alice')
  const alice = await alices.online()
  const bob = await world.installation('bob').online()
  const his = watch(bob, 'alice')
  const conversation = alice.conversation('bob')
  watch(alice, 'bob')
  await conversation.send('one')
  await until(() => his.texts().length === 1)
  const impostor = (era: number) => Mallory.make(cipher, relay.site.realm, 'bob', era)
  const say = (mallory: Mallory) => {
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [mallory.chain.head] : lists)
  }
  const tellTheTruth = () => (relay.hooks.onLists = (_account, lists) => lists)
  /** The relay refuses what is sent, and names a list of the impostor's as the newer one. */
  const changedTo = async (mallory: Mallory) => {
    say(mallory)
    const { accountId, hash, list } = mallory.chain
    let refused = 0
    relay.hooks.onSend = (batch) => {
      if (refused++ > 0) return batch
      const lists = [{ accountId, era: list.era, sequence: list.sequence, hash }]
      return { type: 'refused', code: 'lists-outdated', lists, devices: [] }
    }
    await conversation.send('secret')
    await until(() => {
      const trust = conversation.trust.value
      return trust.name === 'changed' && trust.accountId === mallory.chain.accountId
    })
  }
  return { alices, alice, bob, his, conversation, impostor, changedTo, tellTheTruth }
}

test('A01 keys that come while the number is compared are not those that were compared: nothing is marked, and nothing goes to them', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const { alices, bob, his, conversation, impostor, changedTo, tellTheTruth } = await talking(world)
    const compared = await conversation.safetyNumber()
    assert.equal(compared.digits, (await bob.conversation('alice').safetyNumber()).digits)
    const [one, other] = [await impostor(1), await impostor(2)]

    await changedTo(one)
    const before = await snapshot(alices, ['peers'])
    await rejects(conversation.markVerified(compared), 'number-changed')
    assert.deepEqual(await snapshot(alices, ['peers']), before)

    // The person looks at the new number; then there is another one still.
    const shown = await conversation.safetyNumber()
    assert.notEqual(shown.digits, compared.digits)
    await changedTo(other)
    const then = await snapshot(alices, ['peers'])
    await rejects(conversation.markVerified(shown), 'number-changed')
    await rejects(conversation.acceptChange(one.chain.accountId), 'number-changed')
    assert.deepEqual(await snapshot(alices, ['peers']), then)
    assert.equal(conversation.trust.value.name, 'changed')
    const to = relay.log.batches.flatMap(({ batch }) => batch.envelopes.map((envelope) => envelope.to))
    const ids = to.map((one) => (one.type === 'address' ? one.address.accountId : ''))
    for (const { chain } of [one, other]) assert.notInclude(ids, chain.accountId)

    // The control: the relay says what is true again, and the number that was compared is the one that is marked.
    tellTheTruth()
    await until(() => conversation.trust.value.name === 'unverified')
    await conversation.markVerified(compared)
    await until(() => conversation.trust.value.name === 'verified')
    await until(() => his.texts().length === 3)
    assert.deepEqual(his.texts(), ['< one', '< secret', '< secret'])
  }))

test('A01 a false answer of the relay stops a conversation for as long as it is given, and leaves nothing behind', () =>
  withEvilRelay(async (world) => {
    const { his, conversation, impostor, changedTo, tellTheTruth } = await talking(world)
    const mallory = await impostor(1)
    await changedTo(mallory)
    assert.deepEqual(his.texts(), ['< one'])
    tellTheTruth()
    // Nobody looks up anything: what waits asks again by itself.
    await until(() => his.texts().length === 2)
    await until(() => conversation.trust.value.name === 'unverified')
    await rejects(conversation.acceptChange(mallory.chain.accountId), 'number-changed')
  }))

test('A01 control: who goes on with the account id that is shown writes to it', () =>
  withEvilRelay(async (world) => {
    const { conversation, impostor, changedTo } = await talking(world)
    const mallory = await impostor(1)
    await changedTo(mallory)
    await conversation.acceptChange(mallory.chain.accountId)
    await until(() => conversation.trust.value.name === 'unverified')
    await conversation.markVerified(await conversation.safetyNumber())
    await until(() => conversation.trust.value.name === 'verified')
  }))
