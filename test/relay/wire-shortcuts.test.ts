import fc from 'fast-check'
import {
  SottoError,
  decodeClientFrame,
  emptyExt,
  encodeClientFrame,
  encodeRelayFrame,
  encodeStampedEnvelope,
  randomBytes,
  readClientFrame,
  toHex,
  type ClientFrame,
  type StampedEnvelope,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { deliverFrame } from '../../packages/relay/src/deliver-frame.js'
import { stampedBytes } from '../../packages/relay/src/stamped-bytes.js'

const seed = 20_260_101
const id = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex)
const name = fc.stringMatching(/^[a-z0-9._-]{1,64}$/).filter((one) => one !== '.' && one !== '..')
const edges = [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER]
const address = fc.record({
  realm: fc.constantFrom('localhost', 'example.com', 'a-1.b-2.example.org'),
  account: name,
  accountId: id(32),
  device: id(16),
})
const body = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 131_072).map((length) => new Uint8Array(length)),
)
const ext = fc.constantFrom(emptyExt, new Map([[1, new Uint8Array([1, 2])]]))
const to = fc.oneof(
  address.map((one) => ({ type: 'address' as const, address: one })),
  fc.uint8Array({ minLength: 16, maxLength: 64 }).map((mailbox) => ({ type: 'mailbox' as const, mailbox })),
)
const stamped: fc.Arbitrary<StampedEnvelope> = fc
  .record({
    envelope: fc.record({ v: fc.constant(1), id: id(16), to, body, ext }),
    from: fc.option(fc.record({ account: name, accountId: id(32), device: id(16) }), { nil: undefined }),
    at: fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat()),
  })
  .map(({ from, ...rest }) => (from === undefined ? rest : { ...rest, from }))

test('an envelope is stored as the encoder of envelopes would store it, byte for byte', () => {
  fc.assert(
    fc.property(stamped, (one) => {
      assert.equal(toHex(stampedBytes(one)), toHex(encodeStampedEnvelope(one)))
    }),
    { seed, numRuns: 500 },
  )
})

test('a frame around an envelope that is encoded already is what the encoder of frames makes', () => {
  fc.assert(
    fc.property(stamped, fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat()), (one, delivery) => {
      const expected = encodeRelayFrame({ type: 'deliver', delivery, stamped: one })
      assert.equal(toHex(deliverFrame(delivery, encodeStampedEnvelope(one))), toHex(expected))
    }),
    { seed, numRuns: 200 },
  )
})

const hash = 'ab'.repeat(32)
const frames: readonly ClientFrame[] = [
  { type: 'hello', token: 'a-token' },
  { type: 'ping' },
  { type: 'ack', deliveries: [0, 23, 24, 70_000] },
  {
    type: 'send',
    ref: 70_000,
    batch: {
      shared: [randomBytes(30)],
      envelopes: [
        {
          id: 'cd'.repeat(16),
          to: {
            type: 'address',
            address: { realm: 'example.com', account: 'bob', accountId: hash, device: 'ef'.repeat(16) },
          },
          body: randomBytes(40),
          ext: new Map([[1, new Uint8Array([9])]]),
        },
        { id: '01'.repeat(16), to: { type: 'mailbox', mailbox: randomBytes(16) }, shared: 0, ext: emptyExt },
      ],
      lists: [{ accountId: hash, era: 0, sequence: 1, hash }],
      sends: 70_000,
    },
  },
]

const outcome = (decode: (bytes: Uint8Array) => ClientFrame, bytes: Uint8Array): unknown => {
  try {
    return decode(bytes)
  } catch (error) {
    return SottoError.is(error) ? error.code : error
  }
}

test('what the relay reads without encoding it again is what the strict decoder reads, whatever was changed', () => {
  const encoded = frames.map(encodeClientFrame)
  for (const [i, bytes] of encoded.entries())
    assert.deepEqual(readClientFrame(bytes), decodeClientFrame(bytes), String(i))
  const change = fc.record({
    frame: fc.nat(encoded.length - 1),
    edits: fc.array(
      fc.record({ at: fc.nat(400), byte: fc.nat(255), kind: fc.constantFrom('set', 'insert', 'cut') }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  })
  let accepted = 0
  fc.assert(
    fc.property(change, ({ frame, edits }) => {
      const bytes = [...(encoded[frame] ?? [])]
      for (const { at, byte, kind } of edits) {
        const place = at % (bytes.length + 1)
        if (kind === 'insert') bytes.splice(place, 0, byte)
        else if (kind === 'cut') bytes.splice(place, 1)
        else bytes[place] = byte
      }
      const changed = Uint8Array.from(bytes)
      const read = outcome(readClientFrame, changed)
      assert.deepEqual(read, outcome(decodeClientFrame, changed))
      if (typeof read === 'object') accepted++
    }),
    { seed, numRuns: 20_000 },
  )
  // Not all of it was noise.
  assert.isAbove(accepted, 500)
})
