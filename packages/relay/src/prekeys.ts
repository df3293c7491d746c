import { check, decodeChain, deviceOf, equalBytes, limits, type PreKeyOwner } from '@sotto/protocol'
import type { Bus } from './bus/bus.js'
import type { Caller } from './login-tokens.js'
import type { Rows, Storage } from './storage/storage.js'
import { hashOfPreKey, verifyUpload, type Upload, type VerifiedUpload } from './upload.js'

const hourMs = 3_600_000
/** A requesting account gets a one-time prekey of a device so often. */
const claimEveryMs = hourMs / limits.claimsPerDevicePerHour

interface Claimed {
  readonly signedPreKey: Uint8Array
  readonly preKey?: Uint8Array
}

/** Prekeys: verified when they come, each one-time prekey handed out once, ever. */
export class PreKeys {
  readonly #storage: Storage
  readonly #bus: Bus
  readonly #now: () => number

  constructor(storage: Storage, bus: Bus, now: () => number) {
    this.#storage = storage
    this.#bus = bus
    this.#now = now
  }

  /**
   * Adds to what a device has published. The same again is a success. Rejects with what the verification says; `bad-prekey` for an id that
   * stands for another key already; `quota-exceeded`; `device-removed`.
   */
  async publish(caller: Caller, upload: Upload): Promise<void> {
    const owner = await this.#ownerOf(caller)
    const verified = await verifyUpload(upload, owner, this.#now())
    await this.#storage.write((rows) => this.add(rows, verified))
  }

  /** As a part of another unit of work. */
  async add(rows: Rows, { device, accountId, signedPreKey, preKeys }: VerifiedUpload): Promise<void> {
    const listed = await rows.get<{ removed: number }>(
      'SELECT removed FROM devices WHERE device = ? AND account_id = ?',
      device,
      accountId,
    )
    check(listed?.removed === 0, 'device-removed')
    if (signedPreKey !== undefined) {
      const { id, hash, encoded, expiresAt } = signedPreKey
      const before = await rows.get<{ id: number; prekey: Uint8Array }>(
        'SELECT id, prekey FROM signed_prekeys WHERE device = ?',
        device,
      )
      check(before?.id !== id || equalBytes(hashOfPreKey(new Uint8Array(before.prekey)), hash), 'bad-prekey')
      // Also one with a lower id: a device whose store was put back has the private halves of its older ones alone, and asks for one of them.
      await rows.run(
        `INSERT INTO signed_prekeys (device, id, prekey, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (device) DO UPDATE SET id = excluded.id, prekey = excluded.prekey,
         expires_at = excluded.expires_at`,
        device,
        id,
        encoded,
        expiresAt,
      )
    }
    for (const { id, hash, encoded } of preKeys) {
      const sql = 'SELECT hash FROM prekeys WHERE device = ? AND id = ?'
      const known = await rows.get<{ hash: Uint8Array }>(sql, device, id)
      // An id that was used stays used: its row outlives the key, so that no key is handed out twice.
      if (known !== undefined) check(equalBytes(new Uint8Array(known.hash), hash), 'bad-prekey')
      else {
        const insert = 'INSERT INTO prekeys (device, id, hash, prekey) VALUES (?, ?, ?, ?)'
        await rows.run(insert, device, id, hash, encoded)
      }
    }
    check((await left(rows, device)) <= limits.preKeysHeld, 'quota-exceeded')
  }

  async count({
    device,
  }: Caller): Promise<{ readonly preKeys: number; readonly signedPreKey: number | null }> {
    return this.#storage.read(async (rows) => {
      const signed = await rows.get<{ id: number }>('SELECT id FROM signed_prekeys WHERE device = ?', device)
      return { preKeys: await left(rows, device), signedPreKey: signed?.id ?? null }
    })
  }

  /**
   * Takes a bundle. A requesting account gets one one-time prekey of a device an hour, else the signed one alone. Rejects with `no-prekey`
   * for whatever has none to give: one answer, after the same questions to the database, whether the account is unknown, the device is, or
   * its prekey has expired.
   */
  async claim(caller: Caller, account: string, device: string): Promise<Claimed> {
    const now = this.#now()
    const { claimed, remaining } = await this.#storage.write(async (rows) => {
      const signed = await rows.get<{ prekey: Uint8Array }>(
        `SELECT p.prekey FROM signed_prekeys p JOIN devices d ON d.device = p.device
         WHERE p.device = ? AND d.account = ? AND d.removed = 0 AND p.expires_at > ?`,
        device,
        account,
        now,
      )
      const last = await rows.get<{ at: number }>(
        'SELECT at FROM claims WHERE account = ? AND device = ?',
        caller.account,
        device,
      )
      const one = await rows.get<{ id: number; prekey: Uint8Array }>(
        'SELECT id, prekey FROM prekeys WHERE device = ? AND prekey IS NOT NULL ORDER BY id LIMIT 1',
        device,
      )
      check(signed !== undefined, 'no-prekey')
      const signedPreKey = new Uint8Array(signed.prekey)
      const isSpent = last !== undefined && now - last.at < claimEveryMs
      if (isSpent) return { claimed: { signedPreKey }, remaining: undefined }
      if (one === undefined) return { claimed: { signedPreKey }, remaining: 0 }
      await rows.run('UPDATE prekeys SET prekey = NULL WHERE device = ? AND id = ?', device, one.id)
      await rows.run(
        `INSERT INTO claims (account, device, at) VALUES (?, ?, ?)
         ON CONFLICT (account, device) DO UPDATE SET at = excluded.at`,
        caller.account,
        device,
        now,
      )
      const preKey = new Uint8Array(one.prekey)
      return { claimed: { signedPreKey, preKey }, remaining: await left(rows, device) }
    })
    if (remaining !== undefined && remaining < limits.preKeysLow) {
      this.#bus.publish(device, { kind: 'wake', what: 2 })
    }
    return claimed
  }

  /** Forgets who asked whom as soon as it decides nothing any more. */
  async sweep(): Promise<void> {
    const before = this.#now() - claimEveryMs
    await this.#storage.write((rows) => rows.run('DELETE FROM claims WHERE at <= ?', before))
  }

  async #ownerOf({ account, device }: Caller): Promise<PreKeyOwner> {
    const sql = 'SELECT chain FROM accounts WHERE account = ?'
    const row = await this.#storage.read((rows) => rows.get<{ chain: Uint8Array }>(sql, account))
    check(row !== undefined, 'unknown-device')
    const chain = decodeChain(new Uint8Array(row.chain))
    const entry = deviceOf(chain, device)
    check(entry !== undefined, 'device-removed')
    const { realm, accountId } = chain
    return { realm, accountId, device, signingKey: entry.signingKey.bytes }
  }
}

async function left(rows: Rows, device: string): Promise<number> {
  const sql = 'SELECT COUNT(*) AS n FROM prekeys WHERE device = ? AND prekey IS NOT NULL'
  return (await rows.get<{ n: number }>(sql, device))?.n ?? 0
}
