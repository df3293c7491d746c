import { contentTypes, SottoError, type ErrorCode } from '@sotto/protocol'
import type { CallItem } from '../conversations/message.js'
import { Writable } from '../readable.js'
import type { RowReader } from '../store/rows.js'
import { messageRows } from '../store/tables.js'
import { Turns } from '../turns.js'
import { readLine } from './call-lines.js'
import { callHistoryRows } from './call-row.js'

/** A call of the history. */
export interface CallRecord {
  readonly account: string
  readonly item: CallItem
}

/** How the history stands. What was read once stays shown where it cannot be read again. */
export type CallHistoryState =
  | { readonly name: 'loading' }
  /** Newest first. */
  | { readonly name: 'read'; readonly records: readonly CallRecord[] }
  /** The store did not give it. It is tried again with the next call, and by `readCallHistory`. */
  | { readonly name: 'failed'; readonly code: ErrorCode }

const mostShown = 100

/** The last calls with everybody. It is read while somebody listens. */
export class CallHistory {
  readonly state: Writable<CallHistoryState>
  readonly #read: <T>(work: (rows: RowReader) => Promise<T>) => Promise<T>
  readonly #turns = new Turns()
  #watched = false

  constructor(read: <T>(work: (rows: RowReader) => Promise<T>) => Promise<T>) {
    this.#read = read
    this.state = new Writable<CallHistoryState>({ name: 'loading' }, () => {
      this.#watched = true
      void this.again()
      return () => {
        this.#watched = false
      }
    })
  }

  /** Reads it where it could not be read. What came of it, the state says. */
  again(): Promise<void> {
    if (this.state.value.name === 'failed') this.state.set({ name: 'loading' })
    return this.refresh()
  }

  /** A call began or ended, or a line of one was deleted. */
  refresh(): Promise<void> {
    if (!this.#watched) return Promise.resolve()
    return this.#turns.again('', async () => {
      try {
        this.state.set({ name: 'read', records: await this.#read(listRecords) })
      } catch (error) {
        const code = SottoError.is(error) ? error.code : 'store-failed'
        if (this.state.value.name !== 'read') this.state.set({ name: 'failed', code })
      }
    })
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
