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
    let dropped = 0
    world.relay.hooks.onDeliver = () => {
      dropped++
      return []
    }
    await alice.conversation('bob').send('dropped')
    await until(() => dropped === 1)
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

test('an evil relay lies about what it stored, and is found to hold it after a restart', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const alice = await world.installation('alice').online()
    const bobs = world.installation('bob')
    const bob = await bobs.online()
    const his = watch(bob, 'alice')
    let unsaid = 0
    relay.hooks.onSent = () => {
      unsaid++
      return undefined
    }
    relay.hooks.onDeliver = () => []
    await alice.conversation('bob').send('held')
    await until(() => unsaid === 1)
    const body = relay.log.batches[0]?.batch.envelopes[0]?.body ?? new Uint8Array(0)
    assert.isAbove(body.length, 100)
    assert.include(await relay.dump(), Buffer.from(body).toString('latin1'))
    delete relay.hooks.onSent
    delete relay.hooks.onDeliver
    await relay.restart()
    // Sent again byte for byte, and shown once.
    await until(() => his.texts().length === 1 && relay.log.batches.length === 2)
    const [first, second] = relay.log.batches
    assert.deepEqual(first?.batch, second?.batch)
  }))

test('an evil relay delivers to a device that is away when it comes', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const aliceHere = world.installation('alice')
    const alice = await aliceHere.online()
    const alices = await aliceHere.device()
    const bobs = world.installation('bob')
    const bob = await bobs.online()
    const { device } = (await bobs.device()).address
    await bob.close()
    relay.hooks.onSend = (batch) => {
      const [envelope] = batch.envelopes
      if (envelope?.body === undefined) return batch
      const { id, to, body, ext } = envelope
      const { accountId, account } = alices.address
      const from = { account, accountId, device: alices.address.device }
      relay.inject(device, { envelope: { v: 1, id, to, body, ext }, from, at: Date.now() })
      return { type: 'refused', code: 'backend-failed', lists: [], devices: [] }
    }
    await alice.conversation('bob').send('through the back door')
    await until(() => relay.log.batches.length > 0)
    const again = await bobs.online()
    const his = watch(again, 'alice')
    await until(() => his.texts().length === 1)
  }))
