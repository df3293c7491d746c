import { signNextList, type Joining, type OwnDevice } from '@sotto/core'
import {
  deviceOf,
  signDeviceList,
  signerId,
  type DeviceList,
  type ErrorCode,
  type Signed,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { rejects } from '../core/reject.js'
import { settled } from '../support/forged-first.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'
import { fetchLists, joiningDevice, pinned, signOn } from './list-attacks.js'

/** Alice and Bob have written to each other; a device waits that says it is Bob's. */
async function withGhost(world: EvilWorld) {
  const { relay } = world
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [alice, bob] = [await alices.online(), await bobs.online()]
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('one')
  await until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await until(() => hers.texts().length === 2)
  await settled()
  const { joining, installation } = await joiningDevice(world, bobs)
  const own = await bobs.device()
  const addressees = () =>
    relay.log.batches.flatMap(({ batch }) =>
      batch.envelopes.map(({ to }) => (to.type === 'address' ? to.address.device : '')),
    )
  return { relay, alices, bobs, alice, bob, his, hers, own, joining, installation, addressees }
}

const signerOf = ({ device, countersign }: Joining['device']) => ({
  by: signerId(device.id),
  sign: countersign,
})

/** The list after Bob's newest, with the ghost on it. */
const withIt = ({ chain }: OwnDevice, { device }: Joining['device'], change: Partial<DeviceList> = {}) => ({
  ...chain.list,
  sequence: chain.list.sequence + 1,
  previous: chain.hash,
  devices: [...chain.list.devices, device],
  ...change,
})

type Make = (own: OwnDevice, ghost: Joining['device']) => Promise<Signed>

/** What a relay can make without a device of Bob's. */
const ghosts: readonly (readonly [how: string, code: ErrorCode, make: Make])[] = [
  [
    'signed by itself alone',
    'bad-signature',
    (own, ghost) => signDeviceList(withIt(own, ghost), [signerOf(ghost)]),
  ],
  [
    'signed by its own key under the name of a listed device',
    'bad-signature',
    (own, ghost) =>
      signDeviceList(withIt(own, ghost), [
        { ...signerOf(ghost), by: signerId(own.address.device) },
        signerOf(ghost),
      ]),
  ],
  [
    'under a replayed signature of a listed device',
    'bad-signature',
    async (own, ghost) => {
      const { signed: real } = await signNextList(own, own.chain, {}, Date.now())
      const { bytes, signed } = await signDeviceList(withIt(own, ghost), [signerOf(ghost)])
      return { bytes, signed: [...real.signed, ...signed] }
    },
  ],
  [
    'on a list that skips a number',
    'device-list-rejected',
    (own, ghost) =>
      signDeviceList(withIt(own, ghost, { sequence: own.chain.list.sequence + 2 }), [signerOf(ghost)]),
  ],
  [
    'on a first list of the same era',
    'device-list-rejected',
    (own, ghost) =>
      signDeviceList(withIt(own, ghost, { sequence: 1, previous: null, devices: [ghost.device] }), [
        signerOf(ghost),
      ]),
  ],
]

test('A02 control at two clients: a device that a listed one has signed on is accepted and written to', () =>
  withEvilRelay(async (world) => {
    const { alices, bobs, alice, joining, installation, addressees } = await withGhost(world)
    const { id } = joining.device.device
    await signOn(world, bobs, joining)
    await fetchLists(world, alices, 'bob')
    assert.isDefined(deviceOf(await pinned(alices, 'bob'), id))
    const seen = watch(await installation.online(), 'alice')
    await alice.conversation('bob').send('to both')
    await until(() => seen.texts().includes('< to both'))
    assert.include(addressees(), id)
  }))

for (const [how, code, make] of ghosts) {
  test(`A02 at two clients a ghost device is refused, nothing is stored, and nothing goes to it: ${how}`, () =>
    withEvilRelay(async (world) => {
      const { relay, alices, alice, his, own, joining, addressees } = await withGhost(world)
      const ghost = await make(own, joining.device)
      const before = await snapshot(alices)
      const [sent, claimed] = [relay.log.batches.length, relay.log.claims.length]
      let asked = 0
      relay.hooks.onLists = (account, lists) => {
        if (account !== 'bob') return lists
        asked++
        return [ghost]
      }
      await rejects(fetchLists(world, alices, 'bob'), code)
      assert.deepEqual(await snapshot(alices), before)
      assert.deepEqual([relay.log.batches.length, relay.log.claims.length], [sent, claimed])
      // The client that runs is made to ask, too: what it writes is refused for a list that it should know.
      const { accountId } = own.chain
      const lists = [{ accountId, era: 0, sequence: 2, hash: 'ab'.repeat(32) }]
      relay.hooks.onSend = () => ({ type: 'refused', code: 'lists-outdated', lists, devices: [] })
      await alice.conversation('bob').send('three')
      await until(() => asked > 1 && relay.log.batches.length > sent)
      await settled()
      assert.deepEqual(await snapshot(alices, ['peers']), pick(before, 'peers'))
      assert.notInclude(addressees(), joining.device.device.id)
      assert.lengthOf(relay.log.claims, claimed)
      assert.equal(alice.state.value.name, 'online')
      // Without the lie the message goes, to whom it should.
      delete relay.hooks.onLists
      delete relay.hooks.onSend
      await until(() => his.texts().includes('< three'))
      assert.notInclude(addressees(), joining.device.device.id)
    }))
}

function pick(rows: Record<string, string>, table: string): Record<string, string> {
  return Object.fromEntries(Object.entries(rows).filter(([name]) => name.startsWith(`${table} `)))
}

test('A02 at first contact a chain with a ghost device is refused: nobody is pinned, nothing is claimed or sent', () =>
  withEvilRelay(async (world) => {
    const { relay, own, joining } = await withGhost(world)
    const carols = world.installation('carol')
    const carol = await carols.online()
    const ghost = await signDeviceList(withIt(own, joining.device), [signerOf(joining.device)])
    const before = await snapshot(carols)
    const [sent, claimed] = [relay.log.batches.length, relay.log.claims.length]
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [...lists, ghost] : lists)
    await rejects(carol.conversation('bob').lookUp(), 'bad-signature')
    assert.deepEqual(await snapshot(carols), before)
    assert.equal(carol.conversation('bob').trust.value.name, 'unknown')
    assert.deepEqual([relay.log.batches.length, relay.log.claims.length], [sent, claimed])
    delete relay.hooks.onLists
    await carol.conversation('bob').lookUp()
    assert.isUndefined(deviceOf(await pinned(carols, 'bob'), joining.device.device.id))
  }))

test('A02 a ghost device on our own account’s list is refused at connect: the client says so and sends nothing', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, bob, own, joining } = await withGhost(world)
    await bob.close()
    const ghost = await signDeviceList(withIt(own, joining.device), [signerOf(joining.device)])
    const before = await snapshot(bobs)
    const sent = relay.log.batches.length
    const published = relay.log.publishes.length
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [...lists, ghost] : lists)
    const again = await bobs.open()
    await until(() => again.state.value.name === 'offline')
    const { state } = again
    assert.equal(state.value.name === 'offline' && state.value.code, 'bad-signature')
    await settled()
    assert.deepEqual(await snapshot(bobs), before)
    assert.deepEqual([relay.log.batches.length, relay.log.publishes.length], [sent, published])
    delete relay.hooks.onLists
    again.reconnect()
    await until(() => again.state.value.name === 'online')
  }))
