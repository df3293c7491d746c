import {
  check,
  decodeChain,
  decodeDeviceList,
  decodeSigned,
  encodeChain,
  equalBytes,
  extendChain,
  startChain,
  type Chain,
  type Signed,
} from '@sotto/protocol'
import type { Bus } from './bus/bus.js'
import { PreKeys, type Upload } from './prekeys.js'
import type { Rows, Storage } from './storage/storage.js'

interface AccountRow {
  readonly chain: Uint8Array
}

/** Lists of devices: every account's chain, verified before a byte of it is kept. */
export class Accounts {
  readonly #realm: string
  readonly #storage: Storage
  readonly #bus: Bus
  readonly #preKeys: PreKeys
  readonly #ended: (devices: readonly string[]) => void

  constructor(options: {
    realm: string
    storage: Storage
    bus: Bus
    preKeys: PreKeys
    ended: (devices: readonly string[]) => void
  }) {
    this.#realm = options.realm
    this.#storage = options.storage
    this.#bus = options.bus
    this.#preKeys = options.preKeys
    this.#ended = options.ended
  }

  /** Lists of the newest era, after those the asker has. Nothing for a name that is not known. */
  async lists(
    account: string,
    since: { readonly era: number; readonly sequence: number } | undefined,
  ): Promise<readonly Uint8Array[]> {
    const rows = await this.#storage.read((rows) =>
      rows.all<{ list: Uint8Array }>(
        `SELECT list FROM lists WHERE account = ? AND era = (SELECT era FROM accounts WHERE account = ?)
         AND (era <> ? OR sequence > ?) ORDER BY sequence`,
        account,
        account,
        since?.era ?? -1,
        since?.sequence ?? 0,
      ),
    )
    return rows.map((row) => new Uint8Array(row.list))
  }

  /**
   * Appends a list. `proven`: whether a device of the account asks; a first list needs only the site's word. The same bytes again are a
   * success. Throws `lists-outdated`, `forbidden`, and what the verification says.
   */
  async publish(
    account: string,
    encoded: Uint8Array,
    upload: Upload | undefined,
    proven: boolean,
  ): Promise<void> {
    const signed = decodeSigned(encoded)
    const outcome = await this.#storage.write(async (rows) => {
      const row = await rows.get<AccountRow>('SELECT chain FROM accounts WHERE account = ?', account)
      const before = row === undefined ? undefined : decodeChain(new Uint8Array(row.chain))
      const { sequence } = decodeDeviceList(signed.bytes)
      if (before !== undefined && (await this.#has(rows, account, before, sequence, signed))) return undefined
      if (before === undefined) {
        const chain = startChain(signed, { realm: this.#realm, account })
        await this.#store(rows, chain, encoded)
        if (upload !== undefined)
          await this.#preKeys.add(rows, chain, chain.list.devices[0]?.id ?? '', upload)
        return { chain, removed: [] }
      }
      check(proven, 'forbidden')
      check(sequence === before.list.sequence + 1, 'lists-outdated')
      check(decodeDeviceList(signed.bytes).previous === before.hash, 'lists-outdated')
      const chain = extendChain(before, signed)
      const known = new Set(before.list.devices.map((one) => one.id))
      const added = chain.list.devices.filter((one) => !known.has(one.id))
      const [joining] = added
      check(added.length <= 1, 'device-list-rejected', { reason: 'one device at a time' })
      await this.#store(rows, chain, encoded)
      if (joining !== undefined) {
        check(upload?.signedPreKey !== undefined, 'bad-prekey')
        await this.#preKeys.add(rows, chain, joining.id, upload)
      }
      const stay = new Set(chain.list.devices.map((one) => one.id))
      const removed = [...known].filter((device) => !stay.has(device))
      for (const device of removed) await this.#remove(rows, device)
      return { chain, removed }
    })
    if (outcome === undefined) return
    this.#ended(outcome.removed)
    for (const device of outcome.removed) this.#bus.publish(device, { kind: 'end', code: 'device-removed' })
    for (const { id } of outcome.chain.list.devices) this.#bus.publish(id, { kind: 'wake', what: 1 })
  }

  /** Whether that very list is in the chain. */
  async #has(
    rows: Rows,
    account: string,
    chain: Chain,
    sequence: number,
    { bytes }: Signed,
  ): Promise<boolean> {
    const sql = 'SELECT list FROM lists WHERE account = ? AND era = ? AND sequence = ?'
    const row = await rows.get<{ list: Uint8Array }>(sql, account, chain.list.era, sequence)
    return row !== undefined && equalBytes(decodeSigned(new Uint8Array(row.list)).bytes, bytes)
  }

  async #store(rows: Rows, chain: Chain, encoded: Uint8Array): Promise<void> {
    const { account, accountId, hash } = chain
    const { era, sequence } = chain.list
    await rows.run(
      `INSERT INTO accounts (account, account_id, era, sequence, hash, chain) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (account) DO UPDATE SET era = excluded.era, sequence = excluded.sequence, hash = excluded.hash, chain = excluded.chain`,
      account,
      accountId,
      era,
      sequence,
      hash,
      encodeChain(chain),
    )
    await rows.run(
      'INSERT INTO lists (account, era, sequence, hash, list) VALUES (?, ?, ?, ?, ?)',
      account,
      era,
      sequence,
      hash,
      encoded,
    )
    for (const { id, signingKey } of chain.list.devices) {
      await rows.run(
        `INSERT INTO devices (device, account, account_id, signing_key, epoch, removed) VALUES (?, ?, ?, ?, 0, 0)
         ON CONFLICT (device) DO NOTHING`,
        id,
        account,
        accountId,
        signingKey.bytes,
      )
      const owner = await rows.get<{ account: string }>('SELECT account FROM devices WHERE device = ?', id)
      check(owner?.account === account, 'device-list-rejected', { reason: 'a device of another account' })
    }
  }

  /** In the commit that takes the list: its prekeys and its mailbox are gone with it. */
  async #remove(rows: Rows, device: string): Promise<void> {
    await rows.run('UPDATE devices SET removed = 1 WHERE device = ?', device)
    await rows.run('DELETE FROM signed_prekeys WHERE device = ?', device)
    await rows.run('DELETE FROM prekeys WHERE device = ?', device)
    await rows.run('DELETE FROM mailbox WHERE device = ?', device)
  }
}
