import {
  accountNewsBody,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  sessionBody,
  type Address,
} from '@sotto/protocol'
import type { Relation } from '../client-api.js'
import { nextClock } from '../messages/clock.js'
import { enqueue } from '../messages/outbox.js'
import { devicesOf } from '../peers/devices-of.js'
import { putRelation, readPeer } from '../peers/peer.js'
import { readSessions } from '../sessions/session-rows.js'
import type { RowWriter } from '../store/rows.js'

export interface Decision {
  readonly account: string
  readonly relation: Relation
  /** As it stands in `accountNews`. */
  readonly decision: number
  readonly own: Address | undefined
  readonly now: number
}

/**
 * Stages what the person decided about an account, tells their other devices, and, where the account was accepted, answers the sessions that
 * had to stay silent. The backend and the other account are told nothing.
 */
export async function decide(
  rows: RowWriter,
  { account, relation, decision, own, now }: Decision,
): Promise<void> {
  await putRelation(rows, account, relation, now)
  const { chain } = await readPeer(rows, account)
  if (chain === undefined || own === undefined) return
  const contacts = [{ account, accountId: chain.accountId, decision, at: now }]
  const body = encodeBodyOf(accountNewsBody, { contacts, ext: emptyExt })
  enqueue(rows, {
    account,
    type: contentTypes.accountNews.type,
    body,
    clock: await nextClock(rows, now),
    own: true,
  })
  if (relation !== 'accepted') return
  for (const { address } of devicesOf(chain)) {
    const { sessions } = await readSessions(rows, address)
    if (!sessions.some((one) => one.answered && one.unanswered > 0)) continue
    const { accountId, device } = address
    const answer = encodeBodyOf(sessionBody, { ext: emptyExt })
    enqueue(rows, {
      account,
      type: contentTypes.session.type,
      body: answer,
      clock: await nextClock(rows, now),
      only: { accountId, device },
    })
  }
}
