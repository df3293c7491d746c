import type { Channel, Sender } from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import { otherDevice } from '../peers/devices-of.js'
import { readPeer, relationOf } from '../peers/peer.js'
import type { OtherDevice } from '../sessions/sessions.js'
import type { RowReader } from '../store/rows.js'
import { keptReasons, type Verdict } from './verdict.js'

/** What becomes of a delivery whose sender is on no list that was verified. `fetch`: the account whose lists have to be fetched before. */
export interface NotFound {
  readonly verdict: Verdict
  readonly fetch?: string
}

/** Who it is from, on lists that were verified; or what becomes of it without that. */
export async function findSender(
  rows: RowReader,
  { chain: ownChain, address }: OwnDevice,
  from: Sender,
): Promise<NotFound | { readonly other: OtherDevice; readonly channel: Channel }> {
  if (from.account === address.account) {
    if (from.accountId !== address.accountId || from.device === address.device)
      return dropped('unknown-device')
    const other = otherDevice(ownChain, from.device)
    if (other !== undefined) return { other, channel: 'own' }
    const isRetired = ownChain.retired.has(from.device)
    return kept(isRetired ? keptReasons.removedDevice : keptReasons.noList, from.account)
  }
  const { row, chain } = await readPeer(rows, from.account)
  const relation = relationOf(row)
  if (relation === 'blocked') return dropped('blocked')
  if (chain === undefined) return kept(keptReasons.noList, from.account)
  if (chain.accountId !== from.accountId) return kept(keptReasons.changed, from.account)
  const other = otherDevice(chain, from.device)
  if (other !== undefined) return { other, channel: relation === 'accepted' ? 'peer' : 'stranger' }
  if (chain.retired.has(from.device)) return kept(keptReasons.removedDevice)
  return kept(keptReasons.noList, from.account)
}

const dropped = (code: 'blocked' | 'unknown-device'): NotFound => ({ verdict: { name: 'dropped', code } })

function kept(reason: (typeof keptReasons)[keyof typeof keptReasons], fetch?: string): NotFound {
  return { verdict: { name: 'kept', reason }, ...(fetch === undefined ? {} : { fetch }) }
}
