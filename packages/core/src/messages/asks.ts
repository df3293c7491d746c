import { limits } from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import type { ReceivedRow } from '../store/tables.js'
import { dueAt } from './due.js'
import { askRows, repairRows, type AskRow } from './repair-rows.js'

const minuteMs = 60_000
const longestMs = 60 * minuteMs
/** Asked so often without an answer, it is asked for once a day: the device may be off for weeks, and each question waits in its mailbox. */
const oftenTries = 12
const dayMs = 24 * longestMs
/** Then it is given up: nobody sends anything again that was sent over 31 days ago. By count, because a clock may jump. */
const mostTries = oftenTries + limits.resendMs / dayMs
/** New gaps of a device that does not answer are asked for that soon, and not when its turn comes. */
const soonMs = 8 * minuteMs

export interface Asked {
  readonly account: string
  readonly accountId: string
  readonly device: string
}

const nameOf = ({ accountId, device }: Pick<Asked, 'accountId' | 'device'>) => `${accountId}.${device}`
const keyOf = (row: Pick<AskRow, 'accountId' | 'device' | 'conversation'>) =>
  row.conversation === undefined ? nameOf(row) : `${nameOf(row)}.${row.conversation}`

export const readAsk = (rows: RowReader, ask: Pick<AskRow, 'accountId' | 'device' | 'conversation'>) =>
  askRows.get(rows, keyOf(ask))

/** When a question is due, in milliseconds since 1970. */
export const askDueAt = ({ at }: AskRow, now: number): number => dueAt(at, now, dayMs)

/** Whether it was asked for as long as there may be an answer. */
export const isGivenUp = ({ tries }: AskRow): boolean => tries >= mostTries

/** All that is asked for, in any order. */
export const listAsks = async (rows: RowReader): Promise<readonly AskRow[]> =>
  (await askRows.list(rows, { prefix: '', limit: 10_000 })).map(({ row }) => row)

/** Stages that something of a device could not be read: it is asked at once, unless it was asked lately. */
export async function askForEnvelopes(rows: RowWriter, who: Asked, now: number): Promise<void> {
  const row = { ...whoOf(who), since: now, at: now, tries: 0 }
  if ((await readAsk(rows, row)) === undefined) askRows.put(rows, keyOf(row), row)
}

/** Stages that numbers of a device have not come, or that all have. What is merely late comes within a minute. */
export async function askForNumbers(
  rows: RowWriter,
  who: Asked & { readonly conversation: string },
  before: ReceivedRow | undefined,
  after: ReceivedRow,
  now: number,
): Promise<void> {
  const [was, is] = [before !== undefined && isWanting(before), isWanting(after)]
  if (!was && !is) return
  const row = { ...whoOf(who), conversation: who.conversation, since: now, at: now + limits.gapMs, tries: 0 }
  if (!is) return askRows.delete(rows, keyOf(row))
  const known = await readAsk(rows, row)
  if (known === undefined) return askRows.put(rows, keyOf(row), row)
  const isNew = after.missing.length > (before?.missing.length ?? 0)
  if (isNew && known.at > now + soonMs) askRows.put(rows, keyOf(row), { ...known, at: now + soonMs })
}

/** Whether there are numbers that may come still. */
export const isWanting = ({ missing }: ReceivedRow): boolean => missing.some((one) => !one.gone)

const whoOf = ({ account, accountId, device }: Asked): Asked => ({ account, accountId, device })

/** The envelopes of a device that the next question names: what could not be read, the newest. */
export const listUnread = (rows: RowReader, who: Omit<Asked, 'account'>) =>
  repairRows.list(rows, { prefix: nameOf(who), limit: limits.unreadItems, reverse: true })

/** Stages that a question names these envelopes: what cannot be read from now on, even in this very millisecond, is not in it. */
export function putNamed(rows: RowWriter, named: Awaited<ReturnType<typeof listUnread>>, now: number): void {
  for (const { key, row } of named) repairRows.put(rows, key, { ...row, askedAt: now })
}

/** Stages that a question was put: when the next one is. */
export function putAsked(rows: RowWriter, row: AskRow, now: number): void {
  const tries = row.tries + 1
  const pause = tries > oftenTries ? dayMs : Math.min(longestMs, minuteMs * 2 ** (tries - 1))
  askRows.put(rows, keyOf(row), { ...row, tries, askedAt: now, at: now + pause })
}

export const dropAsk = (rows: RowWriter, row: AskRow): void => askRows.delete(rows, keyOf(row))

/** Stages when to try again what could not be asked just now. */
export const postponeAsk = (rows: RowWriter, row: AskRow, at: number): void =>
  askRows.put(rows, keyOf(row), { ...row, at })

/**
 * Stages that a device answered in a session of ours that was begun at `begunAt`. Where a question began it, the device has read the question,
 * and what of it can come again is on its way. What it did not name is asked for after the pause.
 */
export async function settleAsk(
  rows: RowWriter,
  who: Omit<Asked, 'account'>,
  begunAt: number,
): Promise<void> {
  const row = await askRows.get(rows, nameOf(who))
  if (row?.askedAt === undefined || begunAt < row.askedAt) return
  const all = await repairRows.list(rows, { prefix: nameOf(who), limit: limits.keptPerPeer })
  const { askedAt } = row
  const named = all.filter((one) => one.row.askedAt === askedAt)
  for (const { key } of named) repairRows.delete(rows, key)
  if (named.length < all.length) askRows.put(rows, keyOf(row), { ...row, tries: 1, at: askedAt + minuteMs })
  else askRows.delete(rows, keyOf(row))
}
