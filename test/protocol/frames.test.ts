import fc from 'fast-check'
import { assert, test } from '#test'
import {
  decodeClientFrame,
  decodeRelayFrame,
  emptyExt,
  encodeClientFrame,
  encodeRelayFrame,
  limits,
  toHex,
  type Batch,
  type ClientFrame,
  type RelayFrame,
} from '@sotto/protocol'
import { addressNo, alice, bob, envelopeTo, filled, idOf, now } from './made.js'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

const { account, accountId, device } = alice
const reference = (of: string) => ({ accountId: of, era: 0, sequence: 1, hash: idOf(0x55, 32) })
const to = (value: number) => ({ type: 'address' as const, address: addressNo('bob', bob.accountId, value) })
const one = { id: idOf(1), to: to(2), body: filled(9, 1), ext: emptyExt }
const batch: Batch = {
  shared: [],
  envelopes: [one],
  lists: [reference(alice.accountId), reference(bob.accountId)],
  sends: 3,
}
const sent = (change: Partial<Batch>) =>
  decodeClientFrame(encodeClientFrame({ type: 'send', ref: 1, batch: { ...batch, ...change } }))

const clientFrames: readonly ClientFrame[] = [
  { type: 'hello', token: 'token' },
  { type: 'send', ref: 1, batch },
  { type: 'ack', deliveries: [1, 2, 2 ** 40] },
  { type: 'ping' },
]
const stamped = { envelope: envelopeTo(bob, filled(9, 1)), from: { account, accountId, device }, at: now }
const relayFrames: readonly RelayFrame[] = [
  { type: 'welcome', now },
  { type: 'sent', ref: 1, at: now },
  {
    type: 'refused',
    ref: 2,
    code: 'lists-outdated',
    lists: [reference(accountId)],
    devices: [{ accountId, device }],
  },
  { type: 'refused', ref: 2, code: 'rate-limited', lists: [], devices: [], retryAfterMs: 500 },
  { type: 'deliver', delivery: 7, stamped },
  { type: 'wake', what: 1 },
  { type: 'pong' },
  { type: 'bye', code: 'rolled-back', epoch: 12, sends: 34 },
  { type: 'bye', code: 'replaced' },
]

test('every frame of a client goes over the wire whole', () => {
  for (const frame of clientFrames) {
    const encoded = encodeClientFrame(frame)
    const again = decodeClientFrame(encoded)
    assert.equal(again.type, frame.type)
    assert.equal(toHex(encodeClientFrame(again)), toHex(encoded))
  }
})

test('every frame of the relay goes over the wire whole', () => {
  for (const frame of relayFrames) {
    const encoded = encodeRelayFrame(frame)
    const again = decodeRelayFrame(encoded)
    assert.equal(again.type, frame.type)
    assert.equal(toHex(encodeRelayFrame(again)), toHex(encoded))
  }
})

test('a frame of a type that is newer than us says so', () => {
  refuses(() => decodeClientFrame(Uint8Array.of(0x82, 5, 0xa0)), 'unsupported-version')
  refuses(() => decodeRelayFrame(Uint8Array.of(0x82, 8, 0xa0)), 'unsupported-version')
})

test('a frame is at most 1 MiB, which is looked at first', () => {
  refuses(() => decodeClientFrame(new Uint8Array(limits.socketFrame + 1)), 'too-large')
  refuses(() => decodeRelayFrame(new Uint8Array(limits.socketFrame + 1)), 'too-large')
})

test('an envelope of a batch has a body of its own or the number of a shared one', () => {
  const { body: _body, ...bare } = one
  const shared = [filled(5, 1), filled(6, 2)]
  const frame = sent({ shared, envelopes: [one, { ...bare, to: to(3), shared: 1 }] })
  assert.equal(frame.type === 'send' ? frame.batch.envelopes[1]?.shared : undefined, 1)
  refuses(() => sent({ shared, envelopes: [{ ...one, shared: 0 }] }), 'malformed', 'envelopes')
  refuses(() => sent({ shared, envelopes: [bare] }), 'malformed', 'envelopes')
  refuses(() => sent({ shared, envelopes: [{ ...bare, shared: 2 }] }), 'malformed', 'envelopes')
  refuses(() => sent({ envelopes: [{ ...bare, shared: 0 }] }), 'malformed', 'envelopes')
  refuses(() => sent({ shared, envelopes: [{ ...bare, shared: limits.sharedPerBatch }] }), 'malformed')
})

test('no two envelopes of a batch are one and the same', () => {
  sent({ envelopes: [one, { ...one, to: to(3) }, { ...one, id: idOf(2) }] })
  refuses(() => sent({ envelopes: [one, { ...one, body: filled(1, 1) }] }), 'malformed', 'envelopes')
  const mailbox = { ...one, to: { type: 'mailbox' as const, mailbox: filled(16, 1) } }
  sent({ envelopes: [one, mailbox] })
  refuses(() => sent({ envelopes: [mailbox, mailbox] }), 'malformed', 'envelopes')
})

test('a batch names each account’s list once, in the order of their ids', () => {
  const [a, b] = batch.lists
  if (a === undefined || b === undefined) throw new Error('two lists')
  for (const lists of [[b, a], [a, a], [a, { ...a, sequence: 2 }], []])
    refuses(() => sent({ lists }), 'malformed')
  const most = Array.from({ length: limits.references }, (_, i) => reference(idOf(i + 1, 32)))
  sent({ lists: most })
  refuses(() => sent({ lists: [...most, reference(idOf(99, 32))] }), 'malformed')
})

test('a batch has 1 to 64 envelopes and at most 8 shared bodies', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ ...one, to: to(i) }))
  sent({ envelopes: many(limits.envelopesPerBatch) })
  refuses(() => sent({ envelopes: [] }), 'malformed')
  refuses(() => sent({ envelopes: many(limits.envelopesPerBatch + 1) }), 'malformed')
  refuses(
    () => sent({ shared: Array.from({ length: limits.sharedPerBatch + 1 }, () => filled(1, 1)) }),
    'malformed',
  )
})

test('acknowledgements come by the thousand, and never empty', () => {
  const ack = (deliveries: readonly number[]) =>
    decodeClientFrame(encodeClientFrame({ type: 'ack', deliveries }))
  ack(Array.from({ length: 1000 }, (_, i) => i))
  refuses(() => ack([]), 'malformed')
  refuses(() => ack(Array.from({ length: 1001 }, (_, i) => i)), 'malformed')
  refuses(() => ack([-1]), 'malformed')
})

test('numbers, codes and tokens keep inside their bounds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0xffff_ffff }), fc.maxSafeNat(), (ref, at) => {
      const frame = decodeRelayFrame(encodeRelayFrame({ type: 'sent', ref, at }))
      assert.deepEqual({ ...frame }, { type: 'sent', ref, at })
    }),
    { seed },
  )
  refuses(() => encodeRelayFrame({ type: 'sent', ref: 0, at: now }), 'malformed')
  for (const code of ['', 'Code', 'a b', 'a1', 'x'.repeat(65)])
    refuses(() => encodeRelayFrame({ type: 'bye', code }), 'malformed')
  refuses(() => encodeClientFrame({ type: 'hello', token: 'x'.repeat(513) }), 'malformed')
  refuses(() => encodeRelayFrame({ type: 'wake', what: 0 }), 'malformed')
})
