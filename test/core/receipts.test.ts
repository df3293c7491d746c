import fc from 'fast-check'
import {
  decodeBodyOf,
  encodeBodyOf,
  emptyExt,
  limits,
  receiptBody,
  type MessageNumber,
} from '@sotto/protocol'
import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { assert, test } from '#test'
import { compareNumbers, putReceived } from '../../packages/core/src/messages/numbers.js'
import { listOutbox } from '../../packages/core/src/messages/outbox.js'
import { isCovered } from '../../packages/core/src/messages/receipt-marks.js'
import { coveredOf, enqueueReceipt, unsayReceipt } from '../../packages/core/src/messages/receipts.js'
import type { MissingSpan, ReceivedRow } from '../../packages/core/src/store/tables.js'

const device = '11'.repeat(16)

const gap = (run: number, first: number, last = first): MissingSpan => ({ run, first, last, gone: false })

/** What is said, where something can be. */
function markOf(row: ReceivedRow, upTo = row.highest) {
  const mark = coveredOf(row, upTo)
  if (mark === undefined) throw new Error('something can be said')
  return mark
}

function rowOf(missing: readonly MissingSpan[], highest: MessageNumber): ReceivedRow {
  return { device, highest, missing, toldMissing: 0 }
}

test('a receipt of up to 64 gaps covers everything but them', () => {
  const gaps = Array.from({ length: limits.receiptRanges }, (_, i) => gap(1, 2 * i + 1))
  const mark = markOf(rowOf(gaps, { run: 1, n: 200 }))
  assert.deepEqual(mark.upTo, { run: 1, n: 200 })
  for (let n = 1; n <= 200; n++) assert.equal(isCovered(mark, { run: 1, n }), n > 128 || n % 2 === 0, `${n}`)
})

test('a receipt ends before the 65th gap', () => {
  const gaps = Array.from({ length: limits.receiptRanges + 1 }, (_, i) => gap(1, 2 * i + 1))
  const mark = markOf(rowOf(gaps, { run: 1, n: 200 }))
  assert.deepEqual(mark.upTo, { run: 1, n: 128 })
})

test('a receipt does not cover number 1 of a run where that is the 65th gap', () => {
  const before = Array.from({ length: limits.receiptRanges }, (_, i) => gap(1, 2 * i + 1))
  const row = rowOf([...before, gap(3, 1, 4)], { run: 3, n: 9 })
  const mark = markOf(row)
  assert.isFalse(isCovered(mark, { run: 3, n: 1 }))
  assert.isTrue(isCovered(mark, { run: 1, n: 126 }))
  encodeBodyOf(receiptBody, { delivered: [mark], read: [], ext: emptyExt })
})

const someRun = fc.record({
  run: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  came: fc.array(fc.boolean(), { minLength: 20, maxLength: 60, size: 'max' }),
})
/** Numbers of some runs, in order, and which of them came: the last one at least. */
const history = fc
  .uniqueArray(someRun, { minLength: 1, maxLength: 9, size: 'max', selector: (one) => one.run })
  .map((runs) => runs.sort((a, b) => a.run - b.run))
  .map((runs) => runs.flatMap((one) => one.came.map((there, i) => ({ run: one.run, n: i + 1, there }))))
  .map((numbers) => numbers.map((one, i) => (i === numbers.length - 1 ? { ...one, there: true } : one)))

test('a receipt covers no number that is missing, whatever the gaps are, and everything else up to the 65th', () => {
  let [cut, atOne] = [0, 0]
  const property = fc.property(history, fc.nat(), (numbers, to) => {
    const missing: MissingSpan[] = []
    for (const { run, n, there } of numbers) {
      if (there) continue
      const last = missing.at(-1)
      if (last?.run === run && last.last === n - 1) missing[missing.length - 1] = { ...last, last: n }
      else missing.push(gap(run, n))
    }
    const highest = numbers.at(-1) ?? { run: 1, n: 1 }
    const upTo = numbers[to % numbers.length] ?? highest
    const mark = markOf(rowOf(missing, highest), upTo)
    encodeBodyOf(receiptBody, { delivered: [mark], read: [], ext: emptyExt })
    const next = missing[limits.receiptRanges]
    if (next !== undefined) cut++
    if (next?.first === 1) atOne++
    for (const number of numbers) {
      const covered = isCovered(mark, number)
      if (covered) assert.isTrue(number.there, `${number.run}:${number.n} covered and missing`)
      const below = compareNumbers(number, upTo) <= 0
      const said = next === undefined || (number.run === next.run && number.n < next.first)
      if (number.there && below && said)
        assert.isTrue(covered, `${number.run}:${number.n} came and is not covered`)
    }
  })
  fc.assert(property, { seed: 20_260_101, numRuns: 1000 })
  assert.isAbove(cut, 200, 'histories of more than 64 gaps')
  assert.isAbove(atOne, 10, 'histories whose 65th gap begins a run')
})

test('a receipt that could not be sent is said again with the next one', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const [conversation, accountId] = ['ab'.repeat(32), 'cd'.repeat(32)]
  const to = { account: 'bob', accountId, conversation, tellRead: true }
  const say = () => run(store, (rows) => enqueueReceipt(rows, to, 1))
  await run(store, async (rows) => {
    const highest = { run: 1, n: 3 }
    putReceived(rows, conversation, accountId, {
      device,
      highest,
      shown: highest,
      missing: [],
      toldMissing: 0,
      read: highest,
    })
  })
  assert.isTrue(await say())
  assert.isFalse(await say(), 'there is nothing new')
  const [dropped] = await run(store, (rows) => listOutbox(rows))
  if (dropped === undefined) throw new Error('a receipt')
  const body = decodeBodyOf(receiptBody, dropped.row.body)
  await run(store, (rows) => unsayReceipt(rows, conversation, accountId, body))
  assert.isTrue(await say())
  const again = (await run(store, (rows) => listOutbox(rows))).at(-1)
  assert.deepEqual(again && decodeBodyOf(receiptBody, again.row.body), body)
})
