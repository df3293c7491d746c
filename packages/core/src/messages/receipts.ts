import {
  contentTypes,
  emptyExt,
  encodeBodyOf,
  limits,
  receiptBody,
  type Covered,
  type MessageNumber,
  type ReceiptBody,
} from '@sotto/protocol'
import type { RowWriter } from '../store/rows.js'
import { receiptRows, type ReceiptMark, type ReceiptRow, type ReceivedRow } from '../store/tables.js'
import { nextClock } from './clock.js'
import { compareNumbers, listReceived, putReceived } from './numbers.js'
import { enqueue } from './outbox.js'

/**
 * What a receipt says of one sending device, so that it never covers a number that is missing. `gone` counts as missing. There is room for 64
 * gaps: it ends before the 65th. Where that one begins a run, how far the run before went is known up to its last gap only.
 */
export function coveredOf(row: ReceivedRow, upTo: MessageNumber): Covered {
  const { device } = row
  const below = row.missing.filter((one) => compareNumbers({ run: one.run, n: one.first }, upTo) <= 0)
  const missing = below.slice(0, limits.receiptRanges).map(({ run, first, last }) => ({ run, first, last }))
  const [last, next] = below.slice(limits.receiptRanges - 1)
  if (last === undefined || next === undefined) return { device, upTo, missing }
  const cut = next.first > 1 ? { run: next.run, n: next.first - 1 } : { run: last.run, n: last.last }
  return { device, upTo: cut, missing }
}

/** Whether a mark covers a number of ours. */
export function isCovered(mark: ReceiptMark | undefined, number: MessageNumber): boolean {
  if (mark === undefined || compareNumbers(number, mark.upTo) > 0) return false
  return !mark.missing.some((one) => one.run === number.run && one.first <= number.n && number.n <= one.last)
}

/** Stages a receipt for what came since the last one, where there is anything to say. */
export async function enqueueReceipt(
  rows: RowWriter,
  to: {
    readonly account: string
    readonly accountId: string
    readonly conversation: string
    readonly tellRead: boolean
  },
  now: number,
): Promise<boolean> {
  const delivered: Covered[] = []
  const read: Covered[] = []
  for (const row of await listReceived(rows, to.conversation, to.accountId)) {
    const missing = row.missing.reduce((sum, one) => sum + one.last - one.first + 1, 0)
    const news =
      row.told === undefined || compareNumbers(row.told, row.highest) < 0 || row.toldMissing !== missing
    const readNews =
      to.tellRead &&
      row.read !== undefined &&
      (row.toldRead === undefined || compareNumbers(row.toldRead, row.read) < 0)
    if (!news && !readNews) continue
    delivered.push(coveredOf(row, row.highest))
    if (to.tellRead && row.read !== undefined) read.push(coveredOf(row, row.read))
    putReceived(rows, to.conversation, to.accountId, {
      ...row,
      told: row.highest,
      toldMissing: missing,
      ...(to.tellRead && row.read !== undefined ? { toldRead: row.read } : {}),
    })
  }
  if (delivered.length === 0) return false
  const some = limits.devices * 2
  const body = encodeBodyOf(receiptBody, {
    delivered: delivered.slice(-some),
    read: read.slice(-some),
    ext: emptyExt,
  })
  enqueue(rows, {
    account: to.account,
    type: contentTypes.receipt.type,
    body,
    clock: await nextClock(rows, now),
  })
  return true
}

/** Stages what the other account says it has of our devices. Marks only ever move forward. */
export async function applyReceipt(rows: RowWriter, conversation: string, body: ReceiptBody): Promise<void> {
  for (const kind of ['delivered', 'read'] as const) {
    for (const { device, upTo, missing } of body[kind]) {
      const key = `${conversation}/${device}`
      const row: ReceiptRow = (await receiptRows.get(rows, key)) ?? {}
      const before = row[kind]
      if (before !== undefined && compareNumbers(before.upTo, upTo) > 0) continue
      receiptRows.put(rows, key, { ...row, [kind]: { upTo, missing } })
    }
  }
}

/** Stages what another device of ours told a peer: what it said need not be said again, and what was read there is read here. */
export async function applyOwnReceipt(
  rows: RowWriter,
  conversation: string,
  accountId: string,
  body: ReceiptBody,
): Promise<void> {
  for (const row of await listReceived(rows, conversation, accountId)) {
    const told = body.delivered.find((one) => one.device === row.device)?.upTo
    const read = body.read.find((one) => one.device === row.device)?.upTo
    const next: ReceivedRow = {
      ...row,
      ...(told === undefined ? {} : { told: later(row.told, told) }),
      ...(read === undefined ? {} : { read: later(row.read, read), toldRead: later(row.toldRead, read) }),
    }
    if (told !== undefined || read !== undefined) putReceived(rows, conversation, accountId, next)
  }
}

function later(a: MessageNumber | undefined, b: MessageNumber): MessageNumber {
  return a === undefined || compareNumbers(a, b) < 0 ? b : a
}
