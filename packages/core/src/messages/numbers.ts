import { limits, type MessageNumber } from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import {
  counterRows,
  givenRows,
  receivedRows,
  sinceRows,
  type MissingSpan,
  type ReceivedRow,
} from '../store/tables.js'
import { freshCounters } from '../store/fresh-counters.js'

export function compareNumbers(a: MessageNumber, b: MessageNumber): number {
  return a.run - b.run || a.n - b.n
}

/** Stages the next number of this device in a conversation. The first of a run names the last of the run before. */
export async function giveNumber(
  rows: RowWriter,
  conversation: string,
): Promise<{ readonly number: MessageNumber; readonly after?: MessageNumber }> {
  const { run } = (await counterRows.get(rows, 'counters')) ?? freshCounters
  const given = await givenRows.get(rows, conversation)
  const last = given?.last
  if (last !== undefined && last.run === run) {
    const number = { run, n: last.n + 1 }
    givenRows.put(rows, conversation, { ...given, last: number })
    return { number }
  }
  const number = { run, n: 1 }
  givenRows.put(rows, conversation, last === undefined ? { last: number } : { last: number, before: last })
  return last === undefined ? { number } : { number, after: last }
}

/** Stages and returns the first number that a device may expect of us: the first one given while it was on a list. */
export async function sinceFor(
  rows: RowWriter,
  conversation: string,
  device: string,
  number: MessageNumber,
): Promise<MessageNumber> {
  const key = `${conversation}.${device}`
  const known = await sinceRows.get(rows, key)
  if (known !== undefined) return known.since
  sinceRows.put(rows, key, { since: number })
  return number
}

export interface ArrivedNumber {
  readonly number: MessageNumber
  readonly after?: MessageNumber | undefined
  readonly since: MessageNumber
}

/** What a number means that came of a device. `again`: it was given before. */
export function arrive(
  row: ReceivedRow | undefined,
  device: string,
  arrived: ArrivedNumber,
): ReceivedRow | 'again' {
  const { number } = arrived
  if (row === undefined)
    return { device, highest: number, missing: missingFrom(arrived, undefined), toldMissing: 0 }
  if (compareNumbers(number, row.highest) > 0) {
    const missing = mergeSpans([...row.missing, ...missingFrom(arrived, row.highest)])
    return { ...row, highest: number, missing }
  }
  const at = row.missing.findIndex(
    (one) => one.run === number.run && one.first <= number.n && number.n <= one.last,
  )
  const span = row.missing[at]
  if (span === undefined) return 'again'
  const parts: MissingSpan[] = []
  if (span.first < number.n) parts.push({ ...span, last: number.n - 1 })
  if (span.last > number.n) parts.push({ ...span, first: number.n + 1 })
  return { ...row, missing: [...row.missing.slice(0, at), ...parts, ...row.missing.slice(at + 1)] }
}

/** Numbers that must have been given between the highest known one and this. */
function missingFrom(
  { number, after, since }: ArrivedNumber,
  highest: MessageNumber | undefined,
): MissingSpan[] {
  const spans: MissingSpan[] = []
  const add = (run: number, first: number, last: number) => {
    if (first <= last) spans.push({ run, first, last, gone: false })
  }
  const from =
    highest === undefined || compareNumbers(since, highest) > 0
      ? since
      : { run: highest.run, n: highest.n + 1 }
  if (from.run === number.run) {
    add(number.run, from.n, number.n - 1)
    return spans
  }
  // A run between ours and this one's is told by the first message of the newer run; without it only this run's numbers are known.
  if (after !== undefined && after.run === from.run) add(from.run, from.n, after.n)
  add(number.run, 1, number.n - 1)
  return spans
}

/** At most 1,000 spans a device: the oldest two become one. */
function mergeSpans(spans: readonly MissingSpan[]): readonly MissingSpan[] {
  const sorted = [...spans].sort((a, b) => a.run - b.run || a.first - b.first)
  while (sorted.length > limits.gaps) {
    const [a, b] = sorted
    if (a === undefined || b === undefined) break
    if (a.run === b.run) sorted.splice(0, 2, { ...a, last: b.last, gone: a.gone && b.gone })
    else sorted.splice(0, 1)
  }
  return sorted
}

export function isMissing(row: ReceivedRow, number: MessageNumber): boolean {
  return row.missing.some((one) => one.run === number.run && one.first <= number.n && number.n <= one.last)
}

const receivedKey = (conversation: string, accountId: string, device: string) =>
  `${conversation}.${accountId}/${device}`

export const readReceived = (rows: RowReader, conversation: string, accountId: string, device: string) =>
  receivedRows.get(rows, receivedKey(conversation, accountId, device))

export const putReceived = (rows: RowWriter, conversation: string, accountId: string, row: ReceivedRow) =>
  receivedRows.put(rows, receivedKey(conversation, accountId, row.device), row)

/** What came of each device of an account in a conversation. */
export async function listReceived(
  rows: RowReader,
  conversation: string,
  accountId: string,
): Promise<readonly ReceivedRow[]> {
  const range = { prefix: `${conversation}.${accountId}`, limit: limits.lists * limits.devices }
  return (await receivedRows.list(rows, range)).map(({ row }) => row)
}
