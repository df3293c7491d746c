import type { ThreadItem } from '@sotto/core'
import { test, assert } from '#test'
import { toRows, type Row } from '../../packages/elements/src/thread/rows.js'
import { keyOf, textItem } from '../support/fake-client.js'

const noon = new Date(2026, 4, 3, 12).getTime()
const minute = 60_000
const day = 24 * 60 * minute

const text = (n: number, at: number, mine = false) => textItem(n, { text: `${n}`, at, mine })
const kinds = (rows: readonly Row[]) => rows.map((row) => row.kind)
const complete = { complete: true, divider: undefined }
const open = { complete: false, divider: undefined }

function joins(items: readonly ThreadItem[]): string {
  return toRows(items, open)
    .map((row) =>
      row.kind === 'message' ? `${row.joinsAbove ? '^' : ''}${row.joinsBelow ? 'v' : ''}o` : row.kind,
    )
    .join(' ')
}

test('names each day once, and the first only when nothing can come before it', () => {
  const items = [text(1, noon), text(2, noon + minute), text(3, noon + day)]
  assert.deepEqual(kinds(toRows(items, complete)), [
    'beginning',
    'day',
    'message',
    'message',
    'day',
    'message',
  ])
  assert.deepEqual(kinds(toRows(items, open)), ['message', 'message', 'day', 'message'])
})

test('lets messages of one sender within five minutes stand together', () => {
  assert.equal(joins([text(1, noon), text(2, noon + minute), text(3, noon + 2 * minute)]), 'vo ^vo ^o')
  assert.equal(joins([text(1, noon), text(2, noon + 6 * minute)]), 'o o')
  assert.equal(joins([text(1, noon), text(2, noon, true)]), 'o o')
})

test('lets nothing stand together with what was not sent, or over a gap, a day or the divider', () => {
  const failed = textItem(1, { text: '1', at: noon, mine: true, state: { name: 'failed', code: 'offline' } })
  assert.equal(joins([failed, text(2, noon, true)]), 'o o')
  const gap: ThreadItem = { kind: 'gap', key: keyOf(2), at: noon, mine: false, count: 1, gone: false }
  assert.equal(joins([text(1, noon), gap, text(3, noon)]), 'o gap o')
  const midnight = new Date(2026, 4, 4).getTime()
  assert.equal(joins([text(1, midnight - 1000), text(2, midnight)]), 'o day o')
  const rows = toRows([text(1, noon), text(2, noon)], {
    complete: false,
    divider: { key: keyOf(2), count: 1 },
  })
  assert.deepEqual(kinds(rows), ['message', 'divider', 'message'])
  assert.isFalse(rows[0]?.kind === 'message' && rows[0].joinsBelow)
})

test('changes nothing below when earlier messages come on top', () => {
  const late = [text(51, noon + 51 * minute), text(52, noon + 52 * minute), text(53, noon + day)]
  const early = Array.from({ length: 50 }, (_, i) => text(i + 1, noon + i * minute))
  const below = (rows: readonly Row[]) =>
    rows
      .slice(rows.findIndex((row) => row.key === keyOf(51)))
      .map((row) => [row.kind, row.key, row.kind === 'message' && row.joinsBelow])
  assert.deepEqual(below(toRows([...early, ...late], complete)), below(toRows(late, open)))
})

test('gives no two rows one key', () => {
  const items = Array.from({ length: 400 }, (_, i) => text(i, noon + i * 3 * 60 * minute, i % 3 === 0))
  const rows = toRows(items, { complete: true, divider: { key: keyOf(7), count: 3 } })
  assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length)
})
