import { contentTypes } from '@sotto/protocol'
import type { CallItem } from '../conversations/message.js'
import { Writable } from '../readable.js'
import type { RowReader } from '../store/rows.js'
import { messageRows } from '../store/tables.js'
import { readLine } from './call-lines.js'
import { callHistoryRows } from './call-row.js'

/** A call of the history. */
export interface CallRecord {
  readonly account: string
  readonly item: CallItem
}

const mostShown = 100

/** The last calls with everybody, newest first. It is read while somebody listens. */
export class CallHistory {
  readonly records: Writable<readonly CallRecord[]>
  readonly #read: <T>(work: (rows: RowReader) => Promise<T>) => Promise<T>
  #watched = false
  #queue: Promise<unknown> = Promise.resolve()

  constructor(read: <T>(work: (rows: RowReader) => Promise<T>) => Promise<T>) {
    this.#read = read
    this.records = new Writable<readonly CallRecord[]>([], () => {
      this.#watched = true
      void this.refresh().catch(() => undefined)
      return () => {
        this.#watched = false
      }
    })
  }

  /** A call began or ended, or a line of one was deleted. */
  refresh(): Promise<void> {
    if (!this.#watched) return Promise.resolve()
    const reading = this.#queue.then(async () => this.records.set(await this.#read(listRecords)))
    this.#queue = reading.catch(() => undefined)
    return reading
  }
}

async function listRecords(rows: RowReader): Promise<readonly CallRecord[]> {
  const newest = await callHistoryRows.list(rows, { prefix: 'all', limit: mostShown, reverse: true })
  const records: CallRecord[] = []
  for (const { row } of newest) {
    const line = await messageRows.get(rows, row.key)
    // The person has deleted it.
    if (line === undefined || line.progress === 3 || line.type !== contentTypes.call.type) continue
    const { messageId: id, at, mine, body } = line
    const { video, outcome, durationMs } = readLine(body)
    const { account, key } = row
    records.push({ account, item: { kind: 'call', key, at, id, mine, video, outcome, durationMs } })
  }
  return records
}
