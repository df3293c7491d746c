import type { Rows, Storage } from './storage/storage.js'

/** Everything an operator holds about an account. The honest form of "I cannot, even with a gun to my head". */
export interface Disclosure {
  readonly account: string
  readonly holds: string
  readonly accountId: string | undefined
  readonly lists: readonly { readonly era: number; readonly sequence: number; readonly signedList: string }[]
  readonly devices: readonly {
    readonly device: string
    readonly signingKey: string
    readonly epoch: number
    readonly removed: boolean
  }[]
  readonly preKeys: readonly { readonly device: string; readonly left: number }[]
  readonly claims: readonly { readonly device: string; readonly at: string }[]
  readonly waiting: readonly {
    readonly toDevice: string
    readonly fromDevice: string
    readonly at: string
    readonly sealedBytes: number
  }[]
  readonly sent: readonly {
    readonly fromDevice: string
    readonly toDevice: string
    readonly at: string
    readonly acknowledged: boolean
  }[]
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const date = (ms: number) => new Date(ms).toISOString()

/** Reads all of it out of the storage. */
export function disclose(storage: Storage, account: string): Promise<Disclosure> {
  return storage.read(async (rows) => {
    const mine = 'SELECT device FROM devices WHERE account = ?'
    const found = await rows.get<{ account_id: string }>(
      'SELECT account_id FROM accounts WHERE account = ?',
      account,
    )
    return {
      account,
      holds:
        'public keys, who sent sealed envelopes to whom and when, and the sealed envelopes that wait; no key that opens one',
      accountId: found?.account_id,
      lists: await listsOf(rows, account),
      devices: (
        await rows.all<{ device: string; signing_key: Uint8Array; epoch: number; removed: number }>(
          'SELECT device, signing_key, epoch, removed FROM devices WHERE account = ?',
          account,
        )
      ).map(({ device, signing_key, epoch, removed }) => ({
        device,
        signingKey: hex(signing_key),
        epoch,
        removed: removed === 1,
      })),
      preKeys: await rows.all(
        `SELECT device, COUNT(prekey) AS left FROM prekeys WHERE device IN (${mine}) GROUP BY device`,
        account,
      ),
      claims: (
        await rows.all<{ device: string; at: number }>(
          'SELECT device, at FROM claims WHERE account = ?',
          account,
        )
      ).map(({ device, at }) => ({ device, at: date(at) })),
      waiting: (
        await rows.all<{ device: string; from_device: string; at: number; size: number }>(
          `SELECT device, from_device, at, LENGTH(stamped) AS size FROM mailbox WHERE gone_at IS NULL AND device IN (${mine})`,
          account,
        )
      ).map(({ device, from_device, at, size }) => ({
        toDevice: device,
        fromDevice: from_device,
        at: date(at),
        sealedBytes: size,
      })),
      sent: (
        await rows.all<{ device: string; from_device: string; at: number; gone_at: number | null }>(
          `SELECT device, from_device, at, gone_at FROM mailbox WHERE from_device IN (${mine})`,
          account,
        )
      ).map(({ device, from_device, at, gone_at }) => ({
        fromDevice: from_device,
        toDevice: device,
        at: date(at),
        acknowledged: gone_at !== null,
      })),
    }
  })
}

async function listsOf(rows: Rows, account: string) {
  const sql = 'SELECT era, sequence, list FROM lists WHERE account = ? ORDER BY era, sequence'
  const lists = await rows.all<{ era: number; sequence: number; list: Uint8Array }>(sql, account)
  return lists.map(({ era, sequence, list }) => ({ era, sequence, signedList: hex(list) }))
}
