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
import { receiptRows, type ReceiptRow, type ReceivedRow } from '../store/tables.js'
import { nextClock } from './clock.js'
import { isOpen } from './gaps.js'
import { compareNumbers, listReceived, putReceived } from './numbers.js'
import { enqueue } from './outbox.js'
import { mergeMarks } from './receipt-marks.js'

/**
 * What a receipt says of one sending device, so that it never covers a number that is missing. `gone` counts as missing. There is room for 64
 * gaps: it ends before the 65th, or before the first whose end is not known. Where that one begins a run, how far the run before went is known
 * up to its last gap only. `undefined` where nothing can be said.
 */
export function coveredOf(row: ReceivedRow, upTo: MessageNumber): Covered | undefined {
  const { device } = row
  const below = row.missing.filter((one) => compareNumbers({ run: one.run, n: one.first }, upTo) <= 0)
  const open = below.findIndex(isOpen)
  const said = Math.min(limits.receiptRanges, open < 0 ? below.length : open)
  const missing = below.slice(0, said).map(({ run, first, last }) => ({ run, first, last }))
  const [last, next] = [below[said - 1], below[said]]
  if (next === undefined) return { device, upTo, missing }
  if (next.first > 1) return { device, upTo: { run: next.run, n: next.first - 1 }, missing }
  return last && { device, upTo: { run: last.run, n: last.last }, missing }
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
    const { shown } = row
    if (shown === undefined) continue
    const below = row.missing.filter((one) => compareNumbers({ run: one.run, n: one.first }, shown) < 0)
    const missing = below.reduce((sum, one) => sum + one.last - one.first + 1, 0)
    const news = row.told === undefined || compareNumbers(row.told, shown) < 0 || row.toldMissing !== missing
    const readNews =
      to.tellRead &&
      row.read !== undefined &&
      (row.toldRead === undefined || compareNumbers(row.toldRead, row.read) < 0)
    if (!news && !readNews) continue
    const covered = coveredOf(row, shown)
    if (covered === undefined) continue
    delivered.push(covered)
    const seen = to.tellRead && row.read !== undefined ? coveredOf(row, row.read) : undefined
    if (seen !== undefined) read.push(seen)
    putReceived(rows, to.conversation, to.accountId, {
      ...row,
      told: shown,
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

/** Stages what the other account says it has of our devices, by whichever of its own. What was covered stays so. */
export async function applyReceipt(rows: RowWriter, conversation: string, body: ReceiptBody): Promise<void> {
  for (const kind of ['delivered', 'read'] as const) {
    for (const { device, upTo, missing } of body[kind]) {
      const key = `${conversation}/${device}`
      const row: ReceiptRow = (await receiptRows.get(rows, key)) ?? {}
      const before = row[kind]
      const mark = { upTo, missing }
      receiptRows.put(rows, key, { ...row, [kind]: before === undefined ? mark : mergeMarks(before, mark) })
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

/** Stages that a receipt of ours will not be sent: what it would have said is said with the next one. */
export async function unsayReceipt(
  rows: RowWriter,
  conversation: string,
  accountId: string,
  body: ReceiptBody,
): Promise<void> {
  const said = new Set([...body.delivered, ...body.read].map((one) => one.device))
  for (const row of await listReceived(rows, conversation, accountId)) {
    if (!said.has(row.device)) continue
    const { told: _told, toldRead: _toldRead, ...rest } = row
    putReceived(rows, conversation, accountId, rest)
  }
}

function later(a: MessageNumber | undefined, b: MessageNumber): MessageNumber {
  return a === undefined || compareNumbers(a, b) < 0 ? b : a
}
