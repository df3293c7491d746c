import type { Batch, DeviceName, Reference, RelayFrame } from '@sotto/protocol'
import type { ListedDevice, ListedDevices } from './listed-devices.js'
import type { Caller } from './login-tokens.js'
import type { Rows } from './storage/storage.js'

export type Refusal = Omit<Extract<RelayFrame, { type: 'refused' }>, 'type' | 'ref'>

type HeadRow = Omit<ListedDevice, 'device'>

export const refusal = (
  code: string,
  {
    lists = [],
    devices = [],
  }: { readonly lists?: readonly Reference[]; readonly devices?: readonly DeviceName[] } = {},
): Refusal => ({ code, lists, devices })

/** What a batch must be alone: to devices of this realm, one envelope for each. */
export function reviewAlone({ envelopes }: Batch, realm: string): Refusal | undefined {
  const devices = new Set<string>()
  for (const { to } of envelopes) {
    // Neither sealed senders nor other realms are known to this version.
    if (to.type !== 'address' || to.address.realm !== realm) return refusal('not-here')
    devices.add(to.address.device)
  }
  return devices.size === envelopes.length ? undefined : refusal('malformed')
}

/**
 * What a batch must be beside what the relay holds: written against the newest lists, by a device and to devices that are on them. Nothing is
 * changed.
 */
export async function reviewBatch(
  rows: Rows,
  {
    caller,
    batch,
    devices,
  }: { readonly caller: Caller; readonly batch: Batch; readonly devices: ListedDevices },
): Promise<Refusal | undefined> {
  const named = batch.envelopes.flatMap(({ to }) => (to.type === 'address' ? [to.address] : []))
  const ids = [caller.device, ...named.map((one) => one.device)]
  const byDevice = await devices.of(rows, ids)
  if (byDevice.get(caller.device)?.account_id !== caller.accountId) return refusal('device-removed')

  const heads = new Map<string, HeadRow>()
  for (const id of ids) {
    const head = byDevice.get(id)
    if (head !== undefined) heads.set(head.account_id, head)
  }
  const others = batch.lists.filter((claim) => !heads.has(claim.accountId)).map((claim) => claim.accountId)
  for (const head of await headsOf(rows, 'account_id', others)) heads.set(head.account_id, head)
  const newer = batch.lists.flatMap((claim) => {
    const head = heads.get(claim.accountId)
    return head !== undefined && isOutdated(claim, head) ? [referenceTo(head)] : []
  })
  if (newer.length > 0) return refusal('lists-outdated', { lists: newer })

  const claimed = new Set(batch.lists.map((one) => one.accountId))
  const unknown = named.filter(({ account, accountId, device }) => {
    const one = byDevice.get(device)
    return one?.account !== account || one.account_id !== accountId || !claimed.has(accountId)
  })
  if (unknown.length === 0) return undefined
  // Another account may stand under that name now.
  const standing = await headsOf(rows, 'account', [...new Set(unknown.map((one) => one.account))])
  const replaced = standing.filter((head) => !unknown.some((one) => one.accountId === head.account_id))
  if (replaced.length > 0) return refusal('lists-outdated', { lists: replaced.map(referenceTo) })
  return refusal('unknown-device', {
    devices: unknown.map(({ accountId, device }) => ({ accountId, device })),
  })
}

async function headsOf(
  rows: Rows,
  column: 'account' | 'account_id',
  values: readonly string[],
): Promise<readonly HeadRow[]> {
  if (values.length === 0) return []
  const sql = `SELECT account, account_id, era, sequence, hash FROM accounts WHERE ${column} IN (${places(values.length)})`
  return rows.all<HeadRow>(sql, ...values)
}

/** `?,?,?` for so many values. */
const places = (count: number): string => '?,'.repeat(count).slice(0, -1)

const isOutdated = (claim: Reference, { sequence, hash }: HeadRow): boolean =>
  sequence > claim.sequence || (sequence === claim.sequence && hash !== claim.hash)

const referenceTo = ({ account_id, era, sequence, hash }: HeadRow): Reference => ({
  accountId: account_id,
  era,
  sequence,
  hash,
})
