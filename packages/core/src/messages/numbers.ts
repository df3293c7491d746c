import { limits, type Clock, type MessageNumber } from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import { counterRows, givenRows, receivedRows, sinceRows, type ReceivedRow } from '../store/tables.js'
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

/** Where the last message before `number` was placed that came of a device: what comes after it may not sort before it. */
export const placeBefore = (received: ReceivedRow | undefined, number: MessageNumber): Clock | undefined =>
  received !== undefined && compareNumbers(received.highest, number) < 0 ? received.lastClock : undefined
