import { limits, type MessageNumber } from '@sotto/protocol'
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

/**
 * What a device has to be told of the numbers given so far: the first that it may expect, and the last one where that is above `number`, which
 * it is told with this content. `undefined` where there is nothing to say.
 */
export async function givenFor(
  rows: RowReader,
  conversation: string,
  device: string,
  number: MessageNumber | undefined,
): Promise<{ readonly since: MessageNumber; readonly given: MessageNumber } | undefined> {
  const given = (await givenRows.get(rows, conversation))?.last
  if (given === undefined || (number !== undefined && compareNumbers(given, number) <= 0)) return undefined
  const since = (await sinceRows.get(rows, `${conversation}.${device}`))?.since
  return since === undefined || compareNumbers(since, given) > 0 ? undefined : { since, given }
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
