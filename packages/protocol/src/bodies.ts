import { accountId, accountName } from './address.js'
import { decode, encode } from './codec.js'
import { conversationId, messageId, numberShape } from './content.js'
import { deviceId } from './address.js'
import { envelopeId } from './envelope.js'
import { rangeKinds } from './range-kinds.js'
import { ext, understand, type Ext } from './ext.js'
import { limits } from './limits.js'
import { id, list, refine, text, uint, type Shape, type Shaped } from './shape.js'
import { field, optional, struct } from './struct.js'

/** A stretch of a text, of one of the `rangeKinds`. `start` and `length` count UTF-16 code units. */
const range = struct({
  start: field(1, uint(limits.text)),
  length: field(2, uint(limits.text, 1)),
  kind: field(3, uint(255, 1)),
  /** Of a mention: whom. */
  account: optional(4, accountName),
})
export type TextRange = Shaped<typeof range>

const textLayout = struct({
  text: field(1, text(limits.text)),
  ranges: field(2, list(range, limits.ranges)),
  reply: optional(3, struct({ messageId: field(1, messageId), hash: field(2, id(32)) })),
  ext: field(4, ext),
})
export type TextBody = Shaped<typeof textLayout>

/**
 * Plain text with ranges; no markup is ever parsed out of it. Ranges lie inside the text and cut no character in two; a mention, and of the
 * kinds we know only that, names an account. `reply` names the quoted message and its hash.
 */
export const textBody = refine(textLayout, 'range', ({ text: whole, ranges }: TextBody) =>
  ranges.every(({ start, length, kind, account }) => {
    const end = start + length
    const named = kind > rangeKinds.link || (kind === rangeKinds.mention) === (account !== undefined)
    return named && end <= whole.length && !cutsCharacter(whole, start) && !cutsCharacter(whole, end)
  }),
)

/** Whether `at` lies between the two halves of a character. */
function cutsCharacter(whole: string, at: number): boolean {
  return (whole.charCodeAt(at) & 0xfc00) === 0xdc00
}

const spanLayout = struct({
  run: field(1, uint(0xffff_ffff)),
  first: field(2, uint(0xffff_ffff, 1)),
  last: field(3, uint(0xffff_ffff, 1)),
})
/** A stretch of numbers of one run, both ends included. */
export type NumberRange = Shaped<typeof spanLayout>
const span = refine(spanLayout, 'span', ({ first, last }: NumberRange) => first <= last)

/** What an account has from one sending device: everything up to `upTo`, without `missing`. */
const covered = struct({
  device: field(1, deviceId),
  upTo: field(2, numberShape),
  missing: field(3, list(span, limits.receiptRanges)),
})

export const receiptBody = struct({
  delivered: field(1, list(covered, limits.devices * 2)),
  read: field(2, list(covered, limits.devices * 2)),
  ext: field(3, ext),
})
export type ReceiptBody = Shaped<typeof receiptBody>
export type Covered = ReceiptBody['delivered'][number]

const named = struct({
  envelopes: field(1, list(envelopeId, limits.unreadItems)),
  numbers: field(2, list(span, limits.unreadItems)),
  conversation: optional(3, conversationId),
  ext: field(4, ext),
})
export type UnreadBody = Shaped<typeof named>
export type GoneBody = Shaped<typeof named>

const hasConversation = ({ numbers, conversation }: UnreadBody) =>
  numbers.length === 0 || conversation !== undefined

/** Asks for what could not be read (by envelope id) or has not come (by number, of one conversation). */
export const unreadBody = refine(named, 'conversation', hasConversation)

/** Says what will never come. */
export const goneBody = refine(named, 'conversation', hasConversation)

/** An empty answer that heals a session which only receives. */
export const sessionBody = struct({ ext: field(1, ext) })
export type SessionBody = Shaped<typeof sessionBody>

/** What the person decided about other accounts, told to their other devices. The newest `at` (milliseconds since 1970) wins. */
export const accountNewsBody = struct({
  contacts: field(
    1,
    list(
      struct({
        account: field(1, accountName),
        accountId: field(2, accountId),
        /** 1 accepted, 2 blocked, 3 unblocked, 4 deleted. */
        decision: field(3, uint(4, 1)),
        at: field(4, uint()),
      }),
      256,
    ),
  ),
  ext: field(2, ext),
})
export type AccountNewsBody = Shaped<typeof accountNewsBody>

/** News of a removed device: the last number it gave in the conversation. */
export const deviceNewsBody = struct({
  removed: field(
    1,
    list(struct({ device: field(1, deviceId), last: optional(2, numberShape) }), limits.devices),
  ),
  ext: field(2, ext),
})
export type DeviceNewsBody = Shaped<typeof deviceNewsBody>

export function encodeBodyOf<T>(shape: Shape<T>, value: T): Uint8Array {
  return encode(shape, value)
}

/** Decodes the body of a content. Throws `malformed`, `too-large`, or `unsupported-version` for an even `ext` key newer than us. */
export function decodeBodyOf<T extends { readonly ext: Ext }>(shape: Shape<T>, encoded: Uint8Array): T {
  const value = decode(shape, encoded, limits.content)
  understand(value.ext)
  return value
}

export const decodeText = (encoded: Uint8Array): TextBody => decodeBodyOf(textBody, encoded)
