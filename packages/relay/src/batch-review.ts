import type { Address, Batch, DeviceName, Reference, RelayFrame } from '@sotto/protocol'
import type { ListedDevice } from './listed-devices.js'
import type { Caller } from './login-tokens.js'
import { rowsOf } from './storage/pieces.js'
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

export interface Reviewed {
  readonly caller: Caller
  readonly batch: Batch
  /** Its own device and those it goes to, as far as they are on a list. */
  readonly listed: ReadonlyMap<string, ListedDevice>
}

/**
 * What a batch must be beside what the relay holds: written against the newest lists, by a device and to devices that are on them. Nothing is
 * changed, and nothing asked of a batch that is as it should be: its answer comes at once.
 */
export function reviewBatch(
  rows: Rows,
  { caller, batch, listed }: Reviewed,
): Refusal | undefined | Promise<Refusal | undefined> {
  const own = listed.get(caller.device)
  if (own?.account_id !== caller.accountId) return refusal('device-removed')
  const heads = new Map<string, HeadRow>([[own.account_id, own]])
  const named: Address[] = []
  for (const { to } of batch.envelopes) {
    if (to.type !== 'address') continue
    named.push(to.address)
    const head = listed.get(to.address.device)
    if (head !== undefined) heads.set(head.account_id, head)
  }
  const others = batch.lists.filter(({ accountId }) => !heads.has(accountId))
  if (others.length === 0) return reviewAgainst(heads, rows, { batch, named, listed })
  return headsOf(
    rows,
    'account_id',
    others.map(({ accountId }) => accountId),
  ).then((found) => {
    for (const head of found) heads.set(head.account_id, head)
    return reviewAgainst(heads, rows, { batch, named, listed })
  })
}

function reviewAgainst(
  heads: ReadonlyMap<string, HeadRow>,
  rows: Rows,
  { batch, named, listed }: Pick<Reviewed, 'batch' | 'listed'> & { readonly named: readonly Address[] },
): Refusal | undefined | Promise<Refusal> {
  const newer: Reference[] = []
  for (const claim of batch.lists) {
    const head = heads.get(claim.accountId)
    if (head !== undefined && isOutdated(claim, head)) newer.push(referenceTo(head))
  }
  if (newer.length > 0) return refusal('lists-outdated', { lists: newer })
  const unknown = named.filter(({ account, accountId, device }) => {
    const one = listed.get(device)
    const isClaimed = batch.lists.some((claim) => claim.accountId === accountId)
    return one?.account !== account || one.account_id !== accountId || !isClaimed
  })
  return unknown.length === 0 ? undefined : refuseUnknown(rows, unknown)
}

async function refuseUnknown(rows: Rows, unknown: readonly Address[]): Promise<Refusal> {
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
  const sql = `SELECT account, account_id, era, sequence, hash FROM accounts WHERE ${column} IN (${rowsOf('?', values.length)})`
  return rows.all<HeadRow>(sql, ...values)
}

const isOutdated = (claim: Reference, { sequence, hash }: HeadRow): boolean =>
  sequence > claim.sequence || (sequence === claim.sequence && hash !== claim.hash)

const referenceTo = ({ account_id, era, sequence, hash }: HeadRow): Reference => ({
  accountId: account_id,
  era,
  sequence,
  hash,
})
