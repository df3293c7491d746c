import {
  SottoError,
  check,
  decodeDeviceList,
  encodeChain,
  decodeChain,
  extendChain,
  hashOfList,
  startChain,
  type Chain,
  type Reference,
  type Signed,
} from '@sotto/protocol'
import type { PeerRow } from '../store/tables.js'

/** What came of lists that a directory gave: the row to store (the old one where nothing changed). */
export interface ListUpdate {
  readonly row: PeerRow
  readonly changed: boolean
}

/**
 * Takes an account's lists as a directory gave them. Nothing is believed: every list is verified against the one before, another account id
 * than the pinned one only ever becomes a candidate, and goes again when the directory stands by the pinned one; a second list of one place is
 * evidence of a fork. `lists` is either what follows the
 * newest list known, or a whole chain from its first. Throws `malformed`, `bad-signature`, `device-list-rejected`.
 */
export function updateLists(row: PeerRow, realm: string, lists: readonly Signed[], now: number): ListUpdate {
  const [first] = lists
  const fetched: PeerRow = { ...row, fetchedAt: now }
  if (first === undefined) return standingBy(fetched)
  const { account } = row
  const { sequence } = decodeDeviceList(first.bytes)
  if (row.chain === undefined) {
    const { chain, before } = wholeChain(lists, { realm, account })
    return { row: withChain(fetched, chain, before), changed: true }
  }
  const pinned = decodeChain(row.chain)
  if (sequence !== 1) return follow(fetched, pinned, undefined, lists)
  const start = startChain(first, { realm, account })
  if (start.accountId === pinned.accountId) return compareWhole(fetched, pinned, lists)
  check(start.list.era > pinned.list.era, 'device-list-rejected', {
    reason: 'an era not above the pinned one',
  })
  const { chain } = wholeChain(lists, { realm, account })
  return { row: { ...fetched, candidate: encodeChain(chain) }, changed: true }
}

function wholeChain(
  lists: readonly Signed[],
  expected: { readonly realm: string; readonly account: string },
) {
  const [first, ...rest] = lists
  if (first === undefined) throw new SottoError('device-list-rejected', { reason: 'no list' })
  let chain = startChain(first, expected)
  let before: Chain | undefined
  for (const one of rest) [before, chain] = [chain, extendChain(chain, one)]
  return { chain, before }
}

/** Lists after the newest one we know. */
function follow(
  row: PeerRow,
  pinned: Chain,
  before: Chain | undefined,
  lists: readonly Signed[],
): ListUpdate {
  let chain = pinned
  for (const one of lists) {
    const { sequence } = decodeDeviceList(one.bytes)
    if (sequence <= chain.list.sequence) {
      const fork = evidence(row, chain, one)
      if (fork) return { row: { ...row, fork: one }, changed: true }
      continue
    }
    ;[before, chain] = [chain, extendChain(chain, one)]
  }
  if (chain === pinned) return standingBy(row)
  return { row: withChain(row, chain, before), changed: true }
}

/** A whole chain of the account that is pinned: where it parts from ours, that is a fork; where it goes on, it is news. */
function compareWhole(row: PeerRow, pinned: Chain, lists: readonly Signed[]): ListUpdate {
  const { chain, before } = wholeChain(lists, pinned)
  const same = lists[pinned.list.sequence - 1]
  if (same === undefined) return { row, changed: false }
  if (hashOfList(same.bytes) !== pinned.hash) return { row: { ...row, fork: same }, changed: true }
  if (chain.hash === pinned.hash) return standingBy(row)
  return { row: withChain(row, chain, before), changed: true }
}

/** Whether `one` is a second list of the newest one's place, signed as such a list must be. */
function evidence(row: PeerRow, chain: Chain, one: Signed): boolean {
  if (hashOfList(one.bytes) === chain.hash || row.before === undefined) return false
  const before = decodeChain(row.before)
  if (decodeDeviceList(one.bytes).sequence !== before.list.sequence + 1) return false
  extendChain(before, one)
  return true
}

/**
 * The directory says that the pinned account is the newest it knows. What it said of another id before is over: one false answer must not
 * stop a conversation for good, with the false id as the only way on.
 */
function standingBy({ candidate, ...row }: PeerRow): ListUpdate {
  return { row, changed: candidate !== undefined }
}

function withChain(row: PeerRow, chain: Chain, before: Chain | undefined): PeerRow {
  const { before: _before, candidate: _candidate, doubt, ...rest } = row
  const settled = doubt === undefined || settles(chain, doubt)
  return {
    ...rest,
    chain: encodeChain(chain),
    ...(before === undefined ? {} : { before: encodeChain(before) }),
    ...(settled ? {} : { doubt }),
  }
}

/** Whether the chain is what a doubtful reference spoke of, or beyond it. */
export function settles(chain: Chain, doubt: Reference): boolean {
  if (doubt.accountId !== chain.accountId || doubt.era !== chain.list.era) return true
  if (doubt.sequence === chain.list.sequence) return doubt.hash === chain.hash
  return chain.list.sequence > doubt.sequence
}
