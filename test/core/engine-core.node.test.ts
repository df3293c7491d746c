import { assert, test } from '#test'
import { utf8 } from '@sotto/protocol'
import type { Change, Store } from '@sotto/core/ports'
import { memoryStore } from '@sotto/core/memory'
import { BarePerson, type BareMessage } from '../signal/bare-library.js'
import { World, watch } from '../support/people.js'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** How many of these messages somebody reads. */
async function readable(
  reader: BarePerson,
  from: BarePerson,
  messages: readonly BareMessage[],
): Promise<number> {
  let read = 0
  for (const message of messages) {
    try {
      await reader.decrypt(from, message)
      read++
    } catch {
      // That is what is counted.
    }
  }
  return read
}

test('engine i: two people who write first at the same moment lose nothing', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  await bob.start(alice)
  let lost = 0
  for (let round = 0; round < 20; round++) {
    const [a, b] = [await alice.encrypt(bob, utf8(`a${round}`)), await bob.encrypt(alice, utf8(`b${round}`))]
    lost += 2 - (await readable(bob, alice, [a])) - (await readable(alice, bob, [b]))
  }
  assert.isAbove(lost, 0, 'control: the bare library loses messages')

  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [ours, theirs] = [await world.online(await alices.open()), await world.online(await bobs.open())]
  const [hers, his] = [watch(ours, 'bob'), watch(theirs, 'alice')]
  for (let round = 0; round < 20; round++) {
    await Promise.all([
      ours.conversation('bob').send(`a${round}`),
      theirs.conversation('alice').send(`b${round}`),
    ])
  }
  await world.time.until(() => hers.texts().length === 40 && his.texts().length === 40, 400_000)
  assert.isFalse([...hers.items, ...his.items].some((one) => one.kind === 'gap'))
})

test('engine l: a first message without a one-time prekey is not read a second time', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  const { preKey: _preKey, ...bundle } = await bob.bundle()
  await alice.start(bob, bundle)
  const first = await alice.encrypt(bob, utf8('pay 10'))
  assert.equal(await readable(bob, alice, [first]), 1)
  bob.store.sessions.clear()
  assert.equal(
    await readable(bob, alice, [first]),
    1,
    'control: the bare library reads it again once its session is gone',
  )

  const world = await World.make()
  const bobs = world.installation('bob')
  const theirs = await world.online(await bobs.open())
  const ours = await world.person('alice')
  const his = watch(theirs, 'alice')
  await ours.conversation('bob').send('pay 10')
  await world.time.until(() => his.texts().length === 1)
  const { baseKeySeen } = await import('../../packages/core/src/sessions/prekeys.js')
  const { run } = await import('@sotto/core')
  const seen = await run(await bobs.sealed(), (rows) => rows.list('base-keys', { prefix: '1', limit: 10 }))
  assert.equal(seen.length, 1)
  const baseKey = Uint8Array.from(Buffer.from(seen[0]?.key.split('/')[1] ?? '', 'hex'))
  // The base key outlives its session: a message that would start it again is refused, whatever became of the session.
  assert.isTrue(await run(await bobs.sealed(), (rows) => baseKeySeen(rows, 1, baseKey)))
  assert.isFalse(await run(await bobs.sealed(), (rows) => baseKeySeen(rows, 1, new Uint8Array(32))))
})

test('engine n: two tabs never step one ratchet from the same state', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const state = new Map(alice.store.sessions)
  const one = await alice.encrypt(bob, utf8('from the first tab'))
  for (const [key, value] of state) alice.store.sessions.set(key, value)
  const two = await alice.encrypt(bob, utf8('from the other tab'))
  assert.equal(
    await readable(bob, alice, [one, two]),
    1,
    'control: both tabs of the bare library used one key; the second is lost',
  )

  const world = await World.make()
  const alices = world.installation('alice')
  const tabs = [await world.online(await alices.open()), await alices.open(), await alices.open()]
  const theirs = await world.person('bob')
  const his = watch(theirs, 'alice')
  for (let i = 0; i < 10; i++)
    await Promise.all(tabs.map((tab, t) => tab.conversation('bob').send(`${t}.${i}`)))
  await world.time.until(() => his.texts().length === 30, 400_000)
  assert.equal(new Set(his.texts()).size, 30)
  assert.isFalse(his.items.some((item) => item.kind === 'gap'))
})

