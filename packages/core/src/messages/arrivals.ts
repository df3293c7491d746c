import {
  accountNewsBody,
  contentTypeOf,
  decodeBodyOf,
  decodeText,
  deviceNewsBody,
  goneBody,
  messageHash,
  receiptBody,
  sessionBody,
  unreadBody,
  type Channel,
  type Clock,
  type Content,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import { takeSignal, type CallNews } from '../calls/call-arrivals.js'
import { putRelation, readPeer, relationOf } from '../peers/peer.js'
import type { Relation } from '../client-api.js'
import type { RowWriter } from '../store/rows.js'
import { conversationRows, messageIdRows, messageRows, type MessageRow } from '../store/tables.js'
import { askForNumbers } from './asks.js'
import { learnClock, placeOf } from './clock.js'
import { withGone } from './gaps.js'
import { putReceived, readReceived } from './numbers.js'
import { isNumbered, sortKey } from './outbox.js'
import { applyOwnReceipt, applyReceipt } from './receipts.js'
import { answerUnread } from './resend.js'

/** A content that passed every check, and where it belongs. */
export interface Arrival {
  readonly content: Content
  readonly conversation: string
  /** The other account of the conversation. */
  readonly account: string
  readonly accountId: string
  readonly channel: Channel
  /** The relay's stamp, in milliseconds since 1970. */
  readonly stampedAt: number
  /** How far the relay's clock is ahead of ours, in milliseconds. */
  readonly aheadMs: number
  readonly now: number
  /** The earlier of our clock and the backend's, in milliseconds since 1970. */
  readonly earliest: number
  readonly own: OwnDevice
  /** Where it sorts. */
  readonly place: Clock
}

/** What is to be announced once it is committed. */
export type News =
  | { readonly name: 'message'; readonly account: string; readonly key: string; readonly row: MessageRow }
  | CallNews
  | { readonly name: 'nothing' }

/** Stages what a content says, by its type. Throws `malformed` for a body that is not what its type asks for. */
export async function stage(rows: RowWriter, arrival: Arrival): Promise<News> {
  const { content, channel, now } = arrival
  const news = await route(rows, arrival)
  await learnClock(rows, content.header.clock, now)
  if (channel === 'own' && isNumbered(content.type)) await putRelation(rows, arrival.account, 'accepted', now)
  return news
}

async function route(rows: RowWriter, arrival: Arrival): Promise<News> {
  const { content, conversation, account, accountId, channel } = arrival
  const { body } = content
  const type = contentTypeOf(content.type)
  switch (type) {
    case 'text':
      decodeText(body)
      return stageMessage(rows, arrival)
    case 'receipt': {
      const receipt = decodeBodyOf(receiptBody, body)
      if (channel === 'own') {
        await applyOwnReceipt(rows, conversation, accountId, receipt)
        if (receipt.read.length > 0) await recount(rows, account)
      } else await applyReceipt(rows, conversation, receipt)
      return { name: 'thread', account }
    }
    case 'call':
      return stageCall(rows, arrival)
    case 'session':
      decodeBodyOf(sessionBody, body)
      return { name: 'nothing' }
    case 'unread':
      if (channel !== 'stranger') {
        const { from } = content.header
        const asked = decodeBodyOf(unreadBody, body)
        const { now, earliest } = arrival
        await answerUnread(rows, { account, conversation, from, channel, body: asked, now, earliest })
      }
      return { name: 'nothing' }
    case 'gone':
      await markGone(rows, arrival)
      return { name: 'thread', account }
    case 'deviceNews':
      decodeBodyOf(deviceNewsBody, body)
      return { name: 'nothing' }
    case 'accountNews':
      for (const one of decodeBodyOf(accountNewsBody, body).contacts) {
        const { chain } = await readPeer(rows, one.account)
        if (chain !== undefined && chain.accountId !== one.accountId) continue
        await putRelation(rows, one.account, decided[one.decision] ?? 'none', one.at)
      }
      return { name: 'thread', account }
    default:
      // Newer than us, or not for us to show yet: kept whole, so that an update can show it.
      return content.header.shownIfUnknown || isNumbered(content.type)
        ? stageMessage(rows, arrival)
        : { name: 'nothing' }
  }
}

async function stageCall(rows: RowWriter, arrival: Arrival): Promise<News> {
  const { content, conversation, account, channel, own, stampedAt, aheadMs, now } = arrival
  const { from, messageId } = content.header
  const news = await takeSignal(rows, {
    body: content.body,
    messageId,
    account,
    from: { device: from.device, own: channel === 'own' },
    own,
    stampedAt,
    relayNow: now + aheadMs,
    now,
    // Stamped by the relay's clock, shown by ours.
    place: placeOf(content.header.clock, undefined, stampedAt - aheadMs),
  })
  // Shown once, ever: also when the call is long over.
  messageIdRows.put(rows, messageIdKey(conversation, from.accountId, messageId), { key: '' })
  return news
}

const decided: Readonly<Record<number, Relation>> = { 1: 'accepted', 2: 'blocked', 3: 'accepted', 4: 'none' }

async function stageMessage(rows: RowWriter, arrival: Arrival): Promise<News> {
  const { content, conversation, account, channel, stampedAt, place: clock } = arrival
  const { header, type, body } = content
  const mine = channel === 'own'
  const key = `${account}/${sortKey(clock, header.messageId)}`
  const message: MessageRow = {
    messageId: header.messageId,
    mine,
    from: { accountId: header.from.accountId, device: header.from.device },
    type,
    body,
    clock,
    at: Math.min(clock.ms, stampedAt),
    ...(header.number === undefined ? {} : { number: header.number }),
    frankingKey: header.frankingKey,
    progress: 1,
    copies: [],
    shownIfUnknown: header.shownIfUnknown,
    hash: messageHash(content, conversation),
  }
  messageRows.put(rows, key, message)
  messageIdRows.put(rows, messageIdKey(conversation, header.from.accountId, header.messageId), { key })
  const visible = isShown(content)
  const row = (await conversationRows.get(rows, account)) ?? { account, at: 0, unread: 0 }
  const newer = row.lastKey === undefined || key > row.lastKey
  const seen = mine || !visible
  conversationRows.put(rows, account, {
    ...row,
    at: Math.max(row.at, stampedAt),
    ...(newer ? { lastKey: key } : {}),
    unread: row.unread + (seen ? 0 : 1),
  })
  const { row: peer } = await readPeer(rows, account)
  if (relationOf(peer) === 'none' && !mine) await putRelation(rows, account, 'request', arrival.now)
  return visible ? { name: 'message', account, key, row: message } : { name: 'thread', account }
}

/** Whether the thread shows a content, if only as something that an update will show. */
export const isShown = ({ header, type }: Content): boolean =>
  header.shownIfUnknown || contentTypeOf(type) === 'text'

export const messageIdKey = (conversation: string, accountId: string, messageId: string): string =>
  `${conversation}.${accountId}.${messageId}`

/** A device says of its own numbers alone that they will never come. */
async function markGone(rows: RowWriter, { content, conversation, account, now }: Arrival): Promise<void> {
  const { numbers, conversation: named } = decodeBodyOf(goneBody, content.body)
  const { accountId, device } = content.header.from
  const row = await readReceived(rows, conversation, accountId, device)
  if (row === undefined || named !== conversation) return
  const next = { ...row, missing: withGone(row.missing, numbers) }
  putReceived(rows, conversation, accountId, next)
  await askForNumbers(rows, { account, accountId, device, conversation }, row, next, now)
}

/** What was read on another device is not unread here. */
async function recount(rows: RowWriter, account: string): Promise<void> {
  const row = await conversationRows.get(rows, account)
  if (row === undefined || row.unread === 0) return
  conversationRows.put(rows, account, {
    ...row,
    unread: 0,
    ...(row.lastKey === undefined ? {} : { readKey: row.lastKey }),
  })
}
