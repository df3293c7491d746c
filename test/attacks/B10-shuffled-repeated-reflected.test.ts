import { run } from '@sotto/core'
import type { StampedEnvelope } from '@sotto/protocol'
import { assert, test } from '#test'
import { repairRows } from '../../packages/core/src/messages/repair-rows.js'
import { World, watch, type Installation } from '../support/people.js'
import { aliceBobAndMallory, settled } from '../support/forged-first.js'
import { Post, lost } from '../support/post.js'
import { withEvilRelay } from '../support/relay-people.js'
import { assertUnmoved, snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

const texts = Array.from({ length: 30 }, (_, i) => `number ${i}`)

const moved = ['self', 'peers', 'sessions', 'prekeys', 'base-keys', 'messages', 'conversations', 'received']

async function contacts() {
  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [toAlice, toBob] = [new Post(), new Post()]
  const alice = await world.online(
    await alices.open({ backend: toAlice.over(world.network.backend(alices.link)) }),
  )
  const bob = await world.online(await bobs.open({ backend: toBob.over(world.network.backend(bobs.link)) }))
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('hello')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('hello yourself')
  await world.time.until(() => hers.texts().length === 2 && hers.allDelivered() && his.allDelivered())
  return { world, alice, bobs, toBob, his }
}

/** Every one of them, twice, from the ends to the middle. */
function mixed(all: readonly StampedEnvelope[]): StampedEnvelope[] {
  const order: StampedEnvelope[] = []
  for (let i = 0; i < all.length; i++) {
    const one = i % 2 === 0 ? all[all.length - 1 - i / 2] : all[(i - 1) / 2]
    if (one !== undefined) order.push(one, one)
  }
  return order
}

test('B10 messages that come in another order and twice are shown once and in order', async () => {
  const { world, alice, bobs, toBob, his } = await contacts()
  const from = toBob.all.length
  toBob.rule = lost
  for (const text of texts) await alice.conversation('bob').send(text)
  await world.time.until(() => toBob.all.length === from + texts.length)
  toBob.rule = (stamped) => stamped
  const held = mixed(toBob.all.slice(from))
  assert.notDeepEqual(
    held.filter((_, i) => i % 2 === 0),
    toBob.all.slice(from),
    'the control: it is another order',
  )
  // What he asks for is not answered.
  toBob.isDeaf = true
  toBob.forged.push(...held)
  await alice.conversation('bob').send('last')
  await world.time.until(() => his.texts().length === texts.length + 3)
  await world.time.advance(60_000)
  const expected = ['hello', ...texts, 'last'].map((text) => `< ${text}`)
  assert.deepEqual(
    his.texts().filter((one) => one.startsWith('<')),
    expected,
  )
  assert.isTrue(
    his.items.every((one) => one.kind === 'text'),
    'no gap is left',
  )
  assert.deepEqual(await unread(bobs), [], 'the second of each was known')
})

/** The envelopes that Bob could not read, and is going to ask for. */
async function unread(bobs: Installation): Promise<readonly string[]> {
  const rows = await run(await bobs.sealed(), (all) => repairRows.list(all, { prefix: '', limit: 1000 }))
  return rows.map(({ row }) => row.envelope)
}

test('B10 what was read comes again much later: it moves nothing, and nothing is asked for; under another id it is', async () => {
  const { world, alice, bobs, toBob, his } = await contacts()
  const from = toBob.all.length
  for (const text of texts) await alice.conversation('bob').send(text)
  await world.time.until(() => his.texts().includes('< number 29'))
  await world.time.advance(120_000)
  const came = toBob.all.slice(from)
  assert.isAtLeast(came.length, texts.length)
  const again = async (all: readonly StampedEnvelope[]) => {
    toBob.forged.push(...all)
    await alice.conversation('bob').send('last')
    await world.time.advance(120_000)
  }
  const shown = () => his.texts().filter((one) => one.startsWith('< number'))
  await again([...came, ...came.slice().reverse()])
  assert.deepEqual([shown().length, await unread(bobs)], [texts.length, []])
  const [first] = came
  if (first === undefined) throw new Error('nothing came')
  const id = 'ab'.repeat(16)
  toBob.isDeaf = true
  await again([{ ...first, envelope: { ...first.envelope, id } }])
  assert.deepEqual([shown().length, await unread(bobs)], [texts.length, [id]])
})

test('B10 what a device sent comes back to it, as its own and as the other’s: it is nobody’s, and moves nothing', () =>
  withEvilRelay(async (evil) => {
    const { relay, alices, alice, bob, hers, alicesOwn, bobsOwn } = await aliceBobAndMallory(evil)
    const came: StampedEnvelope[] = []
    relay.hooks.onDeliver = (stamped, device) => {
      if (device === bobsOwn.address.device) came.push(stamped)
      return [stamped]
    }
    await alice.conversation('bob').send('three')
    await until(() => hers.texts().length === 3 && hers.allDelivered())
    const [own] = came
    if (own === undefined) throw new Error('nothing was sent')
    const before = await snapshot(alices, moved)
    const { realm, account, accountId, device } = alicesOwn.address
    const to = { type: 'address', address: { realm, account, accountId, device } } as const
    const back = { ...own, envelope: { ...own.envelope, to } }
    relay.inject(device, back)
    relay.inject(device, { ...back, from: bobsOwn.address })
    await settled()
    assertUnmoved(await snapshot(alices, moved), before)
    assert.deepEqual(hers.texts(), ['> one', '< two', '> three'])
    await bob.conversation('alice').send('the control')
    await until(() => hers.texts().includes('< the control'))
  }))
