import fc from 'fast-check'
import { limits, type MessageNumber } from '@sotto/protocol'
import { assert, test } from '#test'
import {
  arrive,
  arriveUpTo,
  highestCame,
  isMissing,
  isOpen,
  type ArrivedNumber,
} from '../../packages/core/src/messages/gaps.js'
import { compareNumbers } from '../../packages/core/src/messages/numbers.js'
import { isCovered } from '../../packages/core/src/messages/receipt-marks.js'
import { coveredOf } from '../../packages/core/src/messages/receipts.js'
import type { ReceivedRow } from '../../packages/core/src/store/tables.js'

const device = '11'.repeat(16)
/** Whether a number is in a gap: one whose end is not known goes up to the next. */
const missesIn = ({ missing }: ReceivedRow, number: MessageNumber) =>
  missing.some(({ run, first, last }, i) => {
    const ends = isOpen({ run, first, last, gone: false }) ? missing[i + 1] : undefined
    if (compareNumbers({ run, n: first }, number) > 0) return false
    return ends === undefined ? compareNumbers(number, { run, n: last }) <= 0 : number.run < ends.run
  })
const nameOf = ({ run, n }: MessageNumber) => `${run}:${n}`

/** What a device sent: runs of numbers, the first of each naming the last of the one before. */
function sent(lengths: readonly number[], runs: readonly number[], from: number): ArrivedNumber[] {
  const all: { number: MessageNumber; after?: MessageNumber }[] = []
  lengths.forEach((length, i) => {
    const before = all.at(-1)?.number
    for (let n = 1; n <= length; n++) {
      const number = { run: runs[i] ?? 0, n }
      all.push(n === 1 && before !== undefined ? { number, after: before } : { number })
    }
  })
  const since = all[from % all.length]?.number ?? { run: 1, n: 1 }
  return all.slice(from % all.length).map((one) => ({ ...one, since }))
}

