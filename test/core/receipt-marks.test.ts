import fc from 'fast-check'
import { limits, type MessageNumber } from '@sotto/protocol'
import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { assert, test } from '#test'
import { isCovered, mergeMarks } from '../../packages/core/src/messages/receipt-marks.js'
import { applyReceipt } from '../../packages/core/src/messages/receipts.js'
import { receiptRows, type ReceiptMark } from '../../packages/core/src/store/tables.js'

const [runs, perRun] = [3, 12]
const all: readonly MessageNumber[] = Array.from({ length: runs * perRun }, (_, i) => ({
  run: 1 + Math.floor(i / perRun),
  n: 1 + (i % perRun),
}))

/** A device has a prefix of all numbers without some. */
const mark = fc
  .record({ upTo: fc.nat(all.length - 1), came: fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }) })
  .map(({ upTo, came }): ReceiptMark => {
    const missing: { run: number; first: number; last: number }[] = []
    all.slice(0, upTo + 1).forEach(({ run, n }, i) => {
      const before = missing.at(-1)
      if (came[i] === true) return
      if (before?.run === run && before.last === n - 1) before.last = n
      else missing.push({ run, first: n, last: n })
    })
    return { upTo: all[upTo] ?? { run: 1, n: 1 }, missing }
  })

test('two marks together cover what either covers, and no more, whichever came first', () => {
  fc.assert(
    fc.property(mark, mark, (a, b) => {
      for (const merged of [mergeMarks(a, b), mergeMarks(b, a)])
        for (const number of all)
          assert.equal(isCovered(merged, number), isCovered(a, number) || isCovered(b, number))
    }),
    { seed: 20_260_103, numRuns: 2_000 },
  )
})

test('with more gaps than there is room for, the later mark stands alone', () => {
  const gaps = Array.from({ length: limits.receiptRanges }, (_, i) => ({
    run: 1,
    first: 2 * i + 1,
    last: 2 * i + 1,
  }))
  const low = { upTo: { run: 1, n: 20 }, missing: [{ run: 1, first: 1, last: 20 }] }
  const high = { upTo: { run: 1, n: 200 }, missing: [{ run: 1, first: 1, last: 1 }, ...gaps.slice(1)] }
  assert.deepEqual(mergeMarks(low, high).missing, high.missing)
  const wide = { upTo: { run: 1, n: 300 }, missing: [{ run: 1, first: 1, last: 130 }] }
  const many = { upTo: { run: 1, n: 130 }, missing: [...gaps, { run: 1, first: 130, last: 130 }] }
  assert.deepEqual(mergeMarks(many, wide), wide)
})

test('what one device of the other side has stays delivered when another one says that it lacks it', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const [conversation, device] = ['ab'.repeat(32), '11'.repeat(16)]
  const heard = (upTo: number, missing: readonly number[]) =>
    run(store, (rows) =>
      applyReceipt(rows, conversation, {
        delivered: [
          { device, upTo: { run: 1, n: upTo }, missing: missing.map((n) => ({ run: 1, first: n, last: n })) },
        ],
        read: [],
        ext: new Map(),
      }),
    )
  const delivered = async (n: number) => {
    const row = await run(store, (rows) => receiptRows.get(rows, `${conversation}/${device}`))
    return isCovered(row?.delivered, { run: 1, n })
  }
  await heard(5, [4])
  await heard(8, [2, 4])
  assert.isTrue(await delivered(2))
  assert.isFalse(await delivered(4), 'nobody has it')
  await heard(3, [1])
  assert.isTrue(await delivered(1))
  assert.isTrue(await delivered(8))
})
