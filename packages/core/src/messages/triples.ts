import { limits, type Sender } from '@sotto/protocol'
import { sortable, type RowReader, type RowWriter } from '../store/rows.js'
import { keptRows, repairRows, tripleRows, type KeptRow } from '../store/tables.js'

const tripleKey = (from: Sender, envelope: string) => `${from.accountId}.${from.device}.${envelope}`

/** Whether an envelope of that sender and id was read before. One that could not be read suppresses nothing. */
export async function wasRead(rows: RowReader, from: Sender, envelope: string): Promise<boolean> {
  return (await tripleRows.get(rows, tripleKey(from, envelope)))?.read === true
}

export function putTriple(rows: RowWriter, from: Sender, envelope: string, read: boolean, now: number): void {
  tripleRows.put(rows, tripleKey(from, envelope), { read, at: now })
}

/** Stages a row for what could not be read: repair asks for it. At most 1,000 a device, the oldest go. */
export async function putRepair(rows: RowWriter, from: Sender, envelope: string, now: number): Promise<void> {
  const prefix = `${from.accountId}.${from.device}`
  const all = await repairRows.list(rows, { prefix, limit: limits.keptPerPeer + 1 })
  for (const { key } of all.slice(0, Math.max(0, all.length - limits.keptPerPeer + 1)))
    repairRows.delete(rows, key)
  repairRows.put(rows, `${prefix}/${sortable(now)}${envelope}`, { from, envelope, at: now })
}

/** Stages an envelope that waits for a list, the person, or an update: at most 1,000 a peer, the oldest go. */
export async function putKept(rows: RowWriter, account: string, kept: KeptRow): Promise<void> {
  const all = await keptRows.list(rows, { prefix: account, limit: limits.keptPerPeer + 1 })
  for (const { key } of all.slice(0, Math.max(0, all.length - limits.keptPerPeer + 1)))
    keptRows.delete(rows, key)
  keptRows.put(rows, keptKey(account, kept), kept)
}

export const keptKey = (account: string, { stamped }: KeptRow): string =>
  `${account}/${sortable(stamped.at)}${stamped.envelope.id}`

/** What is kept of an account, oldest first. */
export const listKept = (rows: RowReader, account: string) =>
  keptRows.list(rows, { prefix: account, limit: limits.keptPerPeer })
