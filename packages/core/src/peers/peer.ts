import { check, decodeChain, encodeChain, type Chain } from '@sotto/protocol'
import type { Relation } from '../client-api.js'
import { once } from '../store/once.js'
import type { RowReader, RowWriter } from '../store/rows.js'
import { peerRows, type PeerRow } from '../store/tables.js'
import type { Trust } from './trust-state.js'

const relations: readonly Relation[] = ['none', 'request', 'accepted', 'blocked']

/** What we know of another account, decoded. */
export interface Peer {
  readonly account: string
  readonly chain: Chain | undefined
  readonly candidate: Chain | undefined
  readonly row: PeerRow
}

export async function readPeer(rows: RowReader, account: string): Promise<Peer> {
  const row = (await peerRows.get(rows, account)) ?? { account, relation: 0, relationAt: 0, fetchedAt: 0 }
  return peerOf(row)
}

/** Decoded where they are asked for: a chain is long, and half of those who read a peer want its row alone. */
const peerOf = once((row: PeerRow): Peer => {
  let chain: Chain | undefined
  let candidate: Chain | undefined
  return {
    account: row.account,
    get chain() {
      return row.chain === undefined ? undefined : (chain ??= decodeChain(row.chain))
    },
    get candidate() {
      return row.candidate === undefined ? undefined : (candidate ??= decodeChain(row.candidate))
    },
    row,
  }
})

export const relationOf = (row: Pick<PeerRow, 'relation'>): Relation => relations[row.relation] ?? 'none'

/** Stages a decision about an account. An older decision never overrides a newer one. */
export async function putRelation(
  rows: RowWriter,
  account: string,
  relation: Relation,
  at: number,
): Promise<void> {
  const { row } = await readPeer(rows, account)
  if (row.relationAt > at) return
  const { direct, ...rest } = row
  peerRows.put(rows, account, {
    ...rest,
    // What was allowed to a contact is not allowed to whoever is none.
    ...(direct === true && relation === 'accepted' ? { direct } : {}),
    relation: relations.indexOf(relation),
    relationAt: at,
  })
}

/** Stages whether calls with an account may go directly. It is allowed to this account id: another one under the name has to be allowed anew. */
export async function putDirect(rows: RowWriter, account: string, allowed: boolean): Promise<void> {
  const { row } = await readPeer(rows, account)
  check(!allowed || (relationOf(row) === 'accepted' && sendable({ row }) === 'yes'), 'call-refused', {
    reason: 'not a contact',
  })
  peerRows.put(rows, account, { ...row, direct: allowed })
}

/** Whether calls with an account may go directly, although there is a server that they could pass through. */
export const isDirect = ({ row, candidate }: Pick<Peer, 'row' | 'candidate'>): boolean =>
  row.direct === true && candidate === undefined

export function trustOf({ row, candidate }: Pick<Peer, 'row' | 'candidate'>, waiting = 0): Trust {
  const { chain, verifiedAt } = row
  if (chain === undefined) return { name: 'unknown' }
  if (candidate !== undefined) {
    const { accountId } = candidate
    return { name: 'changed', accountId, waiting, ...(verifiedAt === undefined ? {} : { verifiedAt }) }
  }
  return verifiedAt === undefined ? { name: 'unverified' } : { name: 'verified', verifiedAt }
}

/** Whether something may be written to the account, and if not, why. */
export function sendable({ row }: Pick<Peer, 'row'>): 'yes' | 'decision' | 'list' | 'unknown' {
  if (row.chain === undefined) return 'unknown'
  if (row.candidate !== undefined) return 'decision'
  return row.fork !== undefined || row.doubt !== undefined ? 'list' : 'yes'
}

/** Stages that the person compared the safety number and it matched. */
export async function putVerified(rows: RowWriter, account: string, at: number): Promise<void> {
  const { row } = await readPeer(rows, account)
  if (row.chain !== undefined && row.candidate === undefined)
    peerRows.put(rows, account, { ...row, verifiedAt: at })
}

/** Stages that the person goes on with the account id that waits. What was compared was the old one. */
export async function acceptCandidate(rows: RowWriter, account: string): Promise<boolean> {
  const { row, candidate } = await readPeer(rows, account)
  if (candidate === undefined) return false
  const { relation, relationAt, fetchedAt } = row
  peerRows.put(rows, account, { account, chain: encodeChain(candidate), relation, relationAt, fetchedAt })
  return true
}
