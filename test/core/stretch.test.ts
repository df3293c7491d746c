import { openSealedStore } from '@sotto/core'
import { manualTime, memoryStore, MemoryDisk } from '@sotto/core/memory'
import type { Change } from '@sotto/core/ports'
import { utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { Stretch } from '../../packages/core/src/stretch.js'
import { World, watch } from '../support/people.js'

/** A clock that goes on by `ms` whenever it is read, and counts who takes a turn. */
function readingTakes(ms: number) {
  let [now, turns] = [0, 0]
  const time = {
    ...manualTime(),
    monotonic: () => (now += ms),
    turn: () => {
      turns++
      return Promise.resolve()
    },
  }
  return { time, turns: () => turns }
}

test('work takes a turn when it has lasted 8 milliseconds, and none before', async () => {
  const { time, turns } = readingTakes(2)
  const stretch = new Stretch(time)
  for (let i = 0; i < 4; i++) await stretch.pause()
  assert.equal(turns(), 0)
  await stretch.pause()
  assert.equal(turns(), 1)
  for (let i = 0; i < 4; i++) await stretch.pause()
  assert.equal(turns(), 1)
})

test('all who work side by side share one turn, and none goes on before it is over', async () => {
  let now = 0
  let over: (() => void) | undefined
  let turns = 0
  const turn = () => {
    turns++
    return new Promise<void>((resolve) => (over = resolve))
  }
  const stretch = new Stretch({ ...manualTime(), monotonic: () => now, turn })
  now = 9
  let gone = 0
  const all = Array.from({ length: 10 }, () => stretch.pause().then(() => gone++))
  await Promise.resolve()
  now = 0
  const late = stretch.pause().then(() => gone++)
  assert.deepEqual([turns, gone], [1, 0])
  over?.()
  await Promise.all([...all, late])
  assert.deepEqual([turns, gone], [1, 11])
})

test('a commit of hundreds of rows takes turns while it seals them, and is whole all the same', async () => {
  const { time, turns } = readingTakes(3)
  const disk = new MemoryDisk()
  const store = await openSealedStore(memoryStore(disk), { name: 'test', time })
  const put = (i: number): Change => ({ kind: 'put', table: 't', key: String(i), value: utf8(String(i)) })
  await store.commit([put(1000)])
  assert.equal(turns(), 0)
  await store.commit(Array.from({ length: 320 }, (_, i) => put(i)))
  assert.isAtLeast(turns(), 5)
  const plain = await openSealedStore(memoryStore(disk), { name: 'test' })
  assert.lengthOf(await plain.list('t', { prefix: '', limit: 1000 }), 321)
})

test('a backlog lets the page draw, while it is decrypted and while it is judged', async () => {
  const count = 40
  const world = await World.make()
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open())
  const alice = await world.person('alice')
  await bob.close()
  const hers = watch(alice, 'bob')
  for (let i = 0; i < count; i++) await alice.conversation('bob').send(`number ${i}`)
  await world.time.until(() => hers.items.every((one) => one.kind !== 'text' || one.state?.name === 'sent'))
  let [read, turns] = [0, 0]
  const turn = () => {
    turns++
    return Promise.resolve()
  }
  // Every second look at the clock finds the stretch too long, and it is looked at twice for each message.
  const time = {
    now: () => world.time.now(),
    sleep: (ms: number, signal?: AbortSignal) => world.time.sleep(ms, signal),
    random: (below: number) => world.time.random(below),
    monotonic: () => (read += 5),
    turn,
  }
  const back = await bobs.open({ time })
  const his = watch(back, 'alice')
  await world.online(back)
  await world.time.until(() => his.texts().length === count)
  assert.isAtLeast(turns, 0.75 * count)
})
