import {
  manualTime,
  memoryChannels,
  memoryLocks,
  memoryStore,
  MemoryDisk,
  type ManualTime,
} from '@sotto/core/memory'
import { SottoError, utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { Leader } from '../../packages/core/src/leader.js'
import { Lease } from '../../packages/core/src/lease.js'
import { Writable } from '../../packages/core/src/readable.js'
import { run } from '../../packages/core/src/sessions/run.js'
import { openSealedStore, type SealedStore } from '../../packages/core/src/store/sealed-store.js'
import { rejects } from './reject.js'

class Tab {
  readonly leader: Leader
  readonly store: SealedStore
  readonly visible: Writable<boolean>
  readonly leases: Lease[] = []
  readonly ended: Promise<void>
  readonly #stop = new AbortController()

  constructor(
    options: ConstructorParameters<typeof Leader>[0] & { store: SealedStore; visible: Writable<boolean> },
  ) {
    this.store = options.store
    this.visible = options.visible
    this.leader = new Leader(options)
    this.ended = this.leader.lead((lease) => this.#work(lease), { signal: this.#stop.signal })
  }

  get leads(): boolean {
    return this.leader.state.value.name === 'leading'
  }

  get lease(): Lease {
    const lease = this.leases.at(-1)
    if (lease === undefined) throw new Error('never led')
    return lease
  }

  close(): Promise<void> {
    this.#stop.abort()
    return this.ended
  }

  write(key: string, lease: Lease): Promise<void> {
    return run(this.store, async (unit) => unit.put('t', key, utf8('x')), { lease })
  }

  async #work(lease: Lease): Promise<void> {
    this.leases.push(lease)
    await new Promise<void>((resolve) => lease.signal.addEventListener('abort', () => resolve()))
  }
}

interface Frozen {
  frozen: boolean
}

/** A tab's view of time that can freeze, as a browser freezes a tab: nothing that sleeps wakes any more. */
function freezable(time: ManualTime): ManualTime & Frozen {
  return Object.assign(Object.create(time) as ManualTime, {
    frozen: false,
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    random: (below: number) => time.random(below),
    async sleep(this: Frozen, ms: number, signal?: AbortSignal) {
      await time.sleep(ms, signal)
      if (this.frozen) await new Promise(() => undefined)
    },
  })
}

function world() {
  const [disk, time, locks, channels] = [new MemoryDisk(), manualTime(), memoryLocks(), memoryChannels()]
  const tabs: Tab[] = []
  return {
    time,
    tabs,
    channels,
    leaders: () => tabs.filter((tab) => tab.leads),
    async open(options: { visible?: boolean; time?: ManualTime } = {}): Promise<Tab> {
      const store = await openSealedStore(memoryStore(disk), { name: 'sotto-test' })
      const visible = new Writable(options.visible ?? true)
      const tab = new Tab({ name: 'sotto-test', store, locks, channels, time, ...options, visible })
      tabs.push(tab)
      await time.settle()
      return tab
    },
    async close() {
      await Promise.all(tabs.map((tab) => Promise.race([tab.close(), time.advance(10_000)])))
    },
  }
}

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

test('sets the epoch above one that a backend knows, together with what goes with it', async () => {
  const { time, open, close } = world()
  const tab = await open()
  await time.until(() => tab.leads)
  const { lease } = tab
  assert.equal(lease.epoch, 1)
  const stale = lease.expect
  const raised = await lease.raiseAbove(41, async (unit, epoch) => unit.put('t', 'run', utf8(String(epoch))))
  assert.equal(raised, 42)
  assert.equal(lease.epoch, 42)
  assert.isDefined(await tab.store.get('t', 'run'))
  await rejects(tab.store.commit([stale]), 'conflict')
  await tab.write('later', lease)
  assert.equal(await lease.raiseAbove(7, async () => undefined), 43, 'never lower')
  await rejects(
    lease.raiseAbove(0xffff_ffff, async () => undefined),
    'wrong-argument',
  )
  await tab.close()
  const next = await open()
  await time.until(() => next.leads)
  assert.equal(next.lease.epoch, 44)
  await close()
})

test('raises nothing when what goes with it fails', async () => {
  const { time, open, close } = world()
  const tab = await open()
  await time.until(() => tab.leads)
  const broken = tab.lease.raiseAbove(9, async (unit) => {
    unit.put('t', 'half', utf8('x'))
    throw new SottoError('store-damaged', { what: 'test' })
  })
  await rejects(broken, 'store-damaged')
  assert.equal(tab.lease.epoch, 1)
  assert.isUndefined(await tab.store.get('t', 'half'))
  await tab.write('after', tab.lease)
  await close()
})

test('commits in flight while the epoch is raised go through under the new one', async () => {
  const { time, open, close } = world()
  const tab = await open()
  await time.until(() => tab.leads)
  const { lease } = tab
  const writes = Array.from({ length: 10 }, (_, i) => tab.write(`w${String(i)}`, lease))
  const raising = lease.raiseAbove(5, async () => undefined)
  const later = Array.from({ length: 10 }, (_, i) => tab.write(`v${String(i)}`, lease))
  await Promise.all([...writes, raising, ...later])
  assert.lengthOf(await tab.store.list('t', { prefix: '', limit: 100 }), 20)
  await close()
})

test('does not take its own raise for somebody else’s, however late it hears of it', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'sotto-test' })
  let committed: () => void = () => undefined
  const isCommitted = new Promise<void>((resolve) => (committed = resolve))
  let hear: () => void = () => undefined
  const heard = new Promise<void>((resolve) => (hear = resolve))
  let isSlow = false
  const slow = {
    get: (...args: Parameters<SealedStore['get']>) => store.get(...args),
    list: (...args: Parameters<SealedStore['list']>) => store.list(...args),
    async commit(...args: Parameters<SealedStore['commit']>) {
      const waits = isSlow
      isSlow = false
      await store.commit(...args)
      if (!waits) return
      committed()
      await heard
    },
  }
  const lease = await Lease.take(slow, new AbortController().signal)
  isSlow = true
  const raising = lease.raiseAbove(8, async (unit) => unit.put('t', 'raised', utf8('x')))
  await isCommitted
  assert.isDefined(await store.get('t', 'raised'))
  // The row is ahead of what the lease knows.
  const writing = run(slow, async (unit) => unit.put('t', 'k', utf8('x')), { lease })
  await manualTime().settle()
  hear()
  await Promise.all([raising, writing])
  assert.equal(lease.epoch, 9)
  assert.isDefined(await store.get('t', 'k'))
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
