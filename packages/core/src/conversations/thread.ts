import { contentTypeOf, decodeText, type ErrorCode } from '@sotto/protocol'
import { isCovered } from '../messages/receipt-marks.js'
import { readLine } from '../calls/call-lines.js'
import { isOpen } from '../messages/gaps.js'
import type { RowReader } from '../store/rows.js'
import {
  messageRows,
  type MessageRow,
  type MissingSpan,
  type ReceiptRow,
  type ReceivedRow,
} from '../store/tables.js'
import type { GapsAtEnd } from './gaps-at-end.js'
import type { Gap, MessageState, ThreadItem } from './message.js'

/** A stored message with its key. */
export interface StoredMessage {
  readonly key: string
  readonly row: MessageRow
}

/** The newest messages of a conversation, or those before `before`: oldest first. */
export async function listMessages(
  rows: RowReader,
  account: string,
  limit: number,
  before?: string,
): Promise<readonly StoredMessage[]> {
  const to = before?.slice(account.length + 1)
  const range = { prefix: account, limit, reverse: true, ...(to === undefined ? {} : { to }) }
  return [...(await messageRows.list(rows, range))].reverse()
}

/** What it takes to say how far messages have come: what the other side said of ours, and what came of each of its devices and of our others. */
export interface Progress {
  readonly receipts: readonly ReceiptRow[]
  readonly received: readonly ReceivedRow[]
  readonly gapsAtEnd: readonly GapsAtEnd[]
  /** What a message waits for that is not with the backend yet. */
  readonly waiting: 'network' | 'decision' | undefined
}

/** What theirs need: how far a message has come is said of ours alone. */
export const noProgress: Progress = { receipts: [], received: [], gapsAtEnd: [], waiting: undefined }

export function stateOf(row: MessageRow, progress: Progress): MessageState {
  if (row.progress === 2) return { name: 'failed', code: (row.code ?? 'batch-refused') as ErrorCode }
  if (row.progress === 0) {
    if (progress.waiting !== undefined) return { name: 'waiting', for: progress.waiting }
    return row.code === undefined ? { name: 'sending' } : { name: 'waiting', for: 'device' }
  }
  const { number } = row
  if (number === undefined) return { name: 'sent' }
  if (progress.receipts.some((one) => isCovered(one.read, number))) return { name: 'read' }
  return progress.receipts.some((one) => isCovered(one.delivered, number))
    ? { name: 'delivered' }
    : { name: 'sent' }
}

/**
 * What a thread shows for stored messages, the newest of a conversation: each with its state, and before each what is still missing of its
 * device; after the last one of a device, or of all, what is missing of it since.
 */
export function itemsOf(messages: readonly StoredMessage[], progress: Progress): readonly ThreadItem[] {
  const shown = new Set<string>()
  const ends = progress.gapsAtEnd.map((end) => ({ end, after: lastOf(messages, end.device) }))
  return messages.flatMap((one) => [
    ...gapsBefore(one, progress, shown),
    ...itemOf(one, progress),
    ...ends.flatMap(({ end, after }) => (after === one ? gapsAfter(one, end, shown) : [])),
  ])
}

/** The last message of a device, or of all where there is none of its. */
const lastOf = (messages: readonly StoredMessage[], device: string): StoredMessage | undefined =>
  [...messages].reverse().find(({ row }) => row.from.device === device) ?? messages.at(-1)

export function itemOf({ key, row }: StoredMessage, progress: Progress): readonly ThreadItem[] {
  const { messageId: id, at, mine } = row
  if (row.progress === 3) return []
  if (contentTypeOf(row.type) === 'call') return [callItem(key, row)]
  if (contentTypeOf(row.type) !== 'text')
    return row.shownIfUnknown ? [{ kind: 'unknown', key, at, id, mine }] : []
  const { text, ranges } = decodeText(row.body)
  return [
    { kind: 'text', key, at, id, text, ranges, mine, ...(mine ? { state: stateOf(row, progress) } : {}) },
  ]
}

function callItem(key: string, { messageId: id, at, mine, body }: MessageRow): ThreadItem {
  const { video, outcome, durationMs } = readLine(body)
  return { kind: 'call', key, at, id, mine, video, outcome, durationMs }
}

/** `shown`: of which gaps it was said already. That of an older run stands before every later one's first message, and is shown once. */
function gapsBefore({ key, row }: StoredMessage, { received }: Progress, shown: Set<string>): readonly Gap[] {
  const { number, mine } = row
  if (number === undefined) return []
  const device = received.find((one) => one.device === row.from.device)
  let next = number.n
  const spans = [...(device?.missing ?? [])].reverse().filter((one) => {
    const touches = one.run === number.run && one.last === next - 1
    // What is gone and what may come still lie side by side.
    if (touches) next = one.first
    const isBefore = touches || (number.n === 1 && one.run < number.run)
    const name = `${row.from.device}.${one.run}.${one.first}`
    if (isOpen(one) || !isBefore || shown.has(name)) return false
    shown.add(name)
    return true
  })
  // A gap sorts directly before the message that showed it.
  const before = `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) - 1)}`
  return spans
    .reverse()
    .map((one) => gapOf(one, { key: `${before}~${one.run}.${one.first}`, at: row.at, mine }))
}

/** And one at the end directly after what it follows. */
function gapsAfter({ key, row }: StoredMessage, end: GapsAtEnd, shown: ReadonlySet<string>): readonly Gap[] {
  const { device, mine, spans } = end
  return spans
    .map((one) => ({ one, name: `${device}.${one.run}.${one.first}` }))
    .filter(({ name }) => !shown.has(name))
    .map(({ one, name }) => gapOf(one, { key: `${key}~${name}`, at: row.at, mine }))
}

const gapOf = ({ first, last, gone }: MissingSpan, where: Pick<Gap, 'key' | 'at' | 'mine'>): Gap => ({
  kind: 'gap',
  ...where,
  count: last - first + 1,
  gone,
})
