import fc from 'fast-check'
import { assert, test } from '#test'
import {
  accountNewsBody,
  contentTypeOf,
  contentTypes,
  decodeBodyOf,
  decodeText,
  deviceNewsBody,
  emptyExt,
  encodeBodyOf,
  goneBody,
  limits,
  rangeKinds,
  receiptBody,
  sessionBody,
  textBody,
  toHex,
  unreadBody,
  utf8,
  type TextBody,
  type UnreadBody,
} from '@sotto/protocol'
import { filled, idOf, now } from './made.js'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

const { bold, mention, link } = rangeKinds
const textOf = (text: string, change: Partial<TextBody> = {}): TextBody => ({
  text,
  ranges: [],
  ext: emptyExt,
  ...change,
})
const decoded = (text: string, change: Partial<TextBody> = {}) =>
  decodeText(encodeBodyOf(textBody, textOf(text, change)))
const range = (start: number, length: number, kind: number = bold) => ({ start, length, kind })

test('a text goes over the wire whole, with its ranges', () => {
  const anyText = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .map((text) => ({ text, length: text.length }))
  fc.assert(
    fc.property(anyText, ({ text, length }) => {
      const encoded = encodeBodyOf(textBody, textOf(text, { ranges: [range(0, length)] }))
      const again = decodeText(encoded)
      assert.equal(again.text, text)
      assert.equal(toHex(encodeBodyOf(textBody, again)), toHex(encoded))
    }),
    { seed },
  )
})

test('a text is at most 16 KiB of UTF-8', () => {
  const longest = 'é'.repeat(limits.text / 2)
  assert.equal(decoded(longest).text, longest)
  refuses(() => decoded(`${longest}a`), 'malformed')
  assert.lengthOf(utf8(longest), limits.text)
})

test('a range lies inside the text', () => {
  decoded('hello', { ranges: [range(0, 5), range(4, 1)] })
  for (const one of [
    range(0, 6),
    range(5, 1),
    range(4, 2),
    range(0, 0),
    range(-1, 2),
    range(16_384, 16_384),
  ]) {
    refuses(() => decoded('hello', { ranges: [one] }), 'malformed')
  }
})

test('a range cuts no character in two', () => {
  decoded('a\u{1F600}b', { ranges: [range(0, 1), range(1, 2), range(3, 1), range(0, 4)] })
  for (const one of [range(0, 2), range(2, 1), range(2, 2)])
    refuses(() => decoded('a\u{1F600}b', { ranges: [one] }), 'malformed', 'range')
})

test('a mention names an account, and of the kinds we know only that does', () => {
  const named = { ...range(0, 4, mention), account: 'bob' }
  assert.equal(decoded('@bob', { ranges: [named] }).ranges[0]?.account, 'bob')
  refuses(() => decoded('@bob', { ranges: [range(0, 4, mention)] }), 'malformed', 'range')
  refuses(() => decoded('@bob', { ranges: [{ ...named, kind: link }] }), 'malformed', 'range')
  refuses(() => decoded('@bob', { ranges: [{ ...named, account: 'Bob' }] }), 'malformed')
  // A kind that is newer than us may do either.
  decoded('@bob', { ranges: [{ ...named, kind: 7 }, range(0, 4, 255)] })
})

test('a text has at most 256 ranges', () => {
  const ranges = Array.from({ length: limits.ranges }, () => range(0, 1))
  assert.lengthOf(decoded('a', { ranges }).ranges, limits.ranges)
  refuses(() => decoded('a', { ranges: [...ranges, range(0, 1)] }), 'malformed')
})

test('a reply names the quoted message by its id and its hash', () => {
  const reply = { messageId: idOf(1), hash: idOf(2, 32) }
  assert.deepEqual({ ...decoded('yes', { reply }).reply }, reply)
  refuses(() => decoded('yes', { reply: { ...reply, hash: idOf(2, 16) } }), 'malformed')
})

const span = (first: number, last: number, run = 1) => ({ run, first, last })
const asking = (change: Partial<UnreadBody>): UnreadBody => ({
  envelopes: [],
  numbers: [],
  ext: emptyExt,
  ...change,
})

