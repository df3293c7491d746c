import fc from 'fast-check'
import { assert, test } from '#test'
import {
  conversationIdOf,
  decodeContent,
  encode,
  encodeContent,
  field,
  limits,
  messageHash,
  pairOf,
  struct,
  toHex,
  uint,
  type Content,
} from '@sotto/protocol'
import { addressNo, alice, bob, contentOf, filled, idOf, realm } from './made.js'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

type Header = Content['header']
const decoded = (change: Partial<Header>) => decodeContent(encodeContent(contentOf('hello', change)))
/** Without the fields that are named. */
const without = (...names: (keyof Header)[]) => {
  const content = contentOf('hello')
  const header = Object.fromEntries(
    Object.entries(content.header).filter(([name]) => !names.includes(name as keyof Header)),
  )
  return { ...content, header: header as unknown as Header }
}
const carol = addressNo('carol', idOf(0xca, 32), 3)

const number = fc.record({ run: fc.nat(0xffff_ffff), n: fc.integer({ min: 1, max: 0xffff_ffff }) })
const anyContent: fc.Arbitrary<Content> = fc
  .record({
    body: fc.uint8Array({ maxLength: 2000 }),
    type: fc.integer({ min: 1, max: 65_535 }),
    messageId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex),
    clock: fc.record({ ms: fc.maxSafeNat(), logical: fc.nat(65_535) }),
    numbers: fc.option(fc.record({ number, since: number })),
    shownIfUnknown: fc.boolean(),
    frankingKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    back: fc.boolean(),
  })
  .map(({ body, type, numbers, back, ...header }) => {
    const { number: _number, since: _since, ...rest } = contentOf('').header
    const direction = back ? { from: bob, to: alice } : {}
    return { header: { ...rest, ...header, ...(numbers ?? {}), ...direction }, type, body }
  })

test('a content goes over the wire whole, whatever it says', () => {
  fc.assert(
    fc.property(anyContent, (content) => {
      const encoded = encodeContent(content)
      const again = decodeContent(encoded)
      assert.equal(toHex(encodeContent(again)), toHex(encoded))
      assert.equal(toHex(again.body), toHex(content.body))
      assert.deepEqual({ ...again.header.clock }, content.header.clock)
    }),
    { seed, numRuns: 200 },
  )
})

test('a copy for another device of ours is the same content with another recipient', () => {
  const own = { ...alice, device: idOf(9) }
  assert.equal(decoded({ to: own }).header.to.device, own.device)
})

test('sender and recipient are both members, by name and by account id', () => {
  for (const change of [
    { from: carol },
    { to: carol },
    { from: { ...alice, account: 'alicia' } },
    { from: { ...alice, accountId: carol.accountId } },
    { to: { ...bob, account: 'bobby' } },
    { to: { ...bob, accountId: carol.accountId } },
    { from: { ...alice, accountId: bob.accountId } },
    { to: { ...bob, account: alice.account } },
  ]) {
    refuses(() => decoded(change), 'wrong-conversation')
  }
})

test('sender and recipient are of one realm, and are two devices', () => {
  refuses(() => decoded({ to: { ...bob, realm: 'example.org' } }), 'wrong-conversation')
  refuses(() => decoded({ to: alice }), 'wrong-conversation')
})

test('the members are two accounts, in the order of their ids, each once', () => {
  const [a, b] = pairOf(alice, bob).members
  if (a === undefined || b === undefined) throw new Error('two members')
  const members = (...all: Header['conversation']['members'][number][]) =>
    decoded({ conversation: { type: 'pair', members: all } })
  members(a, b)
  refuses(() => members(b, a), 'malformed', 'members')
  refuses(() => members(a, a), 'malformed', 'members')
  refuses(() => members(a, { ...b, account: a.account }), 'malformed', 'members')
  refuses(() => members({ ...a, accountId: b.accountId }, b), 'malformed', 'members')
  refuses(() => members(a), 'malformed')
  refuses(() => members(a, b, { account: 'carol', accountId: carol.accountId }), 'malformed')
})

test('a pair is the same from both ends', () => {
  assert.deepEqual(pairOf(alice, bob), pairOf(bob, alice))
  const id = conversationIdOf(realm, pairOf(alice, bob))
  assert.equal(conversationIdOf(realm, pairOf(bob, alice)), id)
  assert.notEqual(conversationIdOf('example.org', pairOf(alice, bob)), id)
  assert.notEqual(conversationIdOf(realm, pairOf(alice, carol)), id)
})

test('both sides’ lists are named, in the order of the members', () => {
  const { lists } = contentOf('').header
  const [a, b] = lists
  if (a === undefined || b === undefined) throw new Error('two lists')
  for (const wrong of [
    [a],
    [b],
    [a, a],
    [b, a],
    [a, { ...b, accountId: carol.accountId }],
    [a, b, { ...b, accountId: idOf(0xff, 32) }],
    [],
  ]) {
    refuses(() => decoded({ lists: wrong }), 'malformed')
  }
})

test('what has a number says from which on its reader may expect', () => {
  refuses(() => decodeContent(encodeContent(without('since'))), 'malformed', 'since')
  decodeContent(encodeContent(without('since', 'number')))
})

