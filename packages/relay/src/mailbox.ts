import { limits, type Batch, type RelayFrame } from '@sotto/protocol'
import { reviewAlone, type Refusal } from './batch-review.js'
import type { Bus } from './bus/bus.js'
import { deliverFrame } from './deliver-frame.js'
import { ListedDevices } from './listed-devices.js'
import type { Caller } from './login-tokens.js'
import { MailboxShares } from './mailbox-shares.js'
import { sendingOf, type Sending } from './sending.js'
import { storeBatches, type Stored } from './store-batches.js'
import { pieces, rowsOf } from './storage/pieces.js'
import type { Rows, Storage } from './storage/storage.js'
import { Together } from './storage/together.js'

export type Answer = Extract<RelayFrame, { type: 'sent' | 'refused' }>

interface Acknowledged {
  readonly device: string
  readonly deliveries: readonly number[]
}

const oneSweep = 1000
const pageBytes = 256 * 1024

/** Envelopes until they are acknowledged: a batch is stored whole or refused whole, and nobody is told before it is durable. */
export class Mailbox {
  readonly #realm: string
  readonly #storage: Storage
  readonly #bus: Bus
  readonly #now: () => number
  readonly #shares: MailboxShares
  readonly #sent: Together<Sending, Refusal | Stored>
  /** Resolves to the account that each envelope came from. */
  readonly #acknowledged: Together<Acknowledged, readonly string[]>

  constructor(options: { realm: string; storage: Storage; bus: Bus; now: () => number }) {
    this.#realm = options.realm
    this.#storage = options.storage
    this.#bus = options.bus
    this.#now = options.now
    const [shares, devices] = [new MailboxShares(options.now), new ListedDevices()]
    this.#shares = shares
    this.#sent = new Together(options.storage, (rows, sendings) =>
      storeBatches(rows, sendings, { devices, shares, now: options.now() }),
    )
    this.#acknowledged = new Together(options.storage, forget)
  }

  /** Resolves when the decision is durable. What was stored before counts as stored. Rejects as the storage does. */
  async send(caller: Caller, ref: number, batch: Batch): Promise<Answer> {
    const refused = reviewAlone(batch, this.#realm)
    if (refused !== undefined) return { type: 'refused', ref, ...refused }
    const outcome = await this.#sent.do(sendingOf(caller, batch))
    if ('code' in outcome) return { type: 'refused', ref, ...outcome }
    for (const { device, id, stamped } of outcome.fresh) {
      this.#shares.stored(device, caller.accountId)
      this.#bus.publish(device, { kind: 'mail', id, frame: deliverFrame(id, stamped) })
    }
    return { type: 'sent', ref, at: outcome.at }
  }

  /** Mail of a device after a place in its mailbox, in order: the first `most`, and of them no more than some 256 KiB. Nothing only where there is none. */
  async waiting(
    device: string,
    after: number,
    most: number,
  ): Promise<readonly { readonly id: number; readonly stamped: Uint8Array }[]> {
    const sizes =
      'SELECT id, LENGTH(stamped) AS size FROM mailbox WHERE device = ? AND id > ? ORDER BY id LIMIT ?'
    const sql = 'SELECT id, stamped FROM mailbox WHERE device = ? AND id > ? AND id <= ? ORDER BY id'
    return this.#storage.read(async (rows) => {
      // A hundred of the largest would be 13 MB, for each device that reads slowly.
      const found = await rows.all<{ id: number; size: number }>(sizes, device, after, most)
      let last: number | undefined
      let bytes = 0
      for (const { id, size } of found) {
        bytes += size
        if (last !== undefined && bytes > pageBytes) break
        last = id
      }
      return last === undefined ? [] : rows.all(sql, device, after, last)
    })
  }

  /** Forgets what a device has stored. That it came stays known, as a hash. */
  async acknowledge(device: string, deliveries: readonly number[]): Promise<void> {
    const senders = await this.#acknowledged.do({ device, deliveries })
    for (const sender of senders) this.#shares.gone(device, sender)
  }

  /**
   * Ends what is older than 30 days, and hashes that no repeat can be about any more: 31 days after the last day on which it may have been
   * acknowledged. In pieces, so that others come between.
   */
  async sweep(): Promise<void> {
    const now = this.#now()
    // Mail is in the order of its age: the oldest are looked at, and where not all of them are too old, no other is.
    const mail = `DELETE FROM mailbox WHERE at < ? AND id IN (SELECT id FROM mailbox ORDER BY id LIMIT ${oneSweep}) RETURNING device`
    const triples = `DELETE FROM triples WHERE hash IN (SELECT hash FROM triples WHERE at < ? LIMIT ${oneSweep})`
    for (let left = oneSweep; left === oneSweep;) {
      const gone = await this.#storage.write((rows) =>
        rows.all<{ device: string }>(mail, now - limits.mailboxMs),
      )
      this.#shares.forget(gone.map((one) => one.device))
      left = gone.length
    }
    for (let left = oneSweep; left === oneSweep;) {
      left = await this.#storage.write((rows) => rows.run(triples, now - limits.mailboxMs - limits.triplesMs))
    }
  }
}

async function forget(
  rows: Rows,
  acknowledged: readonly Acknowledged[],
): Promise<readonly (readonly string[])[]> {
  const mail = new Map<number, { readonly device: string; readonly sender: string }>()
  for (const piece of pieces(acknowledged.flatMap(({ deliveries }) => deliveries))) {
    const found = await rows.all<{ id: number; device: string; sender: string }>(
      `SELECT id, device, from_account_id AS sender FROM mailbox WHERE id IN (${rowsOf('?', piece.length)})`,
      ...piece,
    )
    for (const { id, ...one } of found) mail.set(id, one)
  }
  const gone: number[] = []
  const senders = acknowledged.map(({ device, deliveries }) =>
    deliveries.flatMap((id) => {
      const one = mail.get(id)
      // A device forgets what is its own, and once.
      if (one?.device !== device) return []
      mail.delete(id)
      gone.push(id)
      return [one.sender]
    }),
  )
  for (const piece of pieces(gone)) {
    await rows.run(`DELETE FROM mailbox WHERE id IN (${rowsOf('?', piece.length)})`, ...piece)
  }
  return senders
}
