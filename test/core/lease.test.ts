import { manualTime, memoryStore } from '@sotto/core/memory'
import { SottoError, utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { Lease } from '../../packages/core/src/lease.js'
import { run } from '../../packages/core/src/sessions/run.js'
import { openSealedStore, type SealedStore } from '../../packages/core/src/store/sealed-store.js'
import { rejects } from './reject.js'
import { world } from './tabs.js'

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

test('leads above another tab that raised the epoch of a new row before we knew its revision', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const signal = new AbortController().signal
  let other: Lease | undefined
  const slow = {
    get: (table: string, key: string) => store.get(table, key),
    list: (...range: Parameters<SealedStore['list']>) => store.list(...range),
    async commit(changes: Parameters<SealedStore['commit']>[0]) {
      await store.commit(changes)
      other ??= await Lease.take(store, signal)
    },
  }
  const lease = await Lease.take(slow, signal)
  assert.deepEqual([other?.epoch, lease.epoch], [2, 3])
  await lease.confirm()
  await rejects(other?.confirm() ?? Promise.resolve(), 'lost-lead')
})
