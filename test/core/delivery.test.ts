import { run } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import type { Announcement } from '../../packages/core/src/announcements.js'
import { readEnvelopeRows } from '../../packages/core/src/store/tables.js'
import { World, twoPeople, watch } from '../support/people.js'

test('what was written while the other was away arrives when they are back, in order', async () => {
  const world = await World.make()
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open())
  const alice = await world.person('alice')
  await bob.close()
  for (const text of ['one', 'two', 'three']) await alice.conversation('bob').send(text)
  const hers = watch(alice, 'bob')
  await world.time.until(() => hers.items.every((one) => one.kind === 'text' && one.state?.name === 'sent'))
  const back = await world.online(await bobs.open())
  const his = watch(back, 'alice')
  await world.time.until(() => his.texts().length === 3)
  assert.deepEqual(his.texts(), ['< one', '< two', '< three'])
})

test('a message written offline waits for the network and is sent when it is back', async () => {
  const world = await World.make()
  const installation = world.installation('alice')
  const alice = await world.online(await installation.open())
  const bob = await world.person('bob')
  installation.link.down()
  await world.time.until(() => alice.state.value.name === 'offline')
  const hers = watch(alice, 'bob')
  await alice.conversation('bob').send('hello')
  await world.time.until(() => hers.items.length === 1)
  const [item] = hers.items
  assert.deepEqual(item?.kind === 'text' && item.state, { name: 'waiting', for: 'network' })
  installation.link.up()
  const his = watch(bob, 'alice')
  await world.time.until(() => his.texts().length === 1)
  assert.deepEqual(his.texts(), ['< hello'])
})

test('a conversation is there after the tab was closed and opened again, without a network', async () => {
  const world = await World.make()
  const installation = world.installation('alice')
  const alice = await world.online(await installation.open())
  await world.person('bob')
  await alice.conversation('bob').send('hello')
  const hers = watch(alice, 'bob')
  await world.time.until(() => hers.items.some((one) => one.kind === 'text' && one.state?.name === 'sent'))
  await alice.close()
  installation.link.down()
  const again = await installation.open()
  assert.equal(again.conversations.value.length, 1)
  const seen = watch(again, 'bob')
  await world.time.until(() => seen.items.length === 1)
  assert.deepEqual(seen.texts(), ['> hello'])
})

test('an accepted message becomes delivered, then read', async () => {
  const { world, alice, bob } = await twoPeople()
  const hers = watch(alice, 'bob')
  const his = watch(bob, 'alice')
  await alice.conversation('bob').send('Lunch?')
  await world.time.until(() => his.texts().length === 1)
  const state = () => {
    const [item] = hers.items
    return item?.kind === 'text' ? item.state?.name : undefined
  }
  // A stranger's message draws no receipt.
  await world.time.advance(120_000)
  assert.equal(state(), 'sent')
  assert.equal(bob.conversation('alice').relation.value, 'request')
  await bob.conversation('alice').accept()
  await world.time.until(() => state() === 'delivered')
  await bob.conversation('alice').markRead(his.items[0]?.key ?? '')
  await world.time.until(() => state() === 'read')
})

test('a message goes to every device on both lists', async () => {
  const world = await World.make()
  const alices = world.installation('alice')
  const alice = await world.online(await alices.open())
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open())
  const alice2 = await world.online(await (await world.join(alices)).open())
  const bob2 = await world.online(await (await world.join(bobs)).open())
  const bob3 = await world.online(await (await world.join(bobs)).open())
  const threads = [watch(alice2, 'bob'), watch(bob, 'alice'), watch(bob2, 'alice'), watch(bob3, 'alice')]
  await alice.conversation('bob').send('to all')
  await world.time.until(() => threads.every((one) => one.items.length === 1), 200_000)
  assert.deepEqual(
    threads.map((one) => one.texts()),
    [['> to all'], ['< to all'], ['< to all'], ['< to all']],
  )
  await bob3.conversation('alice').send('from the third')
  const first = watch(alice, 'bob')
  await world.time.until(() => [first, ...threads].every((one) => one.items.length === 2), 200_000)
})

test('what is written at the very first start waits until the device is set up, and is sent', async () => {
  const world = await World.make()
  const bob = await world.person('bob')
  const his = watch(bob, 'alice')
  const alice = await world.installation('alice').open()
  const sending = alice.conversation('bob').send('first of all')
  await world.online(alice)
  await sending
  await world.time.until(() => his.texts().length === 1)
  assert.deepEqual(his.texts(), ['< first of all'])
})

test('what is written at the very first start without a network is refused, and nothing is stored', async () => {
  const world = await World.make()
  const installation = world.installation('alice')
  installation.link.down()
  const alice = await installation.open()
  let error: unknown
  const sending = alice
    .conversation('bob')
    .send('first of all')
    .catch((cause: unknown) => (error = cause))
  await world.time.until(() => alice.state.value.name === 'offline')
  await sending
  assert.isTrue(SottoError.is(error, 'offline'))
  assert.deepEqual(alice.conversations.value, [])
})

test('hundreds that waited come in order, are told at once, and are remembered', async () => {
  const count = 150
  const world = await World.make()
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open())
  const alice = await world.person('alice')
  await bob.close()
  const hers = watch(alice, 'bob')
  const texts = Array.from({ length: count }, (_, i) => `number ${i}`)
  for (const text of texts) await alice.conversation('bob').send(text)
  await world.time.until(() => hers.items.every((one) => one.kind !== 'text' || one.state?.name === 'sent'))
  const told: Announcement[] = []
  bobs.channels.open('test-bob').onmessage = (what) => told.push(what as Announcement)
  const back = await bobs.open()
  const said: string[] = []
  back.addEventListener('message', ({ item }) => said.push(item.kind === 'text' ? item.text : item.kind))
  await world.online(back)
  await world.time.until(() => said.length === count)
  assert.deepEqual(said, texts)
  const messages = told.filter(({ kind }) => kind === 'messages')
  assert.isAtMost(messages.length, count / 10)
  assert.isAtMost(told.length, count / 2)
  const store = await bobs.sealed()
  const read = await run(store, (rows) => readEnvelopeRows.list(rows, { prefix: '', limit: 1000 }))
  assert.equal(
    read.reduce((sum, { row }) => sum + row.envelopes.length, 0),
    count,
  )
})
