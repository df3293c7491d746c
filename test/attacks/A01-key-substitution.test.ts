import { assert, test } from '#test'
import { watch } from '../support/people.js'
import { Mallory } from '../support/mallory.js'
import { withEvilRelay } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

test('A01 control: without the attack both see one number, and the message arrives', () =>
  withEvilRelay(async (world) => {
    const alice = await world.installation('alice').online()
    const bob = await world.installation('bob').online()
    const his = watch(bob, 'alice')
    await alice.conversation('bob').send('secret')
    await until(() => his.texts().length === 1)
    assert.deepEqual(
      await alice.conversation('bob').safetyNumber(),
      await bob.conversation('alice').safetyNumber(),
    )
  }))

test('A01 keys substituted at first contact are found by comparing, and the thread says that nobody has compared', () =>
  withEvilRelay(async (world) => {
    const { relay, cipher } = world
    const bob = await world.installation('bob').online()
    const mallory = await Mallory.make(cipher, relay.site.realm, 'bob')
    const bundle = await mallory.bundle()
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [mallory.chain.head] : lists)
    relay.hooks.onClaim = () => bundle
    const alice = await world.installation('alice').online()
    await alice.conversation('bob').lookUp()
    relay.hooks.onLists = (_account, lists) => lists
    await bob.conversation('alice').lookUp()
    await until(() => alice.conversation('bob').trust.value.name === 'unverified')
    const [hers, his] = [
      await alice.conversation('bob').safetyNumber(),
      await bob.conversation('alice').safetyNumber(),
    ]
    assert.notEqual(hers.digits, his.digits)
  }))

test('A01 keys substituted later are refused: what is pinned stays, nothing goes to the other key, nothing is offered', () =>
  withEvilRelay(async (world) => {
    const { relay, cipher } = world
    const alices = world.installation('alice')
    const alice = await alices.online()
    const bob = await world.installation('bob').online()
    const his = watch(bob, 'alice')
    await alice.conversation('bob').send('one')
    await until(() => his.texts().length === 1)
    const before = await snapshot(alices, ['peers'])
    const mallory = await Mallory.make(cipher, relay.site.realm, 'bob')
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [mallory.chain.head] : lists)
    // The relay says that there are newer lists, so that Alice asks for them.
    let refusals = 0
    relay.hooks.onSend = (batch) => {
      if (refusals++ > 0) return batch
      const { accountId, hash } = mallory.chain
      return {
        type: 'refused',
        code: 'lists-outdated',
        lists: [{ accountId, era: 0, sequence: 2, hash }],
        devices: [],
      }
    }
    await alice.conversation('bob').send('two')
    await until(() => his.texts().length === 2)
    assert.deepEqual(await snapshot(alices, ['peers']), before)
    assert.equal(alice.conversation('bob').trust.value.name, 'unverified')
    const devices = relay.log.batches.flatMap(({ batch }) =>
      batch.envelopes.map(({ to }) => (to.type === 'address' ? to.address.device : '')),
    )
    assert.notInclude(devices, mallory.own.address.device)
  }))