const history = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
    runs: fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 }),
    from: fc.nat({ max: 8 }),
    order: fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
    many: fc.nat({ max: 24 }),
  })
  .map(({ lengths, runs, from, order, many }) => {
    const all = sent(
      lengths,
      [...runs].sort((a, b) => a - b),
      from,
    )
    const shuffled = all
      .map((one, i) => ({ one, at: order[i] ?? 0 }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one)
    return { all, arriving: shuffled.slice(0, 1 + (many % all.length)) }
  })

test('whatever comes and in whatever order, a receipt covers nothing that did not come, and no number counts as given twice', () => {
  const property = fc.property(history, ({ all, arriving }) => {
    let row: ReceivedRow | undefined
    const came = new Set<string>()
    for (const one of arriving) {
      const next = arrive(row, device, one)
      if (next === 'again') throw new Error(`${nameOf(one.number)} came once, and counts as given before`)
      row = next
      came.add(nameOf(one.number))
      const mark = coveredOf(row, row.highest)
      for (const { number } of all) {
        if (isCovered(mark, number)) assert.isTrue(came.has(nameOf(number)), `${nameOf(number)} is covered`)
      }
      assert.equal(arrive(row, device, one), 'again')
    }
    if (row !== undefined && came.size === all.length) {
      assert.deepEqual(row.missing, [])
      const mark = coveredOf(row, row.highest)
      assert.isTrue(all.every(({ number }) => isCovered(mark, number)))
    }
  })
  fc.assert(property, { seed: 20_260_101, numRuns: 2000 })
})

test('a device that says how far it has given numbers shows what did not come of them, which counts as given once when it comes', () => {
  const property = fc.property(history, fc.array(fc.nat(), { minLength: 30 }), ({ all, arriving }, said) => {
    const [{ since } = { since: { run: 1, n: 1 } }] = all
    let row: ReceivedRow | undefined
    const came = new Set<string>()
    arriving.forEach((one, i) => {
      const given = all[(said[i] ?? 0) % all.length]?.number ?? since
      row = arriveUpTo(row, device, { since, given })
      assert.isTrue(row !== undefined && compareNumbers(row.highest, given) >= 0)
      if (row === undefined) return
      assert.equal(arriveUpTo(row, device, { since, given }), row, 'the second time it is no news')
      assert.isTrue(came.has(nameOf(given)) || missesIn(row, given), `${nameOf(given)} is missed`)
      const next = arrive(row, device, one)
      if (next === 'again') throw new Error(`${nameOf(one.number)} came once, and counts as given before`)
      row = next
      came.add(nameOf(one.number))
      const newest = all.filter(({ number }) => came.has(nameOf(number))).at(-1)?.number
      if (newest?.run === row.highest.run) assert.deepEqual(highestCame(row), newest)
      const mark = coveredOf(row, row.highest)
      for (const { number } of all) {
        const isThere = came.has(nameOf(number))
        if (isCovered(mark, number)) assert.isTrue(isThere, `${nameOf(number)} is covered`)
        if (isThere) assert.isFalse(missesIn(row, number), `${nameOf(number)} is missed`)
      }
    })
    if (row === undefined || came.size < all.length) return
    assert.deepEqual(row.missing, [])
    assert.deepEqual(row.highest, all.at(-1)?.number)
  })
  fc.assert(property, { seed: 20_260_102, numRuns: 2000 })
})

/** Everything that arrives, in order; and that no receipt covers what is not among it, up to the last. */
function takes(arriving: readonly ArrivedNumber[], missing: readonly MessageNumber[]): ReceivedRow {
  let row: ReceivedRow | undefined
  for (const one of arriving) {
    const next = arrive(row, device, one)
    if (next === 'again') throw new Error(`${nameOf(one.number)} counts as given before`)
    row = next
    assert.isAtMost(row.missing.length, limits.gaps)
  }
  if (row === undefined) throw new Error('something arrives')
  const mark = coveredOf(row, row.highest)
  for (const number of missing) assert.isFalse(isCovered(mark, number), nameOf(number))
  return row
}

const upTo = (most: number) => Array.from({ length: most }, (_, i) => i + 1)
const since = { run: 1, n: 1 }

test('of more than a thousand gaps in a run the oldest become one, and none is forgotten', () => {
  const numbers = upTo(limits.gaps + 20)
  const row = takes(
    numbers.map((i) => ({ number: { run: 1, n: 2 * i }, since })),
    numbers.map((i) => ({ run: 1, n: 2 * i - 1 })),
  )
  assert.deepEqual(row.missing[0], { run: 1, first: 1, last: 41, gone: false })
})

test('of more than a thousand gaps, each in a run of its own, none is forgotten', () => {
  const runs = upTo(limits.gaps + 20)
  takes(
    runs.flatMap((run) => [
      { number: { run, n: 1 }, since, ...(run > 1 && { after: { run: run - 1, n: 3 } }) },
      { number: { run, n: 3 }, since },
    ]),
    runs.map((run) => ({ run, n: 2 })),
  )
})

test('what comes into the middle of the last of a thousand gaps splits it, and there is room for it', () => {
  const even = upTo(limits.gaps - 1).map((i) => ({ number: { run: 1, n: 2 * i }, since }))
  const far = { number: { run: 1, n: 9000 }, since }
  const row = takes([...even, far, { number: { run: 1, n: 8000 }, since }], [{ run: 1, n: 7999 }])
  assert.lengthOf(row.missing, limits.gaps)
})

test('a gap whose end is not known is closed by the first number of the next run, and says nothing before', () => {
  const first = takes([{ number: { run: 1, n: 2 }, since: { run: 1, n: 2 } }], [])
  const open = arrive(first, device, { number: { run: 7, n: 2 }, since })
  assert.isTrue(open !== 'again' && open.missing.some(isOpen))
  if (open === 'again') return
  assert.deepEqual(coveredOf(open, open.highest)?.upTo, { run: 1, n: 2 })
  assert.isFalse(isMissing(open, { run: 1, n: 3 }), 'nobody knows that it was given')
  assert.isTrue(isMissing(open, { run: 7, n: 1 }))
  const closed = arrive(open, device, { number: { run: 7, n: 1 }, after: { run: 1, n: 4 }, since })
  assert.isTrue(closed !== 'again')
  if (closed === 'again') return
  assert.deepEqual(closed.missing, [{ run: 1, first: 3, last: 4, gone: false }])
  assert.deepEqual(coveredOf(closed, closed.highest)?.upTo, { run: 7, n: 2 })
})

test('nothing can be said where the first run of which something came is not the first one', () => {
  const row = takes([{ number: { run: 7, n: 2 }, since }], [since])
  assert.isUndefined(coveredOf(row, row.highest))
})
