import { assert, test } from '#test'
import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { conversationIdOf, emptyExt, pairOf, randomBytes, toHex } from '@sotto/protocol'
import {
  askForEnvelopes,
  listAsks,
  listUnread,
  putAsked,
  putNamed,
  settleAsk,
} from '../../packages/core/src/messages/asks.js'
import { listOutbox } from '../../packages/core/src/messages/outbox.js'
import { answerUnread } from '../../packages/core/src/messages/resend.js'
import { putRepair } from '../../packages/core/src/messages/repair-rows.js'
import { repairRows, sentRows } from '../../packages/core/src/messages/repair-rows.js'
import { spendAll } from '../../packages/core/src/sessions/generations.js'
import { outboxRows, sessionRows } from '../../packages/core/src/store/tables.js'
import { watch } from '../support/people.js'
import { Post, lost, spoilt } from '../support/post.js'
import { contacts, seen } from '../support/lossy.js'
import { asks } from '../support/says.js'

test('a message that cannot be read is asked for at once, under a new generation, and comes once', async () => {
  const { world, post, alice, hers, his } = await contacts()
  post.next(spoilt)
  await alice.conversation('bob').send('one')
  await world.time.until(() => seen(his).includes('one'), 200_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', 'one'])
  await alice.conversation('bob').send('two')
  await world.time.until(() => seen(his).includes('two'), 200_000)
  await world.time.until(
    () => hers.items.every((one) => one.kind === 'text' && (!one.mine || one.state?.name === 'delivered')),
    200_000,
  )
})

test('a number that does not come is a gap, is asked for after a minute, and the gap is no more', async () => {
  const { world, post, alice, his } = await contacts()
  const loss = post.next(lost)
  await alice.conversation('bob').send('one')
  await world.time.until(() => loss.done)
  await alice.conversation('bob').send('two')
  await world.time.until(() => seen(his).includes('two'))
  assert.deepEqual(seen(his), ['hello', 'hello yourself', '(1)', 'two'])
  await world.time.advance(50_000)
  assert.include(seen(his), '(1)', 'what is merely late is not asked for')
  await world.time.until(() => seen(his).includes('one'), 200_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', 'one', 'two'])
})

test('what the sender removed meanwhile will never come, and the gap says so', async () => {
  const { world, post, alice, hers, his } = await contacts()
  const loss = post.next(lost)
  const { id } = await alice.conversation('bob').send('one')
  await world.time.until(() => loss.done)
  const again = post.next(lost)
  await alice.conversation('bob').send('two')
  await world.time.until(() => again.done)
  await alice.conversation('bob').remove(id)
  await alice.conversation('bob').send('three')
  await world.time.until(() => seen(his).includes('two') && seen(his).includes('(1 gone)'), 200_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', '(1 gone)', 'two', 'three'])
  assert.deepEqual(seen(hers), ['hello', 'hello yourself', 'two', 'three'])
})

test('whoever got nothing of it asks again, more seldom each time, and a message comes thrice at most', async () => {
  const { world, post, alice, his } = await contacts()
  let tries = 0
  post.rule = (stamped) => {
    if (stamped.envelope.body.length < 3_000) return stamped
    tries++
    return 'lost'
  }
  await alice.conversation('bob').send('x'.repeat(3_000))
  await world.time.until(() => tries === 1)
  await alice.conversation('bob').send('two')
  await world.time.until(() => seen(his).includes('two'))
  await world.time.until(() => seen(his).includes('(1 gone)'), 600_000)
  assert.equal(tries, 4, 'once, and three times again')
})

test('copies for our own other device are repaired, too', async () => {
  const { world, alice, his, place } = await contacts()
  const post = new Post()
  const second = await world.join(place)
  const tablet = await world.online(
    await second.open({ backend: post.over(world.network.backend(second.link)) }),
  )
  const bob = await world.online(await place.open())
  const seenThere = watch(tablet, 'alice')
  await bob.conversation('alice').send('from here')
  await world.time.until(() => seen(seenThere).includes('from here'), 200_000)
  assert.deepEqual(seen(seenThere), ['from here'], 'a device that is new misses nothing of before')
  // Receipts are over: it is the message that is spoilt, and then lost.
  await world.time.advance(120_000)
  post.next(spoilt)
  await bob.conversation('alice').send('spoilt')
  await world.time.until(() => seen(seenThere).includes('spoilt'), 200_000)
  await world.time.advance(120_000)
  const loss = post.next(lost)
  await bob.conversation('alice').send('lost')
  await world.time.until(() => loss.done)
  assert.notInclude(seen(seenThere), 'lost')
  await bob.conversation('alice').send('after')
  await world.time.until(() => seen(seenThere).includes('lost'), 400_000)
  assert.deepEqual(seen(seenThere), ['from here', 'spoilt', 'lost', 'after'])
  await alice.conversation('bob').send('to both')
  await world.time.until(() => seen(his).includes('to both') && seen(seenThere).includes('to both'), 200_000)
})

test('nobody gets again what was not sent to them, or in a session alone what could not be read', async () => {
  const { world, post, alice, bob, his, first, place } = await contacts()
  const carolPost = new Post()
  const carols = world.installation('carol')
  const carol = await world.online(
    await carols.open({ backend: carolPost.over(world.network.backend(carols.link)) }),
  )
  const [hers, theirs] = [watch(carol, 'alice'), watch(alice, 'carol')]
  await carol.conversation('alice').send('hi')
  await world.time.until(() => theirs.texts().length === 1)
  await alice.conversation('carol').send('hi')
  await world.time.until(() => hers.texts().length === 2)
  await alice.conversation('bob').send('for Bob')
  await world.time.until(() => seen(his).includes('for Bob'))
  // The message itself: no receipt of hers has come after it yet.
  const envelope = post.all.at(-1)?.envelope.id ?? ''
  await world.time.advance(120_000)
  const { accountId, device } = (await world.deviceOn(first)).address
  const to = { accountId, device }
  const before = carolPost.all.length
  // The attack: Carol names an envelope of Bob's, and one that never was.
  const others = { envelopes: [envelope, toHex(randomBytes(16))] }
  await asks(world, carols, 'alice', to, others, true)
  carol.reconnect()
  await world.time.advance(180_000)
  const answers = carolPost.all.slice(before)
  assert.isAtMost(answers.length, 1, 'the answer of a new session, and nothing else')
  // The second: Bob's own, but not in a first message.
  const his1 = post.all.length
  await asks(world, place, 'alice', to, { envelopes: [envelope] }, false)
  bob.reconnect()
  await world.time.advance(180_000)
  assert.equal(post.all.length, his1)
  // The control.
  await asks(world, place, 'alice', to, { envelopes: [envelope] }, true)
  bob.reconnect()
  // The answer of the new session, and what was asked for.
  await world.time.until(() => post.all.length > his1 + 1, 200_000)
  assert.equal(seen(his).filter((one) => one === 'for Bob').length, 1)
})

test('an answer in a session that was begun before the question settles nothing: it is asked for until it was read', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const [device, accountId] = ['11'.repeat(16), 'cd'.repeat(32)]
  const from = { account: 'alice', accountId, device }
  await run(store, async (rows) => {
    await putRepair(rows, from, 'ab'.repeat(16), 1_000)
    await askForEnvelopes(rows, from, 1_000)
    const [row] = await listAsks(rows)
    if (row === undefined) throw new Error('nothing is asked')
    putNamed(rows, await listUnread(rows, row), 2_000)
    putAsked(rows, row, 2_000)
  })
  const left = () =>
    run(store, async (rows) => [
      (await listAsks(rows)).length,
      (await repairRows.list(rows, { prefix: '', limit: 10 })).length,
    ])
  await run(store, (rows) => settleAsk(rows, from, 1_999))
  assert.deepEqual(await left(), [1, 1])
  // The control.
  await run(store, (rows) => settleAsk(rows, from, 2_000))
  assert.deepEqual(await left(), [0, 0])
})

test('what could not be read in the very millisecond in which a question was put is not settled by its answer', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const from = { account: 'alice', accountId: 'cd'.repeat(32), device: '11'.repeat(16) }
  const [named, late] = ['ab'.repeat(16), 'ba'.repeat(16)]
  await run(store, async (rows) => {
    await putRepair(rows, from, named, 1_000)
    await askForEnvelopes(rows, from, 1_000)
    const [row] = await listAsks(rows)
    if (row === undefined) throw new Error('nothing is asked')
    putNamed(rows, await listUnread(rows, row), 1_000)
    putAsked(rows, row, 1_000)
  })
  await run(store, async (rows) => {
    await putRepair(rows, from, late, 1_000)
    await askForEnvelopes(rows, from, 1_000)
  })
  await run(store, (rows) => settleAsk(rows, from, 1_000))
  const [left, asks] = await run(store, async (rows) => [await listUnread(rows, from), await listAsks(rows)])
  assert.deepEqual(
    left.map(({ row }) => row.envelope),
    [late],
  )
  assert.deepEqual(
    asks.map(({ at }) => at),
    [61_000],
  )
})

test('an answer in a session that a message began, and no question, settles nothing', async () => {
  const { world, alice, bob, hers, first, place } = await contacts()
  await bob.close()
  const store = await place.sealed()
  const { address: from } = await world.deviceOn(first)
  await run(store, async (rows) => {
    for (const { key, row } of await sessionRows.list(rows, { prefix: '', limit: 10 }))
      sessionRows.put(rows, key, spendAll(row))
    const now = world.time.now()
    await putRepair(rows, from, 'ab'.repeat(16), now)
    await askForEnvelopes(rows, from, now)
    const [row] = await listAsks(rows)
    if (row === undefined) throw new Error('nothing is asked')
    putNamed(rows, await listUnread(rows, row), now)
    putAsked(rows, row, now)
  })
  const again = await world.online(await place.open())
  const his = watch(again, 'alice')
  await again.conversation('alice').send('in a new session')
  await world.time.until(() => hers.texts().includes('< in a new session'))
  await alice.conversation('bob').send('answered in it')
  await world.time.until(() => his.texts().includes('< answered in it'))
  const [left, asked] = await run(store, async (rows) => [await listUnread(rows, from), await listAsks(rows)])
  assert.lengthOf(left, 1)
  // The question of the scene is the only one so far.
  assert.deepEqual(
    asked.map(({ tries }) => tries),
    [1],
  )
})

test('what is asked for again while it waits to be sent again is not sent twice', async () => {
  const { world, alice, his, first, place } = await contacts()
  await world.time.until(() => his.allDelivered())
  await alice.close()
  const store = await first.sealed()
  const { address: from } = await world.deviceOn(place)
  const { address: own } = await world.deviceOn(first)
  const conversation = conversationIdOf(own.realm, pairOf(own, from))
  const ask = (device: string, envelopes: readonly string[]) =>
    run(store, (rows) => {
      const numbers = envelopes.length > 0 ? [] : [{ run: 1, first: 1, last: 1 }]
      const body = { envelopes, numbers, conversation, ext: emptyExt }
      const now = world.time.now()
      return answerUnread(rows, {
        account: 'bob',
        conversation,
        from: { accountId: from.accountId, device },
        channel: 'peer',
        body,
        now,
        earliest: now,
      })
    })
  const waiting = async () =>
    (await run(store, (rows) => listOutbox(rows))).map(({ row }) => row.only?.device)
  const [sent] = await run(store, (rows) => sentRows.list(rows, { prefix: conversation, limit: 10 }))
  const envelope = sent?.row.copies[0]?.envelope ?? ''
  await ask(from.device, [])
  assert.deepEqual(await waiting(), [from.device])
  await ask(from.device, [])
  await ask(from.device, [envelope])
  assert.deepEqual(await waiting(), [from.device])
  // The control: once it was sent, it is sent again.
  await run(store, async (rows) => {
    for (const { key } of await listOutbox(rows)) outboxRows.delete(rows, key)
  })
  await ask(from.device, [envelope])
  assert.deepEqual(await waiting(), [from.device])
})

test('a stranger is asked for nothing, and nothing of theirs is left to repair', async () => {
  const { world, post, place } = await contacts()
  // Receipts are said by now.
  await world.time.advance(30_000)
  const dave = await world.person('dave')
  post.next(spoilt)
  await dave.conversation('bob').send('hello')
  const before = post.sent.length
  await world.time.advance(300_000)
  assert.equal(post.sent.length, before)
  assert.deepEqual(
    await run(await place.sealed(), (rows) => repairRows.list(rows, { prefix: '', limit: 10 })),
    [],
  )
})

test('a message of one’s own that does not come to another device is a gap there too, until it does', async () => {
  const { world, alice, first, his } = await contacts()
  const place = await world.join(first)
  const post = new Post()
  const second = await world.online(
    await place.open({ backend: post.over(world.network.backend(place.link)) }),
  )
  const [theirs, mine] = [watch(second, 'bob'), watch(alice, 'bob')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => theirs.texts().includes('> one'))
  post.next(lost)
  await alice.conversation('bob').send('two')
  await world.time.until(() => his.texts().includes('< two'))
  await alice.conversation('bob').send('three')
  await world.time.until(() => theirs.texts().includes('> three'))
  assert.deepEqual(seen(theirs).slice(-3), ['one', '(1)', 'three'])
  assert.include(
    theirs.items.find((one) => one.kind === 'gap'),
    { mine: true, gone: false },
  )
  await world.time.until(() => theirs.texts().includes('> two'), 200_000)
  assert.deepEqual(seen(theirs).slice(-3), ['one', 'two', 'three'])
  // Who wrote them sees nothing of it.
  assert.notInclude(seen(mine), '(1)')
})

const long = 'x'.repeat(3_000)

test('a message that cannot be read comes although what was sent again in its place is lost, and nothing more is said', async () => {
  const { world, post, alice, his } = await contacts()
  const fates = post.befalls(spoilt, lost)
  await alice.conversation('bob').send(long)
  await world.time.until(() => seen(his).includes(long), 400_000)
  assert.equal(fates.left, 0)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', long])
})

test('a copy for another device of one’s own that cannot be read comes although what was sent again is lost', async () => {
  const { world, alice, first } = await contacts()
  const place = await world.join(first)
  const post = new Post()
  const second = await world.online(
    await place.open({ backend: post.over(world.network.backend(place.link)) }),
  )
  const theirs = watch(second, 'bob')
  await alice.conversation('bob').send('one')
  await world.time.until(() => theirs.texts().includes('> one'))
  await world.time.advance(120_000)
  const fates = post.befalls(spoilt, lost)
  await alice.conversation('bob').send(long)
  await world.time.until(() => seen(theirs).includes(long), 400_000)
  assert.equal(fates.left, 0)
})

test('the last message of all, which is lost, is missed as soon as its device says anything else', async () => {
  const { world, post, alice, bob, hers, his } = await contacts()
  await world.time.until(() => his.allDelivered() && hers.allDelivered())
  await world.time.advance(120_000)
  const loss = post.next(lost)
  await alice.conversation('bob').send('one')
  await world.time.until(() => loss.done)
  await world.time.advance(120_000)
  assert.notInclude(seen(his), 'one')
  // A receipt of hers follows.
  await bob.conversation('alice').send('are you there?')
  await world.time.until(() => seen(his).includes('one'), 200_000)
  await world.time.advance(200_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', 'one', 'are you there?'])
})
