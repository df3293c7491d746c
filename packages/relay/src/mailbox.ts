import {
  encodeRelayFrame,
  encodeStampedEnvelope,
  limits,
  type Batch,
  type DeviceName,
  type Reference,
  type RelayFrame,
  type StampedEnvelope,
} from '@sotto/protocol'
import type { Caller } from './login-tokens.js'
import type { Bus } from './bus/bus.js'
import type { Rows, Storage } from './storage/storage.js'

type Answer = Extract<RelayFrame, { type: 'sent' | 'refused' }>
type Refusal = Omit<Extract<RelayFrame, { type: 'refused' }>, 'type' | 'ref'>

interface AccountRow {
  readonly account: string
  readonly account_id: string
  readonly era: number
  readonly sequence: number
  readonly hash: string
}

interface Stored {
  readonly device: string
  readonly id: number
  readonly stamped: StampedEnvelope
}

/** Envelopes until they are acknowledged: a batch is stored whole or refused whole, and nobody is told before it is durable. */
export class Mailbox {
  readonly #realm: string
  readonly #storage: Storage
  readonly #bus: Bus
  readonly #now: () => number
  /** Never earlier than the stamp before, so that a clock which is set back reorders nothing. */
  #lastStamp = 0

  constructor(options: { realm: string; storage: Storage; bus: Bus; now: () => number }) {
    this.#realm = options.realm
    this.#storage = options.storage
    this.#bus = options.bus
    this.#now = options.now
  }

  async send(caller: Caller, ref: number, batch: Batch): Promise<Answer> {
    const malformed = malformedBatch(batch, this.#realm)
    if (malformed) return { type: 'refused', ref, code: 'malformed', lists: [], devices: [] }
    const at = (this.#lastStamp = Math.max(this.#lastStamp, this.#now()))
    const outcome = await this.#storage
      .write((rows) => this.#store(rows, caller, batch, at))
      .catch((error: unknown): Refusal => {
        if (error instanceof MailboxFull) return { code: 'mailbox-full', lists: [], devices: error.devices }
        throw error
      })
    if ('code' in outcome) return { type: 'refused', ref, ...outcome }
    for (const { device, id, stamped } of outcome.stored) {
      this.#bus.publish(device, {
        kind: 'mail',
        id,
        frame: encodeRelayFrame({ type: 'deliver', delivery: id, stamped }),
      })
    }
    return { type: 'sent', ref, at }
  }

  /** Mail of a device after a place in its mailbox, in order. */
  async waiting(
    device: string,
    after: number,
    most: number,
  ): Promise<readonly { readonly id: number; readonly stamped: Uint8Array }[]> {
    const sql =
      'SELECT id, stamped FROM mailbox WHERE device = ? AND gone_at IS NULL AND id > ? ORDER BY id LIMIT ?'
    const rows = await this.#storage.read((rows) =>
      rows.all<{ id: number; stamped: Uint8Array }>(sql, device, after, most),
    )
    return rows.map(({ id, stamped }) => ({ id, stamped: new Uint8Array(stamped) }))
  }

