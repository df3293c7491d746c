import type { Backend, Connection } from '@sotto/core/ports'
import type { Batch, DeviceName } from '@sotto/protocol'
import { assert, test } from '#test'
import { World, watch } from '../support/people.js'

/** A backend in which the mailboxes of some devices are full: a batch for one of them is refused whole, and they are named. */
function withFull(inner: Backend, full: ReadonlySet<string>): Backend {
  const refused = ({ envelopes }: Batch): DeviceName[] =>
    envelopes.flatMap(({ to }) =>
      to.type === 'address' && full.has(to.address.device)
        ? [{ accountId: to.address.accountId, device: to.address.device }]
        : [],
    )
  return (login) => {
    const parts = inner(login)
    const open = async (options: { readonly signal: AbortSignal }): Promise<Connection> => {
      const connection = await parts.transport.open(options)
      const send = connection.send.bind(connection)
      connection.send = async (batch) => {
        const devices = refused(batch)
        if (devices.length === 0) return send(batch)
        return { outcome: 'refused', code: 'mailbox-full', lists: [], devices }
      }
      return connection
    }
    return { ...parts, transport: { open } }
  }
}

/** Alice, who has written to Bob, with two devices, and to Carol; `full`: devices whose mailboxes are full. */
async function written() {
  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const full = new Set<string>()
  const bob = await world.online(await bobs.open())
  const carol = await world.person('carol')
  const seconds = await world.join(bobs)
  const alice = await world.online(
    await alices.open({ backend: withFull(world.network.backend(alices.link), full) }),
  )
  const second = await world.online(await seconds.open())
  const threads = [watch(bob, 'alice'), watch(second, 'alice'), watch(carol, 'alice')] as const
  for (const to of ['bob', 'carol']) await alice.conversation(to).send('one')
  await world.time.until(() => threads.every((one) => one.texts().length === 1), 200_000)
  await bob.conversation('alice').accept()
  await world.time.until(() => second.conversation('alice').relation.value === 'accepted', 200_000)
  const device = async (place: typeof bobs) => (await world.deviceOn(place)).address.device
  return { world, alice, second, seconds, full, threads, ids: [await device(bobs), await device(seconds)] }
}

test('a device that sleeps with a full mailbox stops nobody: the others have the message at once, and it sees a gap that is filled', async () => {
  const { world, alice, second, seconds, full, threads, ids } = await written()
  const [bobs, , carols] = threads
  await second.close()
  full.add(ids[1] ?? '')
  await alice.conversation('bob').send('two')
  await alice.conversation('carol').send('two')
  await world.time.until(() => [bobs, carols].every((one) => one.texts().includes('< two')), 10_000)
  const hers = watch(alice, 'bob')
  await world.time.until(() =>
    hers.items.every((one) => one.kind !== 'text' || one.state?.name !== 'sending'),
  )

  full.clear()
  await alice.conversation('bob').send('three')
  await world.time.until(() => bobs.texts().includes('< three'))
  const awake = await world.online(await seconds.open())
  const seen = watch(awake, 'alice')
  await world.time.until(() => seen.texts().includes('< three'), 30_000)
  assert.deepEqual(
    seen.items.map((one) => (one.kind === 'gap' ? one.count : one.kind)),
    ['text', 1, 'text'],
  )
  await world.time.until(() => seen.texts().includes('< two'), 400_000)
  assert.deepEqual(seen.texts(), ['< one', '< two', '< three'])
  assert.isTrue(
    seen.items.every((one) => one.kind === 'text'),
    'the gap is no more',
  )
})

test('where all mailboxes of somebody are full the message waits, says so, stops nobody else’s, and goes when there is room', async () => {
  const { world, alice, full, threads, ids } = await written()
  const [bobs, seconds, carols] = threads
  for (const id of ids) full.add(id)
  await alice.conversation('bob').send('two')
  await alice.conversation('bob').send('three')
  await alice.conversation('carol').send('two')
  await world.time.until(() => carols.texts().includes('< two'), 10_000)
  await world.time.advance(5 * 60_000)
  const hers = watch(alice, 'bob')
  await world.time.until(() => hers.items.length === 3)
  assert.deepEqual(bobs.texts(), ['< one'])
  const states = hers.items.map((one) => (one.kind === 'text' ? one.state : undefined))
  assert.deepEqual(states.slice(1, 2), [{ name: 'waiting', for: 'device' }])
  full.clear()
  await world.time.until(() => [bobs, seconds].every((one) => one.texts().length === 3), 120_000)
  for (const one of [bobs, seconds]) assert.deepEqual(one.texts(), ['< one', '< two', '< three'])
  assert.isTrue(bobs.items.every((one) => one.kind === 'text'))
})

test('a new device sees no gap for what was written before it was there', async () => {
  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [alice, bob] = [await world.online(await alices.open()), await world.online(await bobs.open())]
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  for (const text of ['one', 'two', 'three']) await alice.conversation('bob').send(text)
  await world.time.until(() => his.texts().length === 3)
  for (const text of ['four', 'five']) await bob.conversation('alice').send(text)
  await world.time.until(() => hers.texts().length === 5)
  const [newHers, newHis] = [await world.join(alices), await world.join(bobs)]
  const fresh = [await world.online(await newHers.open()), await world.online(await newHis.open())]
  const seen = [watch(fresh[0] ?? alice, 'bob'), watch(fresh[1] ?? bob, 'alice')]
  await alice.conversation('bob').send('six')
  await bob.conversation('alice').send('seven')
  await world.time.until(() => seen.every((one) => one.texts().length === 2), 400_000)
  await world.time.advance(5 * 60_000)
  for (const { items } of [hers, his, ...seen])
    assert.isTrue(
      items.every((one) => one.kind === 'text'),
      'no gap',
    )
  assert.deepEqual(
    seen.map((one) => [...one.texts()].sort()),
    [
      ['< seven', '> six'],
      ['< six', '> seven'],
    ],
  )
})
