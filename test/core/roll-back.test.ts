import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { limits } from '@sotto/protocol'
import { assert, test } from '#test'
import { spendEverything } from '../../packages/core/src/sessions/roll-back.js'
import { freshCounters } from '../../packages/core/src/store/fresh-counters.js'
import { counterRows, sessionRows } from '../../packages/core/src/store/tables.js'

const bob = `${'ab'.repeat(32)}.${'11'.repeat(16)}`

/** One of the copies of a device that began to count at epoch 1, and has started `highest` generations with Bob, who has answered in none. */
async function copy(highest: number) {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  await run(store, (rows) => {
    counterRows.put(rows, 'counters', { ...freshCounters, run: 1 })
    sessionRows.put(rows, bob, { highest, sessions: [] })
    return Promise.resolve()
  })
  return async (epoch: number) => {
    await run(store, (rows) => spendEverything(rows, { epoch, sends: 0 }))
    return run(store, async (rows) => (await sessionRows.get(rows, bob))?.highest ?? 0)
  }
}

test('of copies of a device, the one that is rolled back last goes above all that the others have started', async () => {
  const copies = [await copy(3), await copy(3), await copy(3)]
  let before = 3
  // The second comes twice in a row; what they start may add up to 63 between.
  for (const [epoch, which] of [0, 1, 1, 2, 0, 2, 1].entries()) {
    const highest = (await copies[which]?.(epoch + 5)) ?? 0
    assert.isAbove(highest, before)
    before = highest
  }
})

test('copies that may go no further start different generations, and none that the other side refuses', async () => {
  const reached = await Promise.all([501, 502, 503].map(async (epoch) => (await copy(3))(epoch)))
  assert.equal(new Set(reached).size, 3)
  // Some can still be started before the other side hears of one.
  for (const one of reached) assert.isAtMost(one, limits.generationJump - 64)
})
