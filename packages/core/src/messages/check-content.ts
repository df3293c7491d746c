import {
  check,
  contentTypeOf,
  contentTypes,
  conversationIdOf,
  decodeBodyOf,
  decodeContent,
  sameAddress,
  unreadBody,
  type Channel,
  type Content,
  type Member,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { OtherDevice } from '../sessions/sessions.js'
import { isNumbered } from './outbox.js'

export interface CheckedContent {
  readonly content: Content
  /** Its conversation's id. */
  readonly conversation: string
  /** The other account of the conversation. */
  readonly peer: Member
}

/**
 * Everything a content must satisfy after decryption and before anything of it is staged: who wrote it, to whom, in which session and
 * conversation, and whether its type may come this way. Throws `malformed`, `wrong-sender`, `wrong-recipient`, `wrong-conversation`,
 * `type-not-allowed`, `unsupported-version`.
 */
export function checkContent(
  encoded: Uint8Array,
  expected: { readonly own: OwnDevice; readonly from: OtherDevice; readonly session: string },
): CheckedContent {
  const { own, from, session } = expected
  const content = decodeContent(encoded)
  const { header, type } = content
  check(sameAddress(header.from, from.address), 'wrong-sender')
  check(sameAddress(header.to, own.address), 'wrong-recipient')
  check(header.session === session, 'session-refused', { reason: 'another session' })
  const peer = header.conversation.members.find((one) => one.accountId !== own.address.accountId)
  // Cannot fail: `decodeContent` has found two members, and whom it is to among them.
  check(peer !== undefined, 'wrong-conversation')
  check(
    isNumbered(type) === (header.number !== undefined) || contentTypeOf(type) === undefined,
    'malformed',
    { what: 'number' },
  )
  return { content, conversation: conversationIdOf(own.address.realm, header.conversation), peer }
}

/** Whether a type may come through a channel. A type that is newer than us may come from whom we know. */
export function checkChannel(type: number, channel: Channel): void {
  const name = contentTypeOf(type)
  const channels: readonly Channel[] = name === undefined ? ['own', 'peer'] : contentTypes[name].channels
  check(channels.includes(channel), 'type-not-allowed')
}

/**
 * Whoever could not read something asks in a first message, which nobody writes without the device's identity key: a thief of a session gets
 * nothing sent again. Throws `malformed`, `type-not-allowed`.
 */
export function checkQuestion({ type, body }: Content, isFirst: boolean): void {
  if (contentTypeOf(type) !== 'unread' || isFirst) return
  check(decodeBodyOf(unreadBody, body).envelopes.length === 0, 'type-not-allowed')
}
