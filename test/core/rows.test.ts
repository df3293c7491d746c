import { assert, test } from '#test'
import { encodeChain } from '@sotto/protocol'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
import type { Table } from '../../packages/core/src/store/rows.js'
import { messageRows, peerRows, receivedRows } from '../../packages/core/src/store/tables.js'
import { chainOf } from '../protocol/made.js'
import { codeOf } from '../support/code-of.js'

const nothing = {
  get: () => Promise.resolve(undefined),
  list: () => Promise.resolve([]),
  commit: () => Promise.resolve(),
}

async function bytesOf<T>(table: Table<T>, row: T): Promise<Uint8Array> {
  const rows = new UnitOfWork(nothing)
  table.put(rows, 'key', row)
  return (await rows.get(table.name, 'key')) as Uint8Array
}

async function rowOf<T>(table: Table<T>, bytes: Uint8Array): Promise<T> {
  const rows = new UnitOfWork(nothing)
  rows.put(table.name, 'key', bytes)
  return (await table.get(rows, 'key')) as T
}

const number = { run: 3, n: 300 }
const message = {
  messageId: '01'.repeat(16),
  mine: true,
  from: { accountId: '02'.repeat(32), device: '03'.repeat(16) },
  type: 1,
  body: new Uint8Array(40).fill(7),
  clock: { ms: 1_790_000_000_000, logical: 2 },
  at: 1_790_000_000_000,
  number,
  frankingKey: new Uint8Array(32).fill(9),
  progress: 1,
  code: 'batch-refused',
  copies: [{ accountId: '04'.repeat(32), device: '05'.repeat(16), envelope: '06'.repeat(16) }],
  shownIfUnknown: true,
}
const missing = [{ run: 3, first: 24, last: 256, gone: true }]
const received = { device: '03'.repeat(16), highest: number, missing, toldMissing: 1, shown: number }
const peer = async () => ({
  account: 'bob',
  chain: encodeChain(await chainOf('bob', 1)),
  relation: 2,
  relationAt: 70_000,
  fetchedAt: 1_790_000_000_000,
  direct: true,
})

/** Whatever is done to one of its bytes, a row is another one, with one encoding like any, or damaged. It is never read in two ways. */
async function holds<T>(table: Table<T>, row: T): Promise<void> {
  const whole = await bytesOf(table, row)
  assert.deepEqual({ ...(await rowOf(table, whole)) }, { ...row })
  const codes = new Set<string>()
  for (let at = 1; at < whole.length; at++) {
    for (const flip of [0x01, 0x20, 0x80, 0xff]) {
      const bytes = whole.slice()
      bytes[at] = (bytes[at] ?? 0) ^ flip
      const read = rowOf(table, bytes)
      const code = await codeOf(read)
      codes.add(code)
      if (code === 'nothing') assert.deepEqual(await bytesOf(table, await read), bytes, `${table.name} ${at}`)
    }
    for (const bytes of [whole.slice(0, at), Uint8Array.of(...whole, at & 255)])
      assert.equal(await codeOf(rowOf(table, bytes)), 'store-damaged', `${table.name} ${at}`)
  }
  assert.sameMembers([...codes], ['nothing', 'store-damaged'])
}

test('a row of a table is what was written, or damaged: a message', () => holds(messageRows, message))
test('a row of a table is what was written, or damaged: a peer', async () => holds(peerRows, await peer()))
test('a row of a table is what was written, or damaged: what came of a device', () =>
  holds(receivedRows, received))
