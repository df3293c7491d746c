import { assert, test } from '#test'
import { problemsOf, type Fault } from '../support/machine/checker.js'
import type { History, Shown } from '../support/machine/history.js'

const text = (what: string, mine = false): Shown => ({ kind: 'text', text: what, mine })
const said = (device: string, what: string, isForgotten = false) => ({
  device,
  account: device.slice(0, -1),
  text: what,
  isForgotten,
})

/** Alice has said a to d, of which Bob has not seen c and is told so; Bob has said e. */
const sound = {
  devices: [
    { name: 'alice1', account: 'alice' },
    { name: 'bob1', account: 'bob' },
  ],
  said: [...['a', 'b', 'c', 'd'].map((what) => said('alice1', what)), said('bob1', 'e')],
  threads: new Map<string, readonly Shown[]>([
    ['alice1', [...['a', 'b', 'c', 'd'].map((what) => text(what, true)), text('e')]],
    ['bob1', [text('a'), text('b'), { kind: 'gap', count: 1 }, text('d'), text('e', true)]],
  ]),
  repaired: new Map<string, readonly Shown[]>([
    ['alice1', [...['a', 'b', 'c', 'd'].map((what) => text(what, true)), text('e')]],
    ['bob1', [text('a'), text('b'), text('c'), text('d'), text('e', true)]],
  ]),
  last: ['d', 'e'],
  unread: [],
  unreadLast: 0,
  used: [
    { key: 'k 0', plaintext: 'a' },
    { key: 'k 1', plaintext: 'b' },
    { key: 'k 1', plaintext: 'b' },
  ],
  live: [{ between: 'alice1 and bob1', names: ['one', 'one'] }],
  harm: { dropped: 1, restored: 0, shuffled: 0 },
} satisfies History

const faultsOf = (history: History): readonly Fault[] => problemsOf(history).map(({ fault }) => fault)
const seenBy = (name: string, shown: readonly Shown[]) => new Map([...sound.threads, [name, shown]])
const bobSees = (...shown: readonly Shown[]): History => ({ ...sound, threads: seenBy('bob1', shown) })

const [a, b, c, d, e] = [text('a'), text('b'), text('c'), text('d'), text('e', true)] as const
const gap: Shown = { kind: 'gap', count: 1 }

test('a history in which everything is read or seen to be missing has no fault', () => {
  assert.deepEqual(problemsOf(sound), [])
})

test('a gap that was filled is none any more', () => {
  assert.deepEqual(problemsOf(bobSees(a, b, c, d, e)), [])
})

test('what a rolled-back device has forgotten may be shown, be a gap, or be neither', () => {
  const forgetful = { ...sound, said: sound.said.map((one) => ({ ...one, isForgotten: one.text === 'c' })) }
  for (const between of [[c], [gap], []])
    assert.deepEqual(problemsOf({ ...forgetful, threads: seenBy('bob1', [a, b, ...between, d, e]) }), [])
})

const planted: readonly (readonly [string, History, readonly Fault[]])[] = [
  ['a message that is gone without a gap', bobSees(a, b, d, e), ['lost']],
  ['one gap for two messages', bobSees(a, gap, d, e), ['lost']],
  [
    'a message of its own that a device does not show',
    { ...sound, threads: seenBy('alice1', [text('a', true), text('b', true), text('d', true), text('e')]) },
    ['lost'],
  ],
  ['a message that is shown twice', bobSees(a, b, b, gap, d, e), ['shown twice']],
  ['two messages of one device the other way round', bobSees(b, a, gap, d, e), ['out of order']],
  ['a message that nobody sent', bobSees(a, b, gap, d, e, text('x')), ['never sent']],
  [
    "a message of the other's that is shown as one's own",
    bobSees(a, text('b', true), gap, d, e),
    ['never sent'],
  ],
  ['a gap where nothing is missing', bobSees(a, b, gap, gap, d, e), ['false gap']],
  ['the last message not read', bobSees(a, b, gap, e, gap), ['not healed']],
  ['something last that had to be sent again', { ...sound, unreadLast: 1 }, ['not healed']],
  ['a message that did not come again', { ...sound, repaired: sound.threads }, ['not repaired']],
  [
    'a message that came again twice',
    { ...sound, repaired: new Map([...sound.repaired, ['bob1', [a, b, c, c, d, e]]]) },
    ['shown twice'],
  ],
  [
    'one key and counter for two plaintexts',
    { ...sound, used: [...sound.used, { key: 'k 0', plaintext: 'c' }] },
    ['key used twice'],
  ],
  [
    'two devices that write in different sessions',
    { ...sound, live: [{ between: 'alice1 and bob1', names: ['one', 'two'] }] },
    ['not converged'],
  ],
  [
    'two devices without a session',
    { ...sound, live: [{ between: 'alice1 and bob1', names: [undefined, undefined] }] },
    ['not converged'],
  ],
]

for (const [what, history, faults] of planted)
  test(`the checker refuses ${what}`, () => assert.deepEqual(faultsOf(history), [...faults]))

test('what cannot be read is a fault where nothing was dropped or restored', () => {
  const unread = [{ device: 'bob1', code: 'undecryptable' }]
  const harmless = { dropped: 0, restored: 0, shuffled: 1 }
  assert.deepEqual(faultsOf({ ...sound, unread }), [])
  assert.deepEqual(faultsOf({ ...sound, unread, harm: harmless }), ['undecryptable'])
})

test('what an older session brings too late is a fault only where nothing was shuffled', () => {
  const unread = [{ device: 'bob1', code: 'session-refused' }]
  const harm = { dropped: 0, restored: 0, shuffled: 1 }
  assert.deepEqual(faultsOf({ ...sound, unread, harm }), [])
  assert.deepEqual(faultsOf({ ...sound, unread, harm: { ...harm, shuffled: 0 } }), ['undecryptable'])
})
