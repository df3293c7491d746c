import { assert, test } from '#test'
import { randomBytes, toHex, type StampedEnvelope } from '@sotto/protocol'
import { aliceBobAndMallory, settled } from '../support/forged-first.js'
import { Mallory } from '../support/mallory.js'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { assertUnmoved, snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

test('B05 control and replay: a first message shows once, however often and under whatever envelope id it comes', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const bobs = world.installation('bob')
    const [alice, bob] = [await world.installation('alice').online(), await bobs.online()]
    const his = watch(bob, 'alice')
    let first: StampedEnvelope | undefined
    relay.hooks.onDeliver = (stamped) => {
      first ??= stamped
      return [stamped]
    }
    await alice.conversation('bob').send('once')
    await until(() => his.texts().length === 1 && first !== undefined)
    if (first === undefined) throw new Error('nothing was delivered')
    const { device } = (await bobs.device()).address
    const before = await snapshot(bobs, ['messages', 'prekeys', 'base-keys'])
    for (let i = 0; i < 50; i++)
      relay.inject(device, { ...first, envelope: { ...first.envelope, id: toHex(randomBytes(16)) } })
    relay.inject(device, first)
    await settled()
    assert.deepEqual(his.texts(), ['< once'])
    assertUnmoved(await snapshot(bobs, ['messages', 'prekeys', 'base-keys']), before)
  }))

test('B05 sixty forged first messages evict nobody: the session before them goes on', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, alice, his, mallory, alicesOwn, to } = await aliceBobAndMallory(world)
    const before = await snapshot(bobs, ['sessions', 'prekeys', 'base-keys'])
    for (let i = 0; i < 60; i++)
      relay.inject(to.device, await mallory.firstMessage(to, alicesOwn, { generation: 2 + i }))
    await settled()
    assertUnmoved(await snapshot(bobs, ['sessions', 'prekeys', 'base-keys']), before)
    await alice.conversation('bob').send('three')
    await until(() => his.texts().length === 3)
  }))

test('B05 first messages of a stranger fill at most five sessions of that stranger, and a generation may not jump', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, bob, to } = await aliceBobAndMallory(world)
    const carol = await Mallory.make(world.cipher, relay.site.realm, 'carol')
    relay.hooks.onLists = (account, lists) => (account === 'carol' ? [carol.chain.head] : lists)
    const text = (i: number) => ({
      generation: i,
      text: `flood ${i}`,
      content: (
        c: Parameters<NonNullable<Parameters<typeof carol.firstMessage>[2]>['content'] & object>[0],
      ) => ({ ...c, header: { ...c.header, number: { run: 1, n: i }, since: { run: 1, n: 1 } } }),
    })
    for (let i = 1; i <= 12; i++) relay.inject(to.device, await carol.firstMessage(to, carol.own, text(i)))
    await until(() => bob.conversations.value.some((one) => one.account === 'carol'))
    await settled()
    const jump = await carol.firstMessage(to, carol.own, { ...text(13), generation: 5000 })
    const before = await snapshot(bobs, ['sessions', 'messages'])
    relay.inject(to.device, jump)
    await settled()
    assertUnmoved(await snapshot(bobs, ['sessions', 'messages']), before)
    const seen = watch(bob, 'carol')
    await until(() => seen.texts().length === 12)
  }))
