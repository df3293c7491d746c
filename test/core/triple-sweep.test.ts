import { limits, randomBytes, toHex } from '@sotto/protocol'
import { manualTime, memoryStore } from '@sotto/core/memory'
import { run as runOn, openSealedStore } from '@sotto/core'
import { assert, test } from '#test'
import { TripleSweep } from '../../packages/core/src/messages/triple-sweep.js'
import { ReadEnvelopes, wasRead } from '../../packages/core/src/messages/triples.js'
import { sortable, type RowWriter } from '../../packages/core/src/store/rows.js'
import { tripleAgeRows, tripleRows } from '../../packages/core/src/store/tables.js'
import { World, watch, type Installation } from '../support/people.js'
import { rejects } from './reject.js'

const dayMs = 86_400_000
const keptDays = limits.readTriplesMs / dayMs

/** Which envelopes a device remembers to have read. */
async function remembered(installation: Installation): Promise<readonly string[]> {
  const store = await installation.sealed()
  return (await store.list('read-envelopes', { prefix: '', limit: 100_000 })).map(({ key }) => key)
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
  const read = (numbers: readonly number[]) =>
    runOn(store, async (rows) => {
      const all = new ReadEnvelopes()
      for (const n of numbers) all.add(from, envelope(n))
      await all.stage(rows, time.now())
    })
  /** As they were written before there were rows of several. */
  const readBefore = (numbers: readonly number[], wasReadable = true) =>
    runOn(store, (rows) => {
      const at = time.now()
      const triples = numbers.map((n) => ({ ...from, envelope: envelope(n) }))
      for (const one of triples)
        tripleRows.put(rows, `${one.accountId}.${one.device}.${one.envelope}`, { read: wasReadable, at })
      const [first] = triples
      tripleAgeRows.put(rows, `all/${sortable(at)}${first?.envelope ?? ''}`, {
        triples: triples.map(({ accountId, device, envelope: one }) => ({
          accountId,
          device,
          envelope: one,
        })),
      })
      return Promise.resolve()
    })
  const knows = (n: number) => runOn(store, (rows) => wasRead(rows, from, envelope(n)))
  const count = async (table: string) => (await store.list(table, { prefix: '', limit: 10_000 })).length
  const left = async () => (await count('triples')) + (await count('read-envelopes'))
  const ages = async () => (await store.list('triple-ages', { prefix: '', limit: 10_000 })).length
  const stop = new AbortController()
  const sweep = new TripleSweep({ run, time })
  return { time, store, read, readBefore, knows, left, ages, stop, sweep, commits: () => commits }
}

test('many are swept in pieces, some hundred rows a commit', async () => {
  const { time, read, readBefore, left, ages, stop, sweep, commits } = await sweeping()
  for (let first = 0; first < 1000; first += 50)
    await readBefore(Array.from({ length: 50 }, (_, i) => first + i))
  time.jump(limits.readTriplesMs + 1)
  await read([5000])
  const working = sweep.work(stop.signal)
  await time.advance(59_000)
  assert.deepEqual([await left(), commits()], [1001, 0], 'not at once')
  // One after the other: who is busy with the last piece does not sleep yet.
  for (let piece = 1; piece <= 5; piece++) await time.until(() => commits() === piece)
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
  const { time, read, readBefore, knows, ages, left, stop, sweep } = await sweeping()
  await readBefore([1], false)
  assert.isFalse(await knows(1))
  time.jump(10 * dayMs)
  await read([1])
  time.jump(limits.readTriplesMs - 5 * dayMs)
  void sweep.work(stop.signal).catch(() => undefined)
  await time.advance(61_000)
  assert.deepEqual([await knows(1), await left(), await ages()], [true, 1, 1])
  time.jump(6 * dayMs)
  await time.advance(dayMs)
  assert.deepEqual([await knows(1), await left(), await ages()], [false, 0, 0])
  stop.abort()
})

test('what was read before there were rows of several is known until its time is over', async () => {
  const { time, readBefore, knows, stop, sweep } = await sweeping()
  await readBefore([1, 2, 3])
  assert.deepEqual([await knows(1), await knows(3), await knows(4)], [true, true, false])
  void sweep.work(stop.signal).catch(() => undefined)
  time.jump(limits.readTriplesMs)
  await time.advance(61_000)
  assert.isFalse(await knows(3))
  stop.abort()
})

test('what was read together stands in few rows, and each of it is found; of another device it is not', async () => {
  const { store, read, knows, left } = await sweeping()
  const all = Array.from({ length: 200 }, (_, i) => 1000 + 2 * i)
  await read(all)
  assert.equal(await left(), 4)
  for (const n of all) assert.deepEqual([await knows(n), await knows(n + 1)], [true, false], String(n))
  assert.isFalse(await knows(999))
  const other = { ...from, device: '12'.repeat(16) }
  assert.isFalse(await runOn(store, (rows) => wasRead(rows, other, envelope(1000))))
})

test('ids that do not grow stand alone, so that none is hidden behind another', async () => {
  const { store, left } = await sweeping()
  const random = () => toHex(randomBytes(16))
  const all = Array.from({ length: 10 }, () => Array.from({ length: 30 }, random))
  for (const together of all)
    await runOn(store, async (rows) => {
      const read = new ReadEnvelopes()
      for (const one of together) read.add(from, one)
      await read.stage(rows, 1)
    })
  assert.equal(await left(), 300)
  for (const one of all.flat()) assert.isTrue(await runOn(store, (rows) => wasRead(rows, from, one)))
  assert.isFalse(await runOn(store, (rows) => wasRead(rows, from, random())))
})
