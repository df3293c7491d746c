import { limits, type Sender } from '@sotto/protocol'
import { sortable, type RowReader, type RowWriter } from '../store/rows.js'
import { repairRows } from './repair-rows.js'
import {
  keptRows,
  tripleAgeRows,
  tripleRows,
  triplesInRow,
  type KeptRow,
  type Triple,
} from '../store/tables.js'

const tripleKey = (from: Pick<Sender, 'accountId' | 'device'>, envelope: string) =>
  `${from.accountId}.${from.device}.${envelope}`

/** Whether an envelope of that sender and id was read before. One that could not be read suppresses nothing. */
export async function wasRead(rows: RowReader, from: Sender, envelope: string): Promise<boolean> {
  return (await tripleRows.get(rows, tripleKey(from, envelope)))?.read === true
}

export function putTriple(
  rows: RowWriter,
  from: Sender,
  envelope: string,
  read: boolean,
  now: number,
): Triple {
  tripleRows.put(rows, tripleKey(from, envelope), { read, at: now })
  return { accountId: from.accountId, device: from.device, envelope }
}

/** Stages when the triples of one commit were written, for `sweepTriples`. */
export function putTripleAges(rows: RowWriter, triples: readonly Triple[], now: number): void {
  for (let i = 0; i < triples.length; i += triplesInRow) {
    const some = triples.slice(i, i + triplesInRow)
    tripleAgeRows.put(rows, `all/${sortable(now)}${some[0]?.envelope ?? ''}`, { triples: some })
  }
}

/** Rows whose triples are swept at once: a few hundred. */
const sweptAtOnce = 4

/** Stages the end of some triples that were written before `before`. Resolves with whether there may be more. */
export async function sweepTriples(rows: RowWriter, before: number): Promise<boolean> {
  const old = await tripleAgeRows.list(rows, { prefix: 'all', to: sortable(before), limit: sweptAtOnce })
  const keys = old.flatMap(({ row }) => row.triples.map((one) => tripleKey(one, one.envelope)))
  const found = await Promise.all(keys.map((key) => tripleRows.get(rows, key)))
  found.forEach((row, i) => {
    const key = keys[i]
    // One that could not be read at first may have been read since: then it stands in a younger commit as well.
    if (row !== undefined && row.at < before && key !== undefined) tripleRows.delete(rows, key)
  })
  for (const { key } of old) tripleAgeRows.delete(rows, key)
  return old.length === sweptAtOnce
}

/** Stages a row for what could not be read: repair asks for it. At most 1,000 a device, the oldest go. */
export async function putRepair(rows: RowWriter, from: Sender, envelope: string, now: number): Promise<void> {
  const prefix = `${from.accountId}.${from.device}`
  const all = await repairRows.list(rows, { prefix, limit: limits.keptPerPeer + 1 })
  for (const { key } of all.slice(0, Math.max(0, all.length - limits.keptPerPeer + 1)))
    repairRows.delete(rows, key)
  repairRows.put(rows, `${prefix}/${sortable(now)}${envelope}`, { from, envelope, at: now })
}

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
