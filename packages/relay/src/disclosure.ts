import { sendsColumn } from './device-sends.js'
import type { Rows, Storage } from './storage/storage.js'

/** Everything an operator holds about an account, in words. The honest form of "I cannot, even with a gun to my head". */
export interface Disclosure {
  readonly account: string
  readonly about: string
  /** The hash of its first list; none where the account is unknown here. */
  readonly accountId: string | undefined
  /** What it signed and publishes to everybody, in hexadecimal. */
  readonly deviceLists: readonly {
    readonly era: number
    readonly sequence: number
    readonly signedList: string
  }[]
  readonly devices: readonly {
    readonly device: string
    readonly publicSigningKey: string
    readonly loggedInAs: { readonly epoch: number; readonly sentUpTo: number }
    readonly removed: boolean
  }[]
  /** Public halves; the private ones never leave the device. */
  readonly preKeys: readonly {
    readonly device: string
    readonly oneTimeLeft: number
    readonly oneTimeUsed: number
    readonly signedUntil: string | undefined
  }[]
  /** In the last hour or so: whose prekeys it took, and who took its. */
  readonly preKeysTaken: readonly { readonly device: string; readonly at: string }[]
  readonly preKeysGiven: readonly { readonly account: string; readonly device: string; readonly at: string }[]
  /** Sealed envelopes that its devices have not fetched. */
  readonly waitingForIt: readonly Waiting[]
  /** Sealed envelopes from it that others have not fetched. */
  readonly waitingFromIt: readonly Waiting[]
}

interface Waiting {
  readonly toDevice: string
  readonly fromAccountId: string
  readonly arrivedAt: string
  readonly sealedBytes: number
}

const about =
  'Public keys, times, and sealed envelopes that wait. No key here opens an envelope. What was fetched is not here any more; of each ' +
  'envelope a hash of random numbers remains for 61 days, from which nobody can tell who wrote it, to whom, or what.'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const date = (ms: number) => new Date(ms).toISOString()

/** Reads all of it out of the storage. */
export function disclose(storage: Storage, account: string): Promise<Disclosure> {
  return storage.read(async (rows) => {
    const sql = 'SELECT account_id FROM accounts WHERE account = ?'
    const accountId = (await rows.get<{ account_id: string }>(sql, account))?.account_id
    return {
      account,
      about,
      accountId,
      deviceLists: await listsOf(rows, account),
      devices: await devicesOf(rows, account),
      preKeys: await preKeysOf(rows, account),
      preKeysTaken: await takenBy(rows, account),
      preKeysGiven: await givenBy(rows, account),
      waitingForIt: await waiting(rows, `device IN (${devicesSql})`, account),
      waitingFromIt: await waiting(rows, 'from_account_id = ?', accountId ?? ''),
    }
  })
}

const devicesSql = 'SELECT device FROM devices WHERE account = ?'

async function listsOf(rows: Rows, account: string): Promise<Disclosure['deviceLists']> {
  const found = await rows.all<{ era: number; sequence: number; list: Uint8Array }>(
    'SELECT era, sequence, list FROM lists WHERE account = ? ORDER BY era, sequence',
    account,
  )
  return found.map(({ era, sequence, list }) => ({ era, sequence, signedList: hex(list) }))
}

async function devicesOf(rows: Rows, account: string): Promise<Disclosure['devices']> {
  const found = await rows.all<{
    device: string
    signing_key: Uint8Array
    epoch: number
    sends: number
    removed: number
  }>(
    `SELECT d.device, d.signing_key, d.epoch, d.removed, ${sendsColumn} FROM devices d WHERE d.account = ?`,
    account,
  )
  return found.map(({ device, signing_key, epoch, sends, removed }) => ({
    device,
    publicSigningKey: hex(signing_key),
    loggedInAs: { epoch, sentUpTo: sends },
    removed: removed === 1,
  }))
}

async function preKeysOf(rows: Rows, account: string): Promise<Disclosure['preKeys']> {
  const found = await rows.all<{ device: string; total: number; unused: number; until: number | null }>(
    `SELECT d.device AS device, COUNT(p.id) AS total, COUNT(p.prekey) AS unused,
       (SELECT expires_at FROM signed_prekeys s WHERE s.device = d.device) AS until
     FROM devices d LEFT JOIN prekeys p ON p.device = d.device WHERE d.account = ? GROUP BY d.device`,
    account,
  )
  return found.map(({ device, total, unused, until }) => ({
    device,
    oneTimeLeft: unused,
    oneTimeUsed: total - unused,
    signedUntil: until === null ? undefined : date(until),
  }))
}

async function takenBy(rows: Rows, account: string): Promise<Disclosure['preKeysTaken']> {
  const sql = 'SELECT device, at FROM claims WHERE account = ?'
  const found = await rows.all<{ device: string; at: number }>(sql, account)
  return found.map(({ device, at }) => ({ device, at: date(at) }))
}

async function givenBy(rows: Rows, account: string): Promise<Disclosure['preKeysGiven']> {
  const sql = `SELECT account, device, at FROM claims WHERE device IN (${devicesSql})`
  const found = await rows.all<{ account: string; device: string; at: number }>(sql, account)
  return found.map(({ at, ...one }) => ({ ...one, at: date(at) }))
}

async function waiting(rows: Rows, which: string, value: string): Promise<readonly Waiting[]> {
  const found = await rows.all<{ device: string; sender: string; at: number; size: number }>(
    `SELECT device, from_account_id AS sender, at, LENGTH(stamped) AS size FROM mailbox WHERE ${which} ORDER BY id`,
    value,
  )
  return found.map(({ device, sender, at, size }) => ({
    toDevice: device,
    fromAccountId: sender,
    arrivedAt: date(at),
    sealedBytes: size,
  }))
}
