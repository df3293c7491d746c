import { contentTypes, decode, encode, randomBytes, type Clock } from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import { nextClock } from '../messages/clock.js'
import { sortKey } from '../messages/outbox.js'
import type { RowReader, RowWriter } from '../store/rows.js'
import { conversationRows, messageRows, type MessageRow } from '../store/tables.js'
import { callHistoryRows, callLine, type CallLine, type CallOutcome } from './call-row.js'

export interface Line {
  readonly id: string
  readonly account: string
  readonly mine: boolean
  readonly video: boolean
  /** Its key, where it stands already. */
  readonly line?: string
  readonly outcome?: CallOutcome | undefined
  readonly durationMs?: number
  /** Where it sorts, and when that was. Now, unless given. */
  readonly place?: Clock
  /** That it began now, wherever it sorts. */
  readonly live?: boolean
  readonly own: OwnDevice
  readonly now: number
}

const lineBytes = 64
/** Rows of the history: twice what it shows, since a line in it may have been deleted. */
const mostKept = 200

/** Stages a call's line in its thread. A call that was missed is unread. Returns the line's key. */
export async function putLine(rows: RowWriter, line: Line): Promise<string> {
  const { account, outcome, video, durationMs = 0, now } = line
  const before = line.line === undefined ? undefined : await messageRows.get(rows, line.line)
  // The person has deleted it, or the conversation.
  if (line.line !== undefined && before === undefined) return line.line
  const body = encode(callLine, { video, durationMs, ...(outcome === undefined ? {} : { outcome }) })
  const [key, row] =
    before === undefined || line.line === undefined ? await newLine(rows, line) : [line.line, before]
  messageRows.put(rows, key, { ...row, body })
  const conversation = (await conversationRows.get(rows, account)) ?? { account, at: 0, unread: 0 }
  const missed = outcome === 'missed' || (outcome === 'busy' && !line.mine)
  const isNew = before === undefined
  const newest = isNew && (conversation.lastKey === undefined || key > conversation.lastKey)
  if (!isNew && !missed) return key
  conversationRows.put(rows, account, {
    ...conversation,
    at: Math.max(conversation.at, Math.min(line.place?.ms ?? now, now)),
    ...(newest ? { lastKey: key } : {}),
    unread: conversation.unread + (missed ? 1 : 0),
  })
  return key
}

async function newLine(
  rows: RowWriter,
  { id, account, mine, own, now, place, live = false }: Line,
): Promise<readonly [key: string, row: MessageRow]> {
  const clock = place ?? (await nextClock(rows, now))
  const sort = sortKey(clock, id)
  const key = `${account}/${sort}`
  callHistoryRows.put(rows, `all/${sort}`, { account, key })
  await forgetOldest(rows)
  const { accountId, device } = own.address
  const row: MessageRow = {
    messageId: id,
    mine,
    from: { accountId, device },
    type: contentTypes.call.type,
    body: new Uint8Array(),
    clock,
    at: live ? now : Math.min(clock.ms, now),
    frankingKey: randomBytes(32),
    progress: 1,
    copies: [],
    shownIfUnknown: false,
  }
  return [key, row]
}

export const readLine = (body: Uint8Array): CallLine => decode(callLine, body, lineBytes)

/** The history is a window, as the calls in it stand in their threads anyway: what is beyond it is forgotten with the next call. */
async function forgetOldest(rows: RowWriter): Promise<void> {
  const newest = await callHistoryRows.list(rows, { prefix: 'all', limit: mostKept + 16, reverse: true })
  for (const { key } of newest.slice(mostKept)) callHistoryRows.delete(rows, key)
}

/** The key of the line of a call, where it is one of the last. */
export async function recentLine(rows: RowReader, account: string, id: string): Promise<string | undefined> {
  const newest = await callHistoryRows.list(rows, { prefix: 'all', limit: 64, reverse: true })
  return newest.find(({ row }) => row.account === account && row.key.endsWith(id))?.row.key
}

/** What a call came to, as its line says, where it is one of the last. */
export async function lineOutcome(
  rows: RowReader,
  account: string,
  id: string,
): Promise<CallOutcome | undefined> {
  const key = await recentLine(rows, account, id)
  const row = key === undefined ? undefined : await messageRows.get(rows, key)
  return row === undefined ? undefined : readLine(row.body).outcome
}

/** How many calls of an account came between two times of our own clock. What was set back since says nothing of what came before. */
export async function callsBetween(
  rows: RowReader,
  account: string,
  [since, until]: readonly [since: number, until: number],
): Promise<number> {
  const newest = await callHistoryRows.list(rows, { prefix: 'all', limit: 64, reverse: true })
  let count = 0
  for (const { row } of newest) {
    if (row.account !== account) continue
    const line = await messageRows.get(rows, row.key)
    if (line !== undefined && !line.mine && line.at >= since && line.at <= until) count++
  }
  return count
}
