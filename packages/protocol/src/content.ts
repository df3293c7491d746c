import { accountId, accountName, address, realm, sameAddress } from './address.js'
import { toHex } from './bytes.js'
import { decode, encode } from './codec.js'
import { check } from './errors.js'
import { ext, understand } from './ext.js'
import { labelledHash, labels } from './labels.js'
import { limits } from './limits.js'
import { references } from './references.js'
import { sessionNameShape } from './envelope.js'
import { bool, bytes, id, list, uint, union, type Shaped } from './shape.js'
import { field, optional, struct } from './struct.js'

/** A message's id: 128 random bits, the same in all copies. */
export const messageId = id(16)

/** A conversation's id: a hash over the realm and both account ids. */
export const conversationId = id(32)

const member = struct({ account: field(1, accountName), accountId: field(2, accountId) })
export type Member = Shaped<typeof member>

/** Tag 1: two people, ordered by account id. Tag 2 is kept for groups. */
export const conversationShape = union({ pair: [1, struct({ members: field(1, list(member, 2, 2)) })] })
export type ConversationKey = Shaped<typeof conversationShape>

/** A message's place among its device's: `run` is the epoch in which the device began to count, `n` starts at 1. */
export const numberShape = struct({ run: field(1, uint(0xffff_ffff)), n: field(2, uint(0xffff_ffff, 1)) })
export type MessageNumber = Shaped<typeof numberShape>

/** Hybrid logical clock: milliseconds since 1970 and 16 logical bits. */
export const clockShape = struct({ ms: field(1, uint()), logical: field(2, uint(0xffff)) })
export type Clock = Shaped<typeof clockShape>

/** What every content begins with. Copies of one message differ in `to`, `session`, `since` and `given` alone. */
export const header = struct({
  from: field(1, address),
  to: field(2, address),
  conversation: field(3, conversationShape),
  messageId: field(4, messageId),
  /** Absent in what does not stay in the thread. */
  number: optional(5, numberShape),
  /** In the first of a run: the last number this device gave in the run before. */
  after: optional(6, numberShape),
  /** The first number that the recipient device may expect of the sending device. */
  since: optional(7, numberShape),
  session: field(8, sessionNameShape),
  /** Both sides' lists that the sender wrote against, ordered by account id. */
  lists: field(9, references),
  clock: field(10, clockShape),
  frankingKey: field(11, bytes(32)),
  /** Whether somebody who does not know the type is told to update, or sees nothing. */
  shownIfUnknown: field(12, bool),
  ext: field(13, ext),
  /** The last number that the sending device has given here, where it is above the content's own: what has not come of those up to it is missing. */
  given: optional(14, numberShape),
})
export type Header = Shaped<typeof header>

/** What a plaintext says. `body` is the encoded body of its type, kept as its exact bytes. */
export const content = struct({
  header: field(1, header),
  type: field(2, uint(65_535, 1)),
  body: field(3, bytes(0, limits.content)),
})
export type Content = Shaped<typeof content>

export const encodeContent = (value: Content): Uint8Array => encode(content, value)

/** Decodes a content and checks what it must satisfy alone. Throws `malformed`, `too-large`, `unsupported-version`. */
export function decodeContent(encoded: Uint8Array): Content {
  const value = decode(content, encoded, limits.content)
  understand(value.header.ext)
  const { conversation, from, to, number, after, since, given, lists } = value.header
  checkMembers(conversation)
  const ids = conversation.members.map((one) => one.accountId)
  check(
    conversation.members.some((one) => one.accountId === from.accountId && one.account === from.account),
    'wrong-conversation',
  )
  check(
    conversation.members.some((one) => one.accountId === to.accountId && one.account === to.account),
    'wrong-conversation',
  )
  check(from.realm === to.realm, 'wrong-conversation')
  check(!sameAddress(from, to), 'wrong-conversation')
  check(lists.length === 2 && lists.every((one, i) => one.accountId === ids[i]), 'malformed', {
    what: 'lists',
  })
  check(after === undefined || (number?.n === 1 && after.run < number.run), 'malformed', { what: 'after' })
  const isExpected = number !== undefined || given !== undefined
  check(!isExpected || since !== undefined, 'malformed', { what: 'since' })
  return value
}

function checkMembers(key: ConversationKey): void {
  const [a, b] = key.members
  check(
    a !== undefined && b !== undefined && a.accountId < b.accountId && a.account !== b.account,
    'malformed',
    { what: 'members' },
  )
}

/** The conversation of two accounts. */
export function pairOf(a: Member, b: Member): ConversationKey {
  return { type: 'pair', members: a.accountId < b.accountId ? [a, b] : [b, a] }
}

const conversationLayout = struct({ realm: field(1, realm), members: field(2, list(accountId, 2, 2)) })

/** The conversation's id: SHA-256 over the realm and the two account ids, 64 hexadecimal digits. */
export function conversationIdOf(inRealm: string, key: ConversationKey): string {
  const encoded = encode(conversationLayout, {
    realm: inRealm,
    members: key.members.map((one) => one.accountId),
  })
  return toHex(labelledHash(labels.conversation, encoded))
}

const messageLayout = struct({
  conversation: field(1, conversationId),
  messageId: field(2, messageId),
  accountId: field(3, accountId),
  device: field(4, id(16)),
  number: optional(5, numberShape),
  clock: field(6, clockShape),
  type: field(7, uint(65_535, 1)),
  body: field(8, bytes(0, limits.content)),
})

/**
 * The message hash, by which quotes and reports name a message: the same for all its copies. 64 hexadecimal digits. `conversation` is the id
 * of the content's, for who knows it already.
 */
export function messageHash(
  { header: { from, ...head }, type, body }: Content,
  conversation = conversationIdOf(from.realm, head.conversation),
): string {
  const { messageId, number, clock } = head
  const { accountId, device } = from
  const layout = { conversation, messageId, accountId, device, clock, type, body }
  return toHex(
    labelledHash(
      labels.message,
      encode(messageLayout, number === undefined ? layout : { ...layout, number }),
    ),
  )
}
