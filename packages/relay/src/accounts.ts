import {
  check,
  decodeChain,
  decodeDeviceList,
  decodeSigned,
  deviceOf,
  encodeChain,
  equalBytes,
  extendChain,
  startChain,
  type Chain,
  type Signed,
} from '@sotto/protocol'
import type { Bus } from './bus/bus.js'
import type { Caller } from './login-tokens.js'
import type { PreKeys } from './prekeys.js'
import type { Rows, Storage } from './storage/storage.js'
import { verifyUpload, type Upload } from './upload.js'

export interface AccountsOptions {
  readonly realm: string
  readonly storage: Storage
  readonly bus: Bus
  readonly preKeys: PreKeys
  readonly now: () => number
  /** Called when these devices were removed, after the commit. */
  readonly ended: (devices: readonly string[]) => void
}

/** Who publishes: with the site's word alone, or as a device that has proven itself. */
export type Publisher = Pick<Caller, 'account'> & { readonly device?: string }

/** Lists of devices: every account's chain, verified before a byte of it is kept. */
export class Accounts {
  readonly #options: AccountsOptions

  constructor(options: AccountsOptions) {
    this.#options = options
  }

  /** Lists of the newest era, after those the asker has. Nothing for a name that is not known. */
  async lists(
    account: string,
    since: { readonly era: number; readonly sequence: number } | undefined,
  ): Promise<readonly Uint8Array[]> {
    const rows = await this.#options.storage.read((rows) =>
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
   * Appends a list, and the prekeys of the device that it adds, in one commit; a first list needs only the site's word. The same bytes again
   * are a success. Rejects with `forbidden`, `lists-outdated`, `bad-prekey` for a device that is added without prekeys, and what the
   * verification says.
   */
  async publish(by: Publisher, encoded: Uint8Array, upload: Upload | undefined): Promise<void> {
    const { account } = by
    const { storage, preKeys, bus, ended, realm, now } = this.#options
    const signed = decodeSigned(encoded)
    const { sequence, previous } = decodeDeviceList(signed.bytes)
    const known = await storage.read(async (rows) => {
      const chain = await chainOf(rows, account)
      return { chain, isThere: chain !== undefined && (await hasList(rows, chain, sequence, signed)) }
    })
    if (known.isThere) return
    const before = known.chain
    if (before !== undefined) {
      // Who brings a first list where there is one learns that there is one; it changes nothing.
      check(by.device !== undefined || sequence === 1, 'forbidden')
      check(previous === before.hash, 'lists-outdated')
    }
    const chain = before === undefined ? startChain(signed, { realm, account }) : extendChain(before, signed)
    const joining = joiningDevice(before, chain)
    check(before === undefined || joining === undefined || upload?.signedPreKey !== undefined, 'bad-prekey')
    const holder = joining ?? by.device ?? ''
    const entry = deviceOf(chain, holder)
    const verified =
      upload !== undefined && entry !== undefined
        ? await verifyUpload(
            upload,
            { realm, accountId: chain.accountId, device: entry.id, signingKey: entry.signingKey.bytes },
            now(),
          )
        : undefined

    const removed = await storage.write(async (rows) => {
      const head = await chainOf(rows, account)
      // Somebody was faster: perhaps with the very same list.
      if (head?.hash !== before?.hash) {
        check(head !== undefined && (await hasList(rows, head, sequence, signed)), 'lists-outdated')
        return []
      }
      await storeList(rows, chain, encoded)
      const gone = (before?.list.devices ?? []).filter(({ id }) => deviceOf(chain, id) === undefined)
      for (const { id } of gone) await remove(rows, id)
      if (verified !== undefined) await preKeys.add(rows, verified)
      return gone.map(({ id }) => id)
    })
    ended(removed)
    for (const device of removed) bus.publish(device, { kind: 'end', code: 'device-removed' })
    // The publishing device too: another of its tabs may have done it.
    for (const { id } of chain.list.devices) bus.publish(id, { kind: 'wake', what: 1 })
  }
}

/** The one device that a list adds. Throws where it adds more: each comes with prekeys of its own. */
function joiningDevice(before: Chain | undefined, chain: Chain): string | undefined {
  const added = chain.list.devices.filter(
    ({ id }) => before === undefined || deviceOf(before, id) === undefined,
  )
  check(added.length <= 1, 'device-list-rejected', { reason: 'one device at a time' })
  return added[0]?.id
}

async function chainOf(rows: Rows, account: string): Promise<Chain | undefined> {
  const row = await rows.get<{ chain: Uint8Array }>('SELECT chain FROM accounts WHERE account = ?', account)
  return row && decodeChain(new Uint8Array(row.chain))
}

/** Whether that very list is in the chain. */
async function hasList(rows: Rows, chain: Chain, sequence: number, { bytes }: Signed): Promise<boolean> {
  const { account, list } = chain
  const sql = 'SELECT list FROM lists WHERE account = ? AND era = ? AND sequence = ?'
  const row = await rows.get<{ list: Uint8Array }>(sql, account, list.era, sequence)
  return row !== undefined && equalBytes(decodeSigned(new Uint8Array(row.list)).bytes, bytes)
}

async function storeList(rows: Rows, chain: Chain, encoded: Uint8Array): Promise<void> {
  const { account, accountId, hash } = chain
  const { era, sequence, devices } = chain.list
  await rows.run(
    `INSERT INTO accounts (account, account_id, era, sequence, hash, chain) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (account) DO UPDATE SET era = excluded.era, sequence = excluded.sequence,
     hash = excluded.hash, chain = excluded.chain`,
    account,
    accountId,
    era,
    sequence,
    hash,
    encodeChain(chain),
  )
  const insert = 'INSERT INTO lists (account, era, sequence, hash, list) VALUES (?, ?, ?, ?, ?)'
  await rows.run(insert, account, era, sequence, hash, encoded)
  for (const { id, signingKey } of devices) {
    await rows.run(
      `INSERT INTO devices (device, account, account_id, signing_key, epoch, removed) VALUES (?, ?, ?, ?, 0, 0)
       ON CONFLICT (device) DO NOTHING`,
      id,
      account,
      accountId,
      signingKey.bytes,
    )
    const sql = 'SELECT account_id FROM devices WHERE device = ?'
    const owner = await rows.get<{ account_id: string }>(sql, id)
    check(owner?.account_id === accountId, 'device-list-rejected', { reason: 'a device of another account' })
  }
}

/** In the commit that takes the list: its prekeys and its mailbox are gone with it. */
async function remove(rows: Rows, device: string): Promise<void> {
  await rows.run('UPDATE devices SET removed = 1 WHERE device = ?', device)
  await rows.run('DELETE FROM signed_prekeys WHERE device = ?', device)
  await rows.run('DELETE FROM prekeys WHERE device = ?', device)
  await rows.run('DELETE FROM mailbox WHERE device = ?', device)
}