test('the first of a run, and no other, names the last number of an earlier run', () => {
  const after = { run: 1, n: 9 }
  assert.deepEqual({ ...decoded({ number: { run: 2, n: 1 }, after }).header.after }, after)
  refuses(() => decoded({ number: { run: 2, n: 2 }, after }), 'malformed', 'after')
  refuses(() => decoded({ number: { run: 1, n: 1 }, after }), 'malformed', 'after')
  refuses(() => decoded({ number: { run: 0, n: 1 }, after }), 'malformed', 'after')
  refuses(
    () =>
      decodeContent(
        encodeContent({
          ...without('number', 'since'),
          header: { ...without('number', 'since').header, after },
        }),
      ),
    'malformed',
    'after',
  )
})

test('numbers, clocks, types and keys keep inside their bounds', () => {
  for (const change of [
    { number: { run: 0, n: 0 } },
    { number: { run: -1, n: 1 } },
    { number: { run: 2 ** 32, n: 1 } },
    { number: { run: 0, n: 2 ** 32 } },
    { clock: { ms: -1, logical: 0 } },
    { clock: { ms: 0, logical: 65_536 } },
    { clock: { ms: 1.5, logical: 0 } },
    { frankingKey: filled(31, 1) },
    { messageId: idOf(1, 15) },
    { session: idOf(1, 17) },
    { shownIfUnknown: 1 as unknown as boolean },
  ]) {
    refuses(() => decoded(change), 'malformed')
  }
  refuses(() => encodeContent({ ...contentOf(''), type: 0 }), 'malformed')
  refuses(() => encodeContent({ ...contentOf(''), type: 65_536 }), 'malformed')
})

test('how far a device has given numbers is said together with the first that may be expected', () => {
  const { number: _number, since: _since, ...header } = contentOf('').header
  const said = { ...header, since: { run: 1, n: 1 }, given: { run: 1, n: 9 } }
  const encoded = (one: Header) => encodeContent({ ...contentOf(''), header: one })
  assert.deepEqual(decodeContent(encoded(said)).header.given, { run: 1, n: 9 })
  const { since: _first, ...alone } = said
  refuses(() => decodeContent(encoded(alone)), 'malformed', 'since')
})

test('a content is at most 64 KiB, which is looked at first', () => {
  const room = limits.content - encodeContent({ ...contentOf(''), body: new Uint8Array() }).length - 4
  decodeContent(encodeContent({ ...contentOf(''), body: new Uint8Array(room) }))
  refuses(
    () => decodeContent(encodeContent({ ...contentOf(''), body: new Uint8Array(room + 3) })),
    'too-large',
  )
  refuses(() => encodeContent({ ...contentOf(''), body: new Uint8Array(limits.content + 1) }), 'malformed')
})

test('an even key of the header’s ext must be understood, an odd one need not be', () => {
  assert.equal(decoded({ ext: new Map([[1, filled(32, 1)]]) }).header.ext.size, 1)
  refuses(() => decoded({ ext: new Map([[2, filled(32, 1)]]) }), 'unsupported-version', 'ext')
})

test('a header has no field beside ours: new ones go into ext', () => {
  const shape = struct({ header: field(1, struct({ from: field(99, uint()) })), type: field(2, uint()) })
  refuses(() => decodeContent(encode(shape, { header: { from: 1 }, type: 1 })), 'malformed')
})

test('all copies of a message have one hash', () => {
  const hash = messageHash(contentOf('hello'))
  assert.lengthOf(hash, 64)
  const copies: Partial<Header>[] = [
    { to: { ...alice, device: idOf(9) } },
    { session: idOf(0x45) },
    { since: { run: 1, n: 2 } },
    { given: { run: 1, n: 9 } },
    { ext: new Map([[1, filled(1, 1)]]) },
    { lists: contentOf('').header.lists.map((one) => ({ ...one, sequence: 2 })) },
    { frankingKey: filled(32, 1) },
    { shownIfUnknown: false },
  ]
  for (const change of copies) assert.equal(messageHash(contentOf('hello', change)), hash)
})

test('a message’s hash names its text, its sender, its place and its time', () => {
  const hash = messageHash(contentOf('hello'))
  const { header, body } = contentOf('hello')
  const others: Content[] = [
    contentOf('hallo'),
    contentOf('hello', { messageId: idOf(0x34) }),
    contentOf('hello', { number: { run: 1, n: 3 } }),
    contentOf('hello', { number: { run: 2, n: 2 } }),
    contentOf('hello', { clock: { ms: header.clock.ms + 1, logical: 3 } }),
    contentOf('hello', { clock: { ms: header.clock.ms, logical: 4 } }),
    contentOf('hello', { from: { ...alice, device: idOf(9) } }),
    contentOf('hello', { from: bob, to: alice }),
    contentOf('hello', { conversation: pairOf(alice, carol) }),
    contentOf('hello', { from: { ...alice, realm: 'example.org' } }),
    { header, body, type: 2 },
    { ...without('number') },
  ]
  const hashes = new Set(others.map((one) => messageHash(one)))
  assert.equal(hashes.size, others.length)
  assert.isFalse(hashes.has(hash))
})