test('engine t: a relay that changes the sender’s label changes nobody’s words', async () => {
  const [alice, bob, carol] = [
    await BarePerson.create('alice'),
    await BarePerson.create('bob'),
    new BarePerson('carol'),
  ]
  await alice.start(bob)
  const first = await alice.encrypt(bob, utf8('I quit'))
  // The label is all that says who it is from.
  assert.equal(
    text(await bob.decrypt(carol, first)),
    'I quit',
    'control: the bare library reads it as Carol’s',
  )

  const world = await World.make()
  const { network } = world
  const bobs = world.installation('bob')
  const theirs = await world.online(await bobs.open())
  const [ours] = [await world.person('alice'), await world.person('carol')]
  const carols = watch(theirs, 'carol')
  const alices = watch(theirs, 'alice')
  await theirs.conversation('carol').lookUp()
  await ours.conversation('bob').send('I quit')
  await world.time.until(() => alices.texts().length === 1)
  assert.deepEqual(carols.texts(), [])
  assert.equal(network.waitingFor((await world.deviceOn(bobs)).address.device), 0)
})

test('engine u: what is forged costs a bounded number of decryptions', async () => {
  const { FailureBudget } = await import('../../packages/core/src/messages/budget.js')
  const world = await World.make()
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const real = await alice.encrypt(bob, utf8('x'))
  await bob.decrypt(alice, real)
  const forged = {
    ...real,
    bytes: real.bytes.map((byte, i) => (i === real.bytes.length - 1 ? byte ^ 1 : byte)),
  }
  let tried = 0
  for (let i = 0; i < 100; i++) {
    await bob.decrypt(alice, forged).catch(() => tried++)
  }
  assert.equal(tried, 100, 'control: the bare library tries every one')
  const budget = new FailureBudget(world.time, 60)
  for (let i = 0; i < 100; i++) if (!budget.isSpent('device')) budget.fail('device')
  assert.isTrue(budget.isSpent('device'))
  assert.isFalse(budget.isSpent('another'))
  await world.time.advance(FailureBudget.windowMs + 1)
  assert.isFalse(budget.isSpent('device'))
})

test('engine v: the message, its session and the used prekey are one commit', async () => {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const first = await alice.encrypt(bob, utf8('lost'))
  const writes: string[] = []
  const { storeSession, removePreKey } = bob.store
  bob.store.storeSession = async (...args) => {
    writes.push('session')
    return storeSession.apply(bob.store, args)
  }
  bob.store.removePreKey = async (...args) => {
    writes.push('prekey')
    return removePreKey.apply(bob.store, args)
  }
  await bob.decrypt(alice, first)
  assert.isAbove(
    writes.length,
    1,
    'control: the bare library writes more than once, the message not among it',
  )

  const world = await World.make()
  const bobs = world.installation('bob')
  const commits: (readonly Change[])[] = []
  const recording = (inner: Store): Store => ({
    get: (table, key) => inner.get(table, key),
    list: (table, range) => inner.list(table, range),
    commit: (changes) => {
      commits.push(changes)
      return inner.commit(changes)
    },
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  })
  const theirs = await world.online(await bobs.open({ store: recording(memoryStore(bobs.disk)) }))
  const ours = await world.person('alice')
  const his = watch(theirs, 'alice')
  await world.time.advance(1000)
  commits.length = 0
  await ours.conversation('bob').send('whole')
  await world.time.until(() => his.texts().length === 1)
  const tables = commits.map(
    (changes) => new Set(changes.filter((one) => one.kind !== 'check').map((one) => one.table)).size,
  )
  // Session, base key, prekey and its private half, message, its id, conversation, numbers, triple, clock, peer: one commit has them all.
  assert.isAtLeast(Math.max(...tables), 9)
  assert.equal(tables.filter((count) => count >= 9).length, 1)
})
