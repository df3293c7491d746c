import { assert, test } from '#test'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { until } from '../support/until.js'

test('an evil relay that does nothing evil is a relay', () =>
  withEvilRelay(async (world) => {
    const alice = await world.installation('alice').online()
    const bob = await world.installation('bob').online()
    const hers = watch(alice, 'bob')
    const his = watch(bob, 'alice')
    await alice.conversation('bob').send('Lunch?')
    await until(() => his.texts().length === 1)
    await bob.conversation('alice').send('At one')
    await until(() => hers.texts().length === 2)
    assert.isAbove(world.relay.log.batches.length, 1)
    assert.isAbove(world.relay.log.claims.length, 0)
    assert.equal(world.relay.log.publishes.length, 2)
  }))

test('an evil relay delivers what it likes', () =>
  withEvilRelay(async (world) => {
    const alice = await world.installation('alice').online()
    const bob = await world.installation('bob').online()
    const his = watch(bob, 'alice')
    world.relay.hooks.onDeliver = () => []
    await alice.conversation('bob').send('dropped')
    await until(() => world.relay.log.batches.length === 1)
    world.relay.hooks.onDeliver = (stamped) => [stamped, stamped]
    await alice.conversation('bob').send('twice')
    await until(() => his.texts().length === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(his.texts(), ['< twice'])
    assert.deepEqual(
      his.items.map((one) => one.kind),
      ['gap', 'text'],
    )
  }))
