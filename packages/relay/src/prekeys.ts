import { createHash } from 'node:crypto'
import {
  SottoError,
  check,
  decodeChain,
  decodeSigned,
  deviceOf,
  limits,
  preKeyKinds,
  verifyPreKey,
  type Chain,
} from '@sotto/protocol'
import type { Caller } from './auth.js'
import type { Bus } from './bus/bus.js'
import type { Rows, Storage } from './storage/storage.js'

const hourMs = 3_600_000

/** What a device publishes: encoded signed prekeys. */
export interface Upload {
  readonly signedPreKey?: Uint8Array
  readonly preKeys: readonly Uint8Array[]
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

  /** Throws what the verification says; `bad-prekey` for an id that stands for another key already; `quota-exceeded`. */
  async publish(caller: Caller, upload: Upload): Promise<void> {
    await this.#storage.write(async (rows) => {
      const row = await rows.get<{ chain: Uint8Array }>(
        'SELECT chain FROM accounts WHERE account = ?',
        caller.account,
      )
      check(row !== undefined, 'unknown-device')
      await this.add(rows, decodeChain(new Uint8Array(row.chain)), caller.device, upload)
    })
  }

  async add(rows: Rows, chain: Chain, device: string, { signedPreKey, preKeys }: Upload): Promise<void> {
    const entry = deviceOf(chain, device)
    check(entry !== undefined, 'unknown-device')
    const { realm, accountId } = chain
    const owner = { realm, accountId, device, signingKey: entry.signingKey.bytes }
    const now = this.#now()
    const verify = (encoded: Uint8Array, kind: number) =>
      verifyPreKey(decodeSigned(encoded), owner, kind, now)
    if (signedPreKey !== undefined) {
      const { id, expiresAt = 0 } = verify(signedPreKey, preKeyKinds.signed)
      await rows.run(
        `INSERT INTO signed_prekeys (device, id, prekey, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (device) DO UPDATE SET id = excluded.id, prekey = excluded.prekey, expires_at = excluded.expires_at
         WHERE excluded.id > signed_prekeys.id`,
        device,
        id,
        signedPreKey,
        expiresAt,
      )
    }
    for (const encoded of preKeys) {
      const { id } = verify(encoded, preKeyKinds.oneTime)
      const hash = createHash('sha256').update(decodeSigned(encoded).bytes).digest()
      const known = await rows.get<{ hash: Uint8Array }>(
        'SELECT hash FROM prekeys WHERE device = ? AND id = ?',
        device,
        id,
      )
      // An id that was used stays used: its row outlives the key, so that no key is handed out twice.
      if (known !== undefined) check(Buffer.compare(known.hash, hash) === 0, 'bad-prekey')
      else
        await rows.run(
          'INSERT INTO prekeys (device, id, hash, prekey) VALUES (?, ?, ?, ?)',
          device,
          id,
          hash,
          encoded,
        )
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
   * Takes a bundle. A requesting account gets one one-time prekey of a device an hour, else the signed one alone. Throws `no-prekey` for
   * whatever has none to give: one answer for an account that is unknown and a device that is.
   */
  async claim(
    caller: Caller,
    account: string,
    device: string,
  ): Promise<{ signedPreKey: Uint8Array; preKey?: Uint8Array }> {
    const now = this.#now()
    const { bundle, remaining } = await this.#storage.write(async (rows) => {
      const signed = await rows.get<{ prekey: Uint8Array }>(
        `SELECT p.prekey FROM signed_prekeys p JOIN devices d ON d.device = p.device
         WHERE p.device = ? AND d.account = ? AND d.removed = 0 AND p.expires_at > ?`,
        device,
        account,
        now,
      )
      if (signed === undefined) throw new SottoError('no-prekey')
      const signedPreKey = new Uint8Array(signed.prekey)
      const last = await rows.get<{ at: number }>(
        'SELECT at FROM claims WHERE account = ? AND device = ?',
        caller.account,
        device,
      )
      const one = await rows.get<{ id: number; prekey: Uint8Array }>(
        'SELECT id, prekey FROM prekeys WHERE device = ? AND prekey IS NOT NULL ORDER BY id LIMIT 1',
        device,
      )
      const spent = last !== undefined && now - last.at < hourMs / limits.claimsPerDevicePerHour
      if (one === undefined || spent) return { bundle: { signedPreKey }, remaining: undefined }
      await rows.run('UPDATE prekeys SET prekey = NULL WHERE device = ? AND id = ?', device, one.id)
      await rows.run(
        'INSERT INTO claims (account, device, at) VALUES (?, ?, ?) ON CONFLICT (account, device) DO UPDATE SET at = excluded.at',
        caller.account,
        device,
        now,
      )
      return {
        bundle: { signedPreKey, preKey: new Uint8Array(one.prekey) },
        remaining: await left(rows, device),
      }
    })
    if (remaining !== undefined && remaining < limits.preKeysLow)
      this.#bus.publish(device, { kind: 'wake', what: 2 })
    return bundle
  }
}

async function left(rows: Rows, device: string): Promise<number> {
  const row = await rows.get<{ n: number }>(
    'SELECT COUNT(*) AS n FROM prekeys WHERE device = ? AND prekey IS NOT NULL',
    device,
  )
  return row?.n ?? 0
}
