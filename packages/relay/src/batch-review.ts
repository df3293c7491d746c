import type { Batch, DeviceName, Reference, RelayFrame } from '@sotto/protocol'
import type { Caller } from './login-tokens.js'
import type { Rows } from './storage/storage.js'

export type Refusal = Omit<Extract<RelayFrame, { type: 'refused' }>, 'type' | 'ref'>

interface HeadRow {
  readonly account_id: string
  readonly era: number
  readonly sequence: number
  readonly hash: string
}

interface DeviceRow {
  readonly device: string
  readonly account: string
  readonly account_id: string
  readonly removed: number
}

export const refusal = (
  code: string,
  {
    lists = [],
    devices = [],
  }: { readonly lists?: readonly Reference[]; readonly devices?: readonly DeviceName[] } = {},
): Refusal => ({ code, lists, devices })

const places = (count: number): string => Array.from({ length: count }, () => '?').join()

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
export async function reviewBatch(rows: Rows, caller: Caller, batch: Batch): Promise<Refusal | undefined> {
  const { lists } = batch
  const heads = await rows.all<HeadRow>(
    `SELECT account_id, era, sequence, hash FROM accounts WHERE account_id IN (${places(lists.length)})`,
    ...lists.map((one) => one.accountId),
  )
  const newer = heads.filter((head) => lists.some((claim) => isOutdated(claim, head)))
  if (newer.length > 0) return refusal('lists-outdated', { lists: newer.map(referenceOf) })

  const named = batch.envelopes.flatMap(({ to }) => (to.type === 'address' ? [to.address] : []))
  const found = await rows.all<DeviceRow>(
    `SELECT device, account, account_id, removed FROM devices WHERE device IN (${places(named.length + 1)})`,
    caller.device,
    ...named.map((one) => one.device),
  )
  const listed = new Map(found.filter((one) => one.removed === 0).map((one) => [one.device, one]))
  if (listed.get(caller.device)?.account_id !== caller.accountId) return refusal('device-removed')
  const claimed = new Set(lists.map((one) => one.accountId))
  const unknown = named.filter(({ account, accountId, device }) => {
    const one = listed.get(device)
    return one?.account !== account || one.account_id !== accountId || !claimed.has(accountId)
  })
  if (unknown.length === 0) return undefined
  const others = await otherAccounts(rows, unknown)
  if (others.length > 0) return refusal('lists-outdated', { lists: others })
  return refusal('unknown-device', {
    devices: unknown.map(({ accountId, device }) => ({ accountId, device })),
  })
}

function isOutdated(claim: Reference, head: HeadRow): boolean {
  if (claim.accountId !== head.account_id) return false
  return head.sequence > claim.sequence || (head.sequence === claim.sequence && head.hash !== claim.hash)
}

/** The lists of accounts which now stand under names that a batch knows as others. */
async function otherAccounts(
  rows: Rows,
  named: readonly { readonly account: string; readonly accountId: string }[],
): Promise<readonly Reference[]> {
  const known = new Set(named.map((one) => one.accountId))
  const names = [...new Set(named.map((one) => one.account))]
  const heads = await rows.all<HeadRow>(
    `SELECT account_id, era, sequence, hash FROM accounts WHERE account IN (${places(names.length)})`,
    ...names,
  )
  return heads.filter((head) => !known.has(head.account_id)).map(referenceOf)
}

const referenceOf = ({ account_id, era, sequence, hash }: HeadRow): Reference => ({
  accountId: account_id,
  era,
  sequence,
  hash,
})
