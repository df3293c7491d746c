import { manualTime, memoryChannels, memoryLocks, memoryStore, MemoryDisk } from '@sotto/core/memory'
import type { HeldLock } from '@sotto/core/ports'
import { SottoError, utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { Leader } from '../../packages/core/src/leader.js'
import type { Lease } from '../../packages/core/src/lease.js'
import { run } from '../../packages/core/src/sessions/run.js'
import { openSealedStore } from '../../packages/core/src/store/sealed-store.js'
import { rejects } from './reject.js'
import { freezable, world } from './tabs.js'

test('elects one leader among eight tabs, and another whenever it closes, each with a higher epoch', async () => {
  const { time, tabs, leaders, open, close } = world()
  await Promise.all(Array.from({ length: 8 }, () => open()))
  await time.until(() => leaders().length > 0)
  const epochs: number[] = []
  for (let left = 8; left > 0; left--) {
    await time.until(() => leaders().length > 0)
    await time.advance(10_000)
    const [leader, ...others] = leaders()
    assert.lengthOf(others, 0)
    if (leader === undefined) throw new Error('no leader')
    epochs.push(leader.lease.epoch)
    await leader.close()
    assert.equal(leader.leader.state.value.name, 'idle')
  }
  assert.deepEqual(epochs, [1, 2, 3, 4, 5, 6, 7, 8])
  assert.isTrue(
    tabs.every((tab) => tab.leases.length === 1),
    'nobody stole from a leader that beat',
  )
  await close()
})

test('lets a visible tab steal from a frozen leader, which then commits nothing', async () => {
  const { time, open, close } = world()
  const frozenTime = freezable(time)
  const frozen = await open({ time: frozenTime })
  await time.until(() => frozen.leads)
  const hidden = await open({ visible: false })
  const thief = await open()
  await time.advance(30_000)
  assert.isTrue(frozen.leads)
  await frozen.write('before', frozen.lease)

  frozenTime.frozen = true
  await time.advance(4_000)
  assert.isFalse(thief.leads, 'not before five beats are missing')
  await time.advance(4_000)
  assert.isTrue(thief.leads)
  assert.isFalse(hidden.leads)
  assert.isTrue(frozen.lease.signal.aborted)
  assert.equal(thief.lease.epoch, frozen.lease.epoch + 1)

  await rejects(frozen.write('after', frozen.lease), 'lost-lead')
  await rejects(frozen.lease.confirm(), 'lost-lead')
  await rejects(
    frozen.lease.raiseAbove(10, async () => undefined),
    'lost-lead',
  )
  assert.isUndefined(await thief.store.get('t', 'after'))
  assert.isDefined(await thief.store.get('t', 'before'))
  await thief.write('after', thief.lease)
  await close()
})

test('has one thief where eight visible tabs hear nothing, and none where all are hidden', async () => {
  for (const visible of [true, false]) {
    const { time, tabs, leaders, open, close } = world()
    const frozenTime = freezable(time)
    const frozen = await open({ time: frozenTime })
    await time.until(() => frozen.leads)
    for (let i = 0; i < 8; i++) await open({ visible })
    frozenTime.frozen = true
    await time.advance(20_000)
    const led = tabs.filter((tab) => tab !== frozen && tab.leases.length > 0)
    assert.lengthOf(led, visible ? 1 : 0)
    assert.lengthOf(leaders(), 1)
    await close()
  }
})

test('steals at most once a minute', async () => {
  const { time, open, close } = world()
  const times = [freezable(time), freezable(time)] as const
  const first = await open({ time: times[0] })
  await time.until(() => first.leads)
  const thief = await open()
  times[0].frozen = true
  await time.until(() => thief.leads)
  const stolenAt = time.monotonic()
  const second = await open({ time: times[1] })
  thief.visible.set(false)
  await time.until(() => second.leads)
  thief.visible.set(true)
  times[1].frozen = true
  await time.advance(stolenAt + 58_000 - time.monotonic())
  assert.isFalse(thief.leads, 'although nothing was heard for most of a minute')
  await time.advance(5_000)
  assert.isTrue(thief.leads)
  assert.lengthOf(thief.leases, 2)
  await close()
})

test('passes the lead of a hidden tab to a visible one that asks, and to no hidden one', async () => {
  const { time, leaders, open, close } = world()
  const leader = await open()
  await time.until(() => leader.leads)
  const waiting = [await open({ visible: false }), await open({ visible: false })]
  const visible = await open()
  await time.advance(10_000)
  assert.isTrue(leader.leads, 'a visible leader keeps the lead')
  leader.visible.set(false)
  await time.advance(3_000)
  assert.isTrue(visible.leads)
  assert.isFalse(leader.leads)
  assert.lengthOf(leaders(), 1)
  assert.isTrue(waiting.every((tab) => tab.leases.length === 0))
  assert.equal(visible.lease.epoch, 2)
  visible.visible.set(false)
  await time.advance(120_000)
  assert.isTrue(visible.leads, 'among hidden tabs nothing moves')
  await close()
})

test('keeps the lead when an old question arrives after it has been shown again', async () => {
  const { time, channels, open, close } = world()
  const leader = await open()
  await time.until(() => leader.leads)
  channels.open('sotto-test-leader').post({ kind: 'ask', from: 'another tab' })
  await time.advance(10_000)
  assert.isTrue(leader.leads)
  assert.lengthOf(leader.leases, 1)
  await close()
})

test('is led by whoever is next when the heir does not come', async () => {
  const { time, channels, open, close } = world()
  const leader = await open()
  await time.until(() => leader.leads)
  const next = await open({ visible: false })
  leader.visible.set(false)
  channels.open('sotto-test-leader').post({ kind: 'ask', from: 'a tab that died since' })
  await time.settle()
  assert.isFalse(leader.leads)
  await time.advance(4_000)
  assert.isFalse(next.leads, 'the heir has five seconds')
  await time.advance(2_000)
  assert.isTrue(next.leads)
  await close()
})

test('takes turns, and does not spin, where two share a store but no locks', async () => {
  const [disk, time, channels] = [new MemoryDisk(), manualTime(), memoryChannels()]
  const stop = new AbortController()
  const epochs: number[] = []
  const clients = [0, 1].map(async () => {
    const store = await openSealedStore(memoryStore(disk), { name: 'sotto-test' })
    const leader = new Leader({ name: 'sotto-test', store, locks: memoryLocks(), channels, time })
    const work = async (lease: Lease) => {
      epochs.push(lease.epoch)
      for (;;) {
        await time.sleep(100, lease.signal)
        await run(store, async (unit) => unit.put('t', 'x', utf8('x')), { lease })
      }
    }
    await leader.lead(work, { signal: stop.signal })
  })
  await time.until(() => epochs.length >= 2)
  await time.advance(10_000)
  stop.abort()
  await Promise.all(clients)
  assert.isAbove(epochs.length, 4)
  assert.isBelow(epochs.length, 30)
  assert.deepEqual(
    epochs,
    [...new Set(epochs)].sort((a, b) => a - b),
    'no epoch twice',
  )
})

test('rejects with what the work throws', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'sotto-test' })
  const locks = memoryLocks()
  const leader = new Leader({ name: 'n', store, locks, channels: memoryChannels(), time: manualTime() })
  const { signal } = new AbortController()
  await rejects(
    leader.lead(() => Promise.reject(new SottoError('store-full')), { signal }),
    'store-full',
  )
  assert.equal(leader.state.value.name, 'idle')
  ;(await locks.acquire('n', { signal })).release()
})

test('gives a lock back that is granted in the very moment in which a tab gives up', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'sotto-test' })
  let grant: (lock: HeldLock) => void = () => undefined
  const locks = { acquire: () => new Promise<HeldLock>((resolve) => (grant = resolve)) }
  const time = manualTime()
  const leader = new Leader({ name: 'n', store, locks, channels: memoryChannels(), time })
  const closing = new AbortController()
  let worked = false
  const led = leader.lead(() => Promise.resolve(void (worked = true)), { signal: closing.signal })
  await time.settle()
  closing.abort()
  await led
  let isReleased = false
  grant({ lost: new AbortController().signal, release: () => (isReleased = true) })
  await time.settle()
  assert.isTrue(isReleased)
  assert.isFalse(worked)
})
