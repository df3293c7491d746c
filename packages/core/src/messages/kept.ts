import { limits } from '@sotto/protocol'
import { sortable, type RowReader, type RowWriter } from '../store/rows.js'
import { keptRows, type KeptRow } from '../store/tables.js'

/**
 * Stages an envelope that waits for a list, the person, or an update: at most 1,000 a peer, the oldest go, and for 30 days. `now` is by the
 * clock that makes them younger, ours or the backend's: a wrong one ends nothing.
 */
export async function putKept(rows: RowWriter, account: string, kept: KeptRow, now: number): Promise<void> {
  const all = await keptRows.list(rows, { prefix: account, limit: limits.keptPerPeer + 1 })
  const tooMany = all.length - limits.keptPerPeer + 1
  all.forEach(({ key, row }, i) => {
    if (i < tooMany || row.stamped.at < now - limits.keptMs) keptRows.delete(rows, key)
  })
  keptRows.put(rows, keptKey(account, kept), kept)
}

export const keptKey = (account: string, { stamped }: KeptRow): string =>
  `${account}/${sortable(stamped.at)}${stamped.envelope.id}`

/** What is kept of an account, oldest first. */
export const listKept = (rows: RowReader, account: string) =>
  keptRows.list(rows, { prefix: account, limit: limits.keptPerPeer })
