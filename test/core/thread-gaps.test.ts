import { assert, test } from '#test'
import { itemsOf, type StoredMessage } from '../../packages/core/src/conversations/thread.js'
import type { MessageRow, ReceivedRow } from '../../packages/core/src/store/tables.js'

const device = '11'.repeat(16)
const from = { account: 'alice', accountId: '22'.repeat(32), device }

/** A message of nothing to show: what is left of the thread are the gaps. */
function message(run: number, n: number): StoredMessage {
  const row = {
    messageId: `${run}-${n}`,
    at: run * 1_000 + n,
    mine: false,
    from,
    number: { run, n },
    type: 999,
  }
  return {
    key: `alice/${run}${n}`,
    row: { ...row, shownIfUnknown: false, progress: 1 } as unknown as MessageRow,
  }
}

function gapsOf(messages: readonly StoredMessage[], missing: ReceivedRow['missing']) {
  const received = [{ device, highest: { run: 9, n: 9 }, missing, toldMissing: 0 }]
  const items = itemsOf(messages, { receipts: [], received, gapsAtEnd: [], waiting: undefined })
  return items.map((item) => (item.kind === 'gap' ? `${item.count} at ${item.at}` : item.kind))
}

test('what is missing at the end of a run is told once, before the first message after it', () => {
  const messages = [message(1, 1), message(2, 1), message(2, 2), message(3, 1), message(4, 1)]
  assert.deepEqual(gapsOf(messages, [{ run: 1, first: 2, last: 6, gone: false }]), ['5 at 2001'])
  assert.deepEqual(gapsOf(messages.slice(2), [{ run: 1, first: 2, last: 6, gone: false }]), ['5 at 3001'])
})

test('gaps of several runs are each told where they are', () => {
  const messages = [message(1, 1), message(2, 1), message(2, 4), message(3, 1)]
  const missing = [
    { run: 1, first: 2, last: 2, gone: false },
    { run: 2, first: 2, last: 3, gone: false },
    { run: 2, first: 5, last: 8, gone: true },
  ]
  assert.deepEqual(gapsOf(messages, missing), ['1 at 2001', '2 at 2004', '4 at 3001'])
})

test('what is missing at the end stands after the last message of its device, or of all where there is none', () => {
  const messages = [message(1, 1), message(1, 4)]
  const spans = (first: number, last: number) => [{ run: 1, first, last, gone: false }]
  const other = '33'.repeat(16)
  const received = [{ device, highest: { run: 1, n: 7 }, missing: spans(2, 3), toldMissing: 0 }]
  const gapsAtEnd = [
    { device: other, mine: true, spans: spans(1, 9) },
    { device, mine: false, spans: [...spans(2, 3), ...spans(5, 7)] },
  ]
  const items = itemsOf(messages, { receipts: [], received, gapsAtEnd, waiting: undefined })
  assert.lengthOf(new Set(items.map(({ key }) => key)), 3)
  assert.deepEqual(
    items.map((one) => one.kind === 'gap' && [one.mine, one.count]),
    [
      [false, 2],
      [true, 9],
      [false, 3],
    ],
  )
})
