import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import type { Connection, Time } from '@sotto/core/ports'
import { assert, test } from '#test'
import { BackendClock } from '../../packages/core/src/backend-clock.js'
import { counterRows } from '../../packages/core/src/store/tables.js'

test('the backend’s time is whole milliseconds, although clocks that do not jump have fractions', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  let passed = 0.3
  const time: Time = {
    now: () => 1_790_000_000_000,
    monotonic: () => passed,
    sleep: () => Promise.reject(new Error('nobody sleeps')),
    random: () => 0,
  }
  const clock = new BackendClock((work) => run(store, work), time)
  await clock.hear({ aheadMs: -7_200_000.4 } as Connection)
  passed = 1_001.1
  assert.equal(clock.now, 1_790_000_000_000 - 7_200_001 + 1_000)
  assert.equal(clock.earliest, clock.now)
  const stored = await run(store, (rows) => counterRows.get(rows, 'counters'))
  assert.equal(stored?.backendAt, 1_790_000_000_000 - 7_200_001)
})