  /** Forgets what a device has stored; who sent it under which id is kept for 31 days, so that a repeat is known. */
  async acknowledge(device: string, deliveries: readonly number[]): Promise<void> {
    const now = this.#now()
    await this.#storage.write(async (rows) => {
      for (const id of deliveries) {
        await rows.run(
          'UPDATE mailbox SET stamped = NULL, gone_at = ? WHERE id = ? AND device = ? AND gone_at IS NULL',
          now,
          id,
          device,
        )
      }
    })
  }

  /** Ends what is too old. */
  async sweep(): Promise<void> {
    const now = this.#now()
    await this.#storage.write(async (rows) => {
      await rows.run(
        'UPDATE mailbox SET stamped = NULL, gone_at = ? WHERE gone_at IS NULL AND at < ?',
        now,
        now - limits.mailboxMs,
      )
      await rows.run('DELETE FROM mailbox WHERE gone_at IS NOT NULL AND gone_at < ?', now - limits.triplesMs)
    })
  }

  async #store(
    rows: Rows,
    caller: Caller,
    batch: Batch,
    at: number,
  ): Promise<Refusal | { readonly stored: readonly Stored[] }> {
    const refuse = (
      code: string,
      lists: readonly Reference[] = [],
      devices: readonly DeviceName[] = [],
    ): Refusal => ({ code, lists, devices })
    const outdated = await this.#outdated(rows, batch)
    if (outdated.length > 0) return refuse('lists-outdated', outdated)
    const unknown: DeviceName[] = []
    const full: DeviceName[] = []
    for (const { to } of batch.envelopes) {
      if (to.type !== 'address') return refuse('malformed')
      const { account, accountId, device } = to.address
      const sql = 'SELECT removed FROM devices WHERE device = ? AND account = ? AND account_id = ?'
      const known = await rows.get<{ removed: number }>(sql, device, account, accountId)
      const isListed = known?.removed === 0 && batch.lists.some((one) => one.accountId === accountId)
      if (!isListed) unknown.push({ accountId, device })
      else if (await isFull(rows, device, caller.accountId)) full.push({ accountId, device })
    }
    if (unknown.length > 0) return refuse('unknown-device', [], unknown)
    const stored: Stored[] = []
    const known = new Set<string>()
    for (const { id, to, body, shared, ext } of batch.envelopes) {
      if (to.type !== 'address') continue
      const { device } = to.address
      const bytes = body ?? batch.shared[shared ?? 0]
      if (bytes === undefined) continue
      const from = { account: caller.account, accountId: caller.accountId, device: caller.device }
      const stamped: StampedEnvelope = { envelope: { v: 1, id, to, body: bytes, ext }, from, at }
      const row = await rows.get<{ id: number }>(
        `INSERT INTO mailbox (device, from_device, from_account_id, envelope, at, stamped) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (from_device, device, envelope) DO NOTHING RETURNING id`,
        device,
        caller.device,
        caller.accountId,
        id,
        at,
        encodeStampedEnvelope(stamped),
      )
      if (row === undefined) known.add(device)
      else stored.push({ device, id: row.id, stamped })
    }
    // A repeat is a success, whatever has filled up meanwhile; what is new to a full mailbox is refused whole.
    const overfull = full.filter((one) => !known.has(one.device))
    if (overfull.length > 0) throw new MailboxFull(overfull)
    return { stored }
  }

  /** Newest lists that the batch was not written against. */
  async #outdated(rows: Rows, batch: Batch): Promise<readonly Reference[]> {
    const newer: Reference[] = []
    const columns = 'account, account_id, era, sequence, hash'
    const add = (row: AccountRow) =>
      newer.push({ accountId: row.account_id, era: row.era, sequence: row.sequence, hash: row.hash })
    for (const claim of batch.lists) {
      const row = await rows.get<AccountRow>(
        `SELECT ${columns} FROM accounts WHERE account_id = ?`,
        claim.accountId,
      )
      if (
        row !== undefined &&
        (row.sequence > claim.sequence || (row.sequence === claim.sequence && row.hash !== claim.hash))
      )
        add(row)
    }
    const named = new Map(
      batch.envelopes.flatMap(({ to }) =>
        to.type === 'address' ? [[to.address.account, to.address.accountId]] : [],
      ),
    )
    for (const [account, accountId] of named) {
      const row = await rows.get<AccountRow>(
        `SELECT ${columns} FROM accounts WHERE account = ?`,
        account ?? '',
      )
      if (row !== undefined && row.account_id !== accountId) add(row)
    }
    return newer.slice(0, limits.references)
  }
}

/** Undoes the unit that it is thrown in, and is answered as a refusal. */
class MailboxFull extends Error {
  readonly devices: readonly DeviceName[]
  constructor(devices: readonly DeviceName[]) {
    super('mailbox full')
    this.devices = devices
  }
}

async function isFull(rows: Rows, device: string, sender: string): Promise<boolean> {
  // Counted up to the limit only; a mailbox that is read is almost empty.
  const all = 'SELECT COUNT(*) AS n FROM (SELECT 1 FROM mailbox WHERE device = ? AND gone_at IS NULL LIMIT ?)'
  const theirs =
    'SELECT COUNT(*) AS n FROM (SELECT 1 FROM mailbox WHERE device = ? AND from_account_id = ? AND gone_at IS NULL LIMIT ?)'
  const total = await rows.get<{ n: number }>(all, device, limits.mailbox)
  const share = await rows.get<{ n: number }>(theirs, device, sender, limits.mailboxPerSender)
  return (total?.n ?? 0) >= limits.mailbox || (share?.n ?? 0) >= limits.mailboxPerSender
}

/** What a batch must satisfy alone: one body each, no device twice, nobody of another realm. */
function malformedBatch({ envelopes, shared }: Batch, realm: string): boolean {
  const devices = new Set<string>()
  for (const { to, body, shared: index } of envelopes) {
    if ((body === undefined) === (index === undefined)) return true
    if (index !== undefined && shared[index] === undefined) return true
    if (to.type !== 'address' || to.address.realm !== realm) return true
    if (devices.has(to.address.device)) return true
    devices.add(to.address.device)
  }
  return false
}