test('what is asked for or gone is named by envelope, or by number in a conversation', () => {
  const conversation = idOf(1, 32)
  for (const shape of [unreadBody, goneBody]) {
    const through = (change: Partial<UnreadBody>) => decodeBodyOf(shape, encodeBodyOf(shape, asking(change)))
    assert.deepEqual(through({ envelopes: [idOf(1), idOf(2)] }).envelopes, [idOf(1), idOf(2)])
    assert.lengthOf(through({ numbers: [span(1, 1), span(3, 9)], conversation }).numbers, 2)
    refuses(() => through({ numbers: [span(1, 1)] }), 'malformed', 'conversation')
    refuses(() => through({ numbers: [span(2, 1)], conversation }), 'malformed', 'span')
    refuses(() => through({ numbers: [span(0, 1)], conversation }), 'malformed')
    const many = limits.unreadItems + 1
    refuses(() => through({ envelopes: Array.from({ length: many }, () => idOf(1)) }), 'malformed')
    refuses(
      () => through({ numbers: Array.from({ length: many }, (_, i) => span(i + 1, i + 1)), conversation }),
      'malformed',
    )
  }
})

test('a receipt covers up to a number, without at most 64 ranges', () => {
  const covering = (missing: readonly ReturnType<typeof span>[]) => {
    const body = {
      delivered: [{ device: idOf(1), upTo: { run: 1, n: 99 }, missing }],
      read: [],
      ext: emptyExt,
    }
    return decodeBodyOf(receiptBody, encodeBodyOf(receiptBody, body)).delivered[0]?.missing
  }
  const most = Array.from({ length: limits.receiptRanges }, (_, i) => span(i + 1, i + 1))
  assert.lengthOf(covering(most) ?? [], limits.receiptRanges)
  refuses(() => covering([...most, span(90, 91)]), 'malformed')
  refuses(() => covering([span(5, 4)]), 'malformed', 'span')
})

test('a session’s answer is empty', () => {
  assert.equal(toHex(encodeBodyOf(sessionBody, { ext: emptyExt })), 'a101a0')
})

test('news of accounts and devices go over the wire whole', () => {
  const contact = { account: 'bob', accountId: idOf(2, 32), decision: 2, at: now }
  const news = decodeBodyOf(
    accountNewsBody,
    encodeBodyOf(accountNewsBody, { contacts: [contact], ext: emptyExt }),
  )
  assert.deepEqual({ ...news.contacts[0] }, contact)
  for (const decision of [0, 5]) {
    refuses(
      () => encodeBodyOf(accountNewsBody, { contacts: [{ ...contact, decision }], ext: emptyExt }),
      'malformed',
    )
  }
  const removed = [{ device: idOf(1), last: { run: 1, n: 5 } }, { device: idOf(2) }]
  const devices = decodeBodyOf(deviceNewsBody, encodeBodyOf(deviceNewsBody, { removed, ext: emptyExt }))
  assert.deepEqual(
    devices.removed.map(({ last }) => last?.n),
    [5, undefined],
  )
})

test('an even key of any body’s ext must be understood', () => {
  const odd = new Map([[1, filled(1, 1)]])
  const even = new Map([[2, filled(1, 1)]])
  decodeBodyOf(sessionBody, encodeBodyOf(sessionBody, { ext: odd }))
  refuses(
    () => decodeBodyOf(sessionBody, encodeBodyOf(sessionBody, { ext: even })),
    'unsupported-version',
    'ext',
  )
  refuses(() => decoded('a', { ext: even }), 'unsupported-version', 'ext')
})

test('a body is at most 64 KiB', () => {
  refuses(() => decodeBodyOf(sessionBody, new Uint8Array(limits.content + 1)), 'too-large')
})

test('each type of content has a number of its own, and none that is kept free', () => {
  const numbers = Object.values(contentTypes).map(({ type }) => type)
  assert.equal(new Set(numbers).size, numbers.length)
  for (const number of numbers) assert.isTrue(number < 32 || number > 47)
  assert.equal(contentTypeOf(contentTypes.text.type), 'text')
  for (const unknown of [0, 32, 47, 500, -1, NaN]) assert.isUndefined(contentTypeOf(unknown))
})

test('a stranger may send a text and nothing else', () => {
  const open = Object.entries(contentTypes).filter(([, { channels }]) =>
    (channels as readonly string[]).includes('stranger'),
  )
  assert.deepEqual(
    open.map(([name]) => name),
    ['text'],
  )
})

test('what stays in the thread is numbered, and nothing else is', () => {
  const numbered = Object.entries(contentTypes).filter(([, rule]) => rule.numbered)
  assert.sameMembers(
    numbered.map(([name]) => name),
    ['text', 'attachment', 'reaction', 'edit', 'delete', 'timer', 'poll'],
  )
})

test('what the person decided about others comes from their own devices alone', () => {
  assert.deepEqual(contentTypes.accountNews.channels, ['own'])
})
