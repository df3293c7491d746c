import { hash } from 'node:crypto'
import { limits, type Batch, type Envelope, type RelayFrame } from '@sotto/protocol'
import { refusal, reviewAlone, reviewBatch, type Refusal } from './batch-review.js'
import type { Bus } from './bus/bus.js'
import { deliverFrame } from './deliver-frame.js'
import { ListedDevices } from './listed-devices.js'
import type { Caller } from './login-tokens.js'
import { MailboxShares } from './mailbox-shares.js'
import { stampedBytes } from './stamped-bytes.js'
import type { Rows, Storage } from './storage/storage.js'

export type Answer = Extract<RelayFrame, { type: 'sent' | 'refused' }>

/** An envelope with its body, whether that was shared or its own, and the hash of its triple. */
interface Addressed {
  readonly envelope: Envelope
  readonly device: string
  readonly accountId: string
  readonly triple: Uint8Array
}

interface Stored {
  readonly device: string
  readonly id: number
  readonly stamped: Uint8Array
}

const oneSweep = 1000

/** Envelopes until they are acknowledged: a batch is stored whole or refused whole, and nobody is told before it is durable. */
export class Mailbox {
  readonly #realm: string
  readonly #storage: Storage
  readonly #bus: Bus
  readonly #now: () => number
  readonly #shares: MailboxShares
  readonly #devices = new ListedDevices()

  constructor(options: { realm: string; storage: Storage; bus: Bus; now: () => number }) {
    this.#realm = options.realm
    this.#storage = options.storage
    this.#bus = options.bus
    this.#now = options.now
    this.#shares = new MailboxShares(options.now)
  }

  /** Resolves when the decision is durable. What was stored before counts as stored. Rejects as the storage does. */
  async send(caller: Caller, ref: number, batch: Batch): Promise<Answer> {
    const refused = reviewAlone(batch, this.#realm)
    if (refused !== undefined) return { type: 'refused', ref, ...refused }
    const envelopes = addressed(caller, batch)
    const outcome = await this.#storage.write((rows) => this.#store(rows, caller, batch, envelopes))
    if ('code' in outcome) return { type: 'refused', ref, ...outcome }
    for (const { device, id, stamped } of outcome.stored) {
      this.#shares.stored(device, caller.accountId)
      this.#bus.publish(device, { kind: 'mail', id, frame: deliverFrame(id, stamped) })
    }
    return { type: 'sent', ref, at: outcome.at }
  }

  /** Mail of a device after a place in its mailbox, in order. */
  async waiting(
    device: string,
    after: number,
    most: number,
  ): Promise<readonly { readonly id: number; readonly stamped: Uint8Array }[]> {
    const sql = 'SELECT id, stamped FROM mailbox WHERE device = ? AND id > ? ORDER BY id LIMIT ?'
    return this.#storage.read((rows) => rows.all(sql, device, after, most))
  }

  /** Forgets what a device has stored. That it came stays known, as a hash. */
  async acknowledge(device: string, deliveries: readonly number[]): Promise<void> {
    const sql = 'DELETE FROM mailbox WHERE id = ? AND device = ? RETURNING from_account_id AS sender'
    const senders = await this.#storage.write(async (rows) => {
      const senders: string[] = []
      for (const id of deliveries) {
        const gone = await rows.get<{ sender: string }>(sql, id, device)
        if (gone !== undefined) senders.push(gone.sender)
      }
      return senders
    })
    for (const sender of senders) this.#shares.gone(device, sender)
  }

  /**
   * Ends what is older than 30 days, and hashes that no repeat can be about any more: 31 days after the last day on which it may have been
   * acknowledged. In pieces, so that others come between.
   */
  async sweep(): Promise<void> {
    const now = this.#now()
    const mail = `DELETE FROM mailbox WHERE id IN (SELECT id FROM mailbox WHERE at < ? LIMIT ${oneSweep}) RETURNING device`
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

  async #store(
    rows: Rows,
    caller: Caller,
    batch: Batch,
    envelopes: readonly Addressed[],
  ): Promise<Refusal | { readonly at: number; readonly stored: readonly Stored[] }> {
    const refused = await reviewBatch(rows, { caller, batch, devices: this.#devices })
    if (refused !== undefined) return refused
    const full: Addressed[] = []
    for (const one of envelopes) {
      const isFull = await this.#shares.isFull(rows, one.device, caller.accountId)
      // A repeat is a success, whatever has filled up meanwhile.
      if (isFull && (await stampOf(rows, one)) === undefined) full.push(one)
    }
    if (full.length > 0) {
      return refusal('mailbox-full', {
        devices: full.map(({ accountId, device }) => ({ accountId, device })),
      })
    }
    const now = this.#now()
    const fresh: Addressed[] = []
    let at = now
    for (const one of envelopes) {
      const sql = 'INSERT INTO triples (hash, at) VALUES (?, ?) ON CONFLICT DO NOTHING'
      if ((await rows.run(sql, one.triple, now)) > 0) fresh.push(one)
      // One stamp for all of a message's devices, also of those it reaches with a repeat.
      else at = Math.min(at, (await stampOf(rows, one)) ?? now)
    }
    const stored: Stored[] = []
    for (const { envelope, device } of fresh) {
      const from = { account: caller.account, accountId: caller.accountId, device: caller.device }
      const stamped = stampedBytes({ envelope, from, at })
      const row = await rows.get<{ id: number }>(
        'INSERT INTO mailbox (device, from_account_id, at, stamped) VALUES (?, ?, ?, ?) RETURNING id',
        device,
        caller.accountId,
        now,
        stamped,
      )
      if (row !== undefined) stored.push({ device, id: row.id, stamped })
    }
    return { at, stored }
  }
}

/** When it came first; `undefined` for what did not. */
async function stampOf(rows: Rows, { triple }: Addressed): Promise<number | undefined> {
  return (await rows.get<{ at: number }>('SELECT at FROM triples WHERE hash = ?', triple))?.at
}

function addressed(caller: Caller, { envelopes, shared }: Batch): readonly Addressed[] {
  return envelopes.flatMap(({ id, to, body, shared: index, ext }) => {
    const bytes = body ?? shared[index ?? 0]
    if (to.type !== 'address' || bytes === undefined) return []
    const { device, accountId } = to.address
    const triple = hash('sha256', `${caller.device} ${device} ${id}`, 'buffer').subarray(0, 16)
    return [{ envelope: { v: 1, id, to, body: bytes, ext }, device, accountId, triple }]
  })
}
