import {
  SottoError,
  check,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  limits,
  randomBytes,
  textBody,
  toHex,
  utf8,
} from '@sotto/protocol'
import type { TextDraft } from '../client-api.js'
import { nextClock } from '../messages/clock.js'
import { enqueue, sortKey } from '../messages/outbox.js'
import { putRelation, readPeer, relationOf } from '../peers/peer.js'
import type { RowWriter } from '../store/rows.js'
import { conversationRows, messageRows } from '../store/tables.js'

/** Halves of a character: UTF-8 has no place for them. */
const loneSurrogates = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** The body of a text as it goes over the wire. Throws `wrong-argument` or `too-large`. */
export function textOf(content: string | TextDraft): Uint8Array {
  const { text, ranges = [] } = typeof content === 'string' ? { text: content } : content
  if (typeof text !== 'string' || text.trim() === '') throw new SottoError('wrong-argument', { name: 'text' })
  check(utf8(text).length <= limits.text, 'too-large', { limit: limits.text })
  try {
    return encodeBodyOf(textBody, { text: text.replace(loneSurrogates, '\uFFFD'), ranges, ext: emptyExt })
  } catch (cause) {
    throw new SottoError('wrong-argument', { name: 'text' }, { cause })
  }
}

/** Stages a message of ours and its outbox entry: what the person sees and what is sent are one commit. */
export async function putMessage(
  rows: RowWriter,
  own: { readonly accountId: string; readonly device: string },
  account: string,
  body: Uint8Array,
  now: number,
): Promise<{ readonly id: string; readonly key: string }> {
  const peer = await readPeer(rows, account)
  check(relationOf(peer.row) !== 'blocked', 'blocked')
  const clock = await nextClock(rows, now)
  const id = toHex(randomBytes(16))
  const key = `${account}/${sortKey(clock, id)}`
  const { type } = contentTypes.text
  const entry = enqueue(rows, {
    account,
    messageId: id,
    messageKey: key,
    type,
    body,
    clock,
    shownIfUnknown: true,
  })
  messageRows.put(rows, key, {
    messageId: id,
    mine: true,
    from: { accountId: own.accountId, device: own.device },
    type,
    body,
    clock,
    at: now,
    frankingKey: entry.row.frankingKey,
    progress: 0,
    copies: [],
    shownIfUnknown: true,
  })
  const row = (await conversationRows.get(rows, account)) ?? { account, at: 0, unread: 0 }
  conversationRows.put(rows, account, { ...row, at: Math.max(row.at, now), lastKey: key })
  // Whoever answers accepts.
  if (relationOf(peer.row) !== 'accepted') await putRelation(rows, account, 'accepted', now)
  return { id, key }
}
