/** Who sent something to us, as far as the channel goes: another device of ours, an accepted account, or one that is not accepted yet. */
export type Channel = 'own' | 'peer' | 'stranger'

interface TypeRule {
  readonly type: number
  /** Stays in the thread: numbered per conversation and sending device. */
  readonly numbered: boolean
  readonly channels: readonly Channel[]
}

const everybody = ['own', 'peer', 'stranger'] as const
const accepted = ['own', 'peer'] as const
const rule = (type: number, numbered: boolean, channels: readonly Channel[]): TypeRule => ({
  type,
  numbered,
  channels,
})

/**
 * The types of content, and which may come through which channel. What is not named is refused.
 * 32 to 47 are kept for group state and the hand-out of keys.
 */
export const contentTypes = Object.freeze({
  text: rule(1, true, everybody),
  reaction: rule(2, true, accepted),
  edit: rule(3, true, accepted),
  delete: rule(4, true, accepted),
  receipt: rule(5, false, accepted),
  typing: rule(6, false, accepted),
  attachment: rule(7, true, accepted),
  timer: rule(8, true, accepted),
  poll: rule(9, true, accepted),
  call: rule(10, false, accepted),
  deviceNews: rule(11, false, accepted),
  unread: rule(12, false, accepted),
  gone: rule(13, false, accepted),
  session: rule(14, false, accepted),
  /** What one device of an account tells the others: whom the person accepted, blocked, deleted. */
  accountNews: rule(15, false, ['own']),
} as const)

export type ContentType = keyof typeof contentTypes

const byNumber: ReadonlyMap<number, ContentType> = new Map(
  Object.entries(contentTypes).map(([name, one]) => [one.type, name as ContentType]),
)

/** The type's name, or `undefined` for one that is newer than us. */
export const contentTypeOf = (type: number): ContentType | undefined => byNumber.get(type)
