import { limits } from '@sotto/protocol'
import { manualTime, memoryStore } from '@sotto/core/memory'
import { run as runOn, openSealedStore } from '@sotto/core'
import { assert, test } from '#test'
import { TripleSweep } from '../../packages/core/src/messages/triple-sweep.js'
import { putTriple, putTripleAges, wasRead } from '../../packages/core/src/messages/triples.js'
import type { RowWriter } from '../../packages/core/src/store/rows.js'
import { World, watch, type Installation } from '../support/people.js'
import { rejects } from './reject.js'

const dayMs = 86_400_000
const keptDays = limits.readTriplesMs / dayMs

/** Which envelopes a device remembers to have read. */
async function remembered(installation: Installation): Promise<readonly string[]> {
  const store = await installation.sealed()
  return (await store.list('triples', { prefix: '', limit: 100_000 })).map(({ key }) => key)
}

/** Alice has written to Bob and he to her; then his tab was closed, and his clock went on. */
async function awayFor(days: number) {
  const world = await World.make()
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open())
  const alice = await world.person('alice')
  const his = watch(bob, 'alice')
  for (const text of ['one', 'two', 'three']) await alice.conversation('bob').send(text)
  await world.time.until(() => his.texts().length === 3)
  await bob.close()
  const before = await remembered(bobs)
  assert.isAtLeast(before.length, 3)
  world.time.jump(days * dayMs)
  return { world, bobs, before }
}

test('what was read is forgotten after 62 days, by a tab that leads and by none before', async () => {
  const { world, bobs, before } = await awayFor(keptDays)
  await world.time.advance(3 * 60_000)
  assert.sameMembers([...(await remembered(bobs))], [...before])
  await world.online(await bobs.open())
  await world.time.advance(2 * 60_000)
  const after = await remembered(bobs)
  assert.deepEqual(
    before.filter((one) => after.includes(one)),
    [],
  )
})

test('what was read less than 62 days ago is remembered', async () => {
  const { world, bobs, before } = await awayFor(keptDays - 1)
  await world.online(await bobs.open())
  await world.time.advance(2 * 60_000)
  assert.includeMembers([...(await remembered(bobs))], [...before])
})

const from = { account: 'alice', accountId: '22'.repeat(32), device: '11'.repeat(16) }
const envelope = (n: number) => n.toString(16).padStart(32, '0')

/** A store, and a sweep of it under a clock that is turned by hand. Counts the commits that swept. */
async function sweeping() {
  const time = manualTime()
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  let commits = 0
  const run = <T>(work: (rows: RowWriter) => Promise<T>) =>
    runOn(store, work, { announce: () => void commits++ })
  const read = (numbers: readonly number[], wasReadable = true) =>
    runOn(store, async (rows) => {
      const triples = numbers.map((n) => putTriple(rows, from, envelope(n), wasReadable, time.now()))
      putTripleAges(rows, triples, time.now())
    })
  const left = async () => (await store.list('triples', { prefix: '', limit: 10_000 })).length
  const ages = async () => (await store.list('triple-ages', { prefix: '', limit: 10_000 })).length
  const stop = new AbortController()
  const sweep = new TripleSweep({ run, time })
  return { time, store, run, read, left, ages, stop, sweep, commits: () => commits }
}

test('many are swept in pieces, some hundred rows a commit', async () => {
  const { time, read, left, ages, stop, sweep, commits } = await sweeping()
  for (let first = 0; first < 1000; first += 50) await read(Array.from({ length: 50 }, (_, i) => first + i))
  time.jump(limits.readTriplesMs + 1)
  await read([5000])
  const working = sweep.work(stop.signal)
  await time.advance(59_000)
  assert.deepEqual([await left(), commits()], [1001, 0], 'not at once')
  await time.advance(2000)
  assert.deepEqual([await left(), await ages(), commits()], [1, 1, 5])
  stop.abort()
  await rejects(working, 'aborted')
})

test('it sweeps once a day, and no more after it was told to stop', async () => {
  const { time, read, left, stop, sweep } = await sweeping()
  await read([1])
  const working = sweep.work(stop.signal)
  await time.advance(61_000)
  time.jump(limits.readTriplesMs)
  await time.advance(dayMs - 10_000)
  assert.equal(await left(), 1)
  await time.advance(20_000)
  assert.equal(await left(), 0)
  await read([2])
  time.jump(limits.readTriplesMs + 1)
  stop.abort()
  await rejects(working, 'aborted')
  await time.advance(2 * dayMs)
  assert.equal(await left(), 1)
})

test('what could not be read at first and was read later is remembered from then on', async () => {
  const { time, store, run, read, stop, sweep } = await sweeping()
  await read([1], false)
  time.jump(10 * dayMs)
  await read([1])
  time.jump(limits.readTriplesMs - 5 * dayMs)
  void sweep.work(stop.signal).catch(() => undefined)
  await time.advance(61_000)
  assert.isTrue(await run((rows) => wasRead(rows, from, envelope(1))))
  assert.lengthOf(await store.list('triple-ages', { prefix: '', limit: 9 }), 1)
  time.jump(6 * dayMs)
  await time.advance(dayMs)
  assert.isFalse(await run((rows) => wasRead(rows, from, envelope(1))))
  stop.abort()
})
