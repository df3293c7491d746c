import { emptyExt, limits } from '@sotto/protocol'
import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { assert, test } from '#test'
import { listKept, putKept } from '../../packages/core/src/messages/kept.js'

const day = 86_400_000
const from = { account: 'alice', accountId: '22'.repeat(32), device: '11'.repeat(16) }
const address = { realm: 'example.com', account: 'bob', accountId: '33'.repeat(32), device: '44'.repeat(16) }

function envelopeAt(at: number, n: number) {
  const id = n.toString(16).padStart(32, '0')
  const to = { type: 'address' as const, address }
  return { envelope: { v: 1, id, to, body: new Uint8Array([1]), ext: emptyExt }, from, at }
}

async function keeping() {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const begin = Date.UTC(2026, 0, 1)
  let n = 0
  return {
    /** Keeps an envelope that came so many days after the first, when a clock showed so many. */
    keep: (stampedDay: number, clockDay: number, account = 'alice') =>
      run(store, (rows) =>
        putKept(
          rows,
          account,
          { stamped: envelopeAt(begin + stampedDay * day, ++n), reason: 2 },
          begin + clockDay * day,
        ),
      ),
    days: async (account = 'alice') =>
      (await run(store, (rows) => listKept(rows, account))).map(({ row }) => (row.stamped.at - begin) / day),
  }
}

test('an envelope that waits for a list or the person is kept for 30 days, and no longer once another one comes', async () => {
  const { keep, days } = await keeping()
  const keptDays = limits.keptMs / day
  await keep(0, 0)
  await keep(1, 1)
  await keep(0, 0, 'carol')
  await keep(keptDays, keptDays)
  assert.deepEqual(await days(), [0, 1, keptDays])
  await keep(keptDays + 1, keptDays + 1)
  assert.deepEqual(await days(), [1, keptDays, keptDays + 1])
  assert.deepEqual(await days('carol'), [0], 'nobody ends what another one wrote')
})

test('of more than 1,000 of one account the oldest go', async () => {
  const { keep, days } = await keeping()
  for (let i = 0; i < limits.keptPerPeer + 2; i++) await keep(i / 1_000, 1)
  const left = await days()
  assert.lengthOf(left, limits.keptPerPeer)
  assert.equal(left[0], 2 / 1_000)
})
