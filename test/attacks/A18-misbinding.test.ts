import { assert, test } from '#test'
import type { StampedEnvelope } from '@sotto/protocol'
import { settled } from '../support/forged-first.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld } from '../support/relay-people.js'
import { assertUnmoved, snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

/** Alice, Bob and Carol have all written to each other; the next envelope of Alice to Bob is held. */
async function three(world: EvilWorld) {
  const { relay } = world
  const [alices, bobs, carols] = ['alice', 'bob', 'carol'].map((name) => world.installation(name))
  if (alices === undefined || bobs === undefined || carols === undefined) throw new Error('three are needed')
  const [alice, bob, carol] = [await alices.online(), await bobs.online(), await carols.online()]
  const [fromAlice, fromCarol, atCarol] = [watch(bob, 'alice'), watch(bob, 'carol'), watch(carol, 'alice')]
  await alice.conversation('bob').send('a')
  await carol.conversation('bob').send('c')
  await alice.conversation('carol').send('ac')
  await until(
    () => fromAlice.texts().length === 1 && fromCarol.texts().length === 1 && atCarol.texts().length === 1,
  )
  await bob.conversation('alice').accept()
  await bob.conversation('carol').accept()
  // What follows from that, receipts and answers, has come: nothing but the attack moves anything.
  const sent = [watch(alice, 'bob'), watch(carol, 'bob')]
  await until(() => sent.every((one) => one.items.length === 1 && one.allDelivered()))
  const held: StampedEnvelope[] = []
  const bobsDevice = (await bobs.device()).address
  relay.hooks.onDeliver = (stamped, device) => {
    if (device !== bobsDevice.device || stamped.from?.account !== 'alice') return [stamped]
    held.push(stamped)
    return []
  }
  await alice.conversation('bob').send('secret')
  await until(() => held.length === 1)
  delete relay.hooks.onDeliver
  const [stamped] = held
  if (stamped === undefined) throw new Error('nothing was held')
  return {
    relay,
    bobs,
    carols,
    fromAlice,
    fromCarol,
    atCarol,
    stamped,
    bobsDevice,
    carolsDevice: (await carols.device()).address,
  }
}

test('A18 control: the held envelope is read where it belongs', () =>
  withEvilRelay(async (world) => {
    const { relay, fromAlice, stamped, bobsDevice } = await three(world)
    relay.inject(bobsDevice.device, stamped)
    await until(() => fromAlice.texts().length === 2)
    assert.include(fromAlice.texts(), '< secret')
  }))

test('A18 an envelope relabelled as another sender’s is shown as nobody’s, and moves nothing', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, fromAlice, fromCarol, stamped, bobsDevice, carolsDevice } = await three(world)
    const before = await snapshot(bobs, ['sessions', 'messages', 'peers'])
    const { account, accountId, device } = carolsDevice
    relay.inject(bobsDevice.device, { ...stamped, from: { account, accountId, device } })
    await settled()
    assert.deepEqual(fromCarol.texts(), ['< c'])
    assert.deepEqual(fromAlice.texts(), ['< a'])
    assertUnmoved(await snapshot(bobs, ['sessions', 'messages', 'peers']), before)
    relay.inject(bobsDevice.device, stamped)
    await until(() => fromAlice.texts().length === 2)
  }))

test('A18 an envelope given to another recipient is read by nobody, and moves nothing', () =>
  withEvilRelay(async (world) => {
    const { relay, carols, atCarol, stamped, carolsDevice } = await three(world)
    const before = await snapshot(carols, ['sessions', 'messages', 'peers'])
    relay.inject(carolsDevice.device, stamped)
    const to = { type: 'address' as const, address: carolsDevice }
    relay.inject(carolsDevice.device, { ...stamped, envelope: { ...stamped.envelope, to } })
    await settled()
    assert.deepEqual(atCarol.texts(), ['< ac'])
    assertUnmoved(await snapshot(carols, ['sessions', 'messages', 'peers']), before)
  }))
