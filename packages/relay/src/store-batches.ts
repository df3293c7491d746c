import { refusal, reviewBatch, type Refusal } from './batch-review.js'
import { noteSends } from './device-sends.js'
import type { ListedDevices } from './listed-devices.js'
import type { MailboxShares } from './mailbox-shares.js'
import { keyOf, type Addressed, type Sending } from './sending.js'
import { stampedBytes } from './stamped-bytes.js'
import { pieces, rowsOf } from './storage/pieces.js'
import type { Column, Rows } from './storage/storage.js'

export interface Stored {
  readonly at: number
  /** What was not there before. */
  readonly fresh: readonly Deliverable[]
}

export interface Deliverable {
  readonly device: string
  /** Its place in the order of mail. */
  readonly id: number
  readonly stamped: Uint8Array
}

export interface StoreOptions {
  readonly devices: ListedDevices
  readonly shares: MailboxShares
  readonly now: number
}

type Plan = Refusal | { readonly at: number; readonly fresh: readonly Addressed[] }

/**
 * Stores batches, each whole or not at all, as if one came after the other. What can be asked or written for all of them at once is. Resolves
 * to what became of each.
 */
export async function storeBatches(
  rows: Rows,
  sendings: readonly Sending[],
  options: StoreOptions,
): Promise<readonly (Refusal | Stored)[]> {
  const plans = await planOf(rows, sendings, options)
  const count = plans.reduce((sum, plan) => sum + ('code' in plan ? 0 : plan.fresh.length), 0)
  if (count === 0) return plans.map((plan) => ('code' in plan ? plan : { at: plan.at, fresh: [] }))
  let id = await takePlaces(rows, count)
  const triples: (readonly Column[])[] = []
  const mail: (readonly Column[])[] = []
  const { now } = options
  const outcomes = plans.map((plan, i) => {
    const caller = sendings[i]?.caller
    if ('code' in plan || caller === undefined) return plan as Refusal
    const from = { account: caller.account, accountId: caller.accountId, device: caller.device }
    const fresh = plan.fresh.map(({ envelope, device, triple }) => {
      const stamped = stampedBytes({ envelope, from, at: plan.at })
      id++
      triples.push([triple, now])
      mail.push([id, device, caller.accountId, now, stamped])
      return { device, id, stamped }
    })
    return { at: plan.at, fresh }
  })
  await insertAll(rows, 'triples (hash, at)', triples)
  await insertAll(rows, 'mailbox (id, device, from_account_id, at, stamped)', mail)
  const noted = sendings.filter((_, i) => hasFresh(outcomes[i]))
  await noteSends(
    rows,
    noted.map(({ caller, batch }) => ({ device: caller.device, sends: batch.sends })),
  )
  return outcomes
}

const hasFresh = (one: Refusal | Stored | undefined): boolean =>
  one !== undefined && !('code' in one) && one.fresh.length > 0

/** Decides of each batch before anything is changed. */
async function planOf(
  rows: Rows,
  sendings: readonly Sending[],
  { devices, shares, now }: StoreOptions,
): Promise<readonly Plan[]> {
  const named = new Set<string>()
  for (const { caller, envelopes } of sendings) {
    named.add(caller.device)
    for (const { device } of envelopes) named.add(device)
  }
  const listed = await devices.of(rows, named)
  const refused: (Refusal | undefined)[] = []
  for (const { caller, batch } of sendings) {
    const review = reviewBatch(rows, { caller, batch, listed })
    refused.push(review instanceof Promise ? await review : review)
  }
  const wanted: Addressed[] = []
  for (const [i, { envelopes }] of sendings.entries()) if (refused[i] === undefined) wanted.push(...envelopes)
  const room = await shares.of(rows, new Set(wanted.map((one) => one.device)))
  const stamps = await stampsOf(rows, wanted)
  return sendings.map(({ caller, envelopes }, i) => {
    const refusal = refused[i]
    if (refusal !== undefined) return refusal
    const fresh = envelopes.filter(({ key }) => !stamps.has(key))
    const full = fresh.filter(({ device }) => room.isFull(device, caller.accountId))
    if (full.length > 0) return mailboxFull(full)
    // One stamp for all of a message's devices, also of those it reaches with a repeat.
    let at = now
    for (const { key } of envelopes) at = Math.min(at, stamps.get(key) ?? now)
    for (const { key, device } of fresh) {
      stamps.set(key, now)
      room.promise(device, caller.accountId)
    }
    return { at, fresh }
  })
}

const mailboxFull = (full: readonly Addressed[]): Refusal =>
  refusal('mailbox-full', { devices: full.map(({ accountId, device }) => ({ accountId, device })) })

/** When each came first of those that did. A repeat is a success, whatever has filled up meanwhile. */
async function stampsOf(rows: Rows, envelopes: readonly Addressed[]): Promise<Map<string, number>> {
  const stamps = new Map<string, number>()
  for (const piece of pieces(envelopes)) {
    const found = await rows.all<{ hash: Uint8Array; at: number }>(
      `SELECT hash, at FROM triples WHERE hash IN (${rowsOf('?', piece.length)})`,
      ...piece.map((one) => one.triple),
    )
    for (const { hash, at } of found) stamps.set(keyOf(hash), at)
  }
  return stamps
}

/** Takes so many places in the order of mail, which nobody gets again. Resolves to the one before the first. */
async function takePlaces(rows: Rows, count: number): Promise<number> {
  const taken = await rows.get<{ last: number }>('UPDATE places SET last = last + ? RETURNING last', count)
  return (taken?.last ?? 0) - count
}

/** `into`: a table and its columns. */
async function insertAll(rows: Rows, into: string, all: readonly (readonly Column[])[]): Promise<void> {
  for (const piece of pieces(all)) {
    const row = `(${rowsOf('?', piece[0]?.length ?? 0)})`
    await rows.run(`INSERT INTO ${into} VALUES ${rowsOf(row, piece.length)}`, ...piece.flat())
  }
}
