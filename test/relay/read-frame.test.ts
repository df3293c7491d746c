import fc from 'fast-check'
import {
  SottoError,
  decodeClientFrame,
  emptyExt,
  encodeClientFrame,
  encodeRelayFrame,
  toHex,
  type ClientFrame,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { readFrame, readPlain } from '../../packages/relay/src/read-frame.js'
import { sentFrame } from '../../packages/relay/src/sent-frame.js'

const seed = 20_260_102
const id = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex)
const account = fc.stringMatching(/^[a-z0-9._-]{1,64}$/).filter((one) => one !== '.' && one !== '..')
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length)),
)
const address = fc.record({
  realm: fc.constantFrom('localhost', 'example.com', 'a-1.b-2.example.org'),
  account,
  accountId: id(32),
  device: id(16),
})
const reference = fc.record({
  accountId: id(32),
  era: fc.constantFrom(0, 23, 24, 255, 256, 70_000),
  sequence: fc.constantFrom(1, 23, 24, 255, 256),
  hash: id(32),
})
const ref = fc.constantFrom(1, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295)

/** Batches as clients send them: to addresses, without an `ext`. */
const plainSend = fc
  .record({
    ref,
    shared: fc.array(bytes, { maxLength: 3 }),
    to: fc.uniqueArray(fc.tuple(id(16), address, bytes, fc.nat()), {
      minLength: 1,
      maxLength: 5,
      selector: ([, { device }]) => device,
    }),
    lists: fc.uniqueArray(reference, { minLength: 1, maxLength: 3, selector: (one) => one.accountId }),
    sends: fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295),
  })
  .map(({ ref, shared, to, lists, sends }): ClientFrame => {
    const envelopes = to.map(([id, one, body, pick]) => {
      const envelope = { id, to: { type: 'address' as const, address: one }, ext: emptyExt }
      const own = shared.length === 0 || pick % 2 === 0
      return own ? { ...envelope, body } : { ...envelope, shared: pick % shared.length }
    })
    const sorted = [...lists].sort((a, b) => (a.accountId < b.accountId ? -1 : 1))
    return { type: 'send', ref, batch: { shared, envelopes, lists: sorted, sends } }
  })
const plainAck = fc
  .array(fc.constantFrom(0, 23, 24, 255, 256, 65_536, 4_294_967_295), { minLength: 1, maxLength: 100 })
  .map((deliveries): ClientFrame => ({ type: 'ack', deliveries }))
const plain = fc.oneof(plainSend, plainAck)

/** What a reader makes of bytes: what it read, encoded again, or the code of its refusal. */
function outcome(read: (bytes: Buffer) => ClientFrame, bytes: Uint8Array): string {
  try {
    return toHex(encodeClientFrame(read(Buffer.from(bytes))))
  } catch (error) {
    if (SottoError.is(error)) return error.code
    throw error
  }
}

test('frames as clients send them are read straight, as the strict decoder reads them', () => {
  fc.assert(
    fc.property(plain, (frame) => {
      const encoded = encodeClientFrame(frame)
      const read = readPlain(Buffer.from(encoded))
      assert.isDefined(read)
      assert.equal(read === undefined ? '' : toHex(encodeClientFrame(read)), toHex(encoded))
    }),
    { seed, numRuns: 300 },
  )
})

const edits = fc.array(
  fc.record({
    at: fc.nat(),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(0x17, 0x18, 0x19, 0x1a, 0x1b, 0x40, 0x58, 0x60, 0xa0)),
    kind: fc.constantFrom('set', 'insert', 'cut', 'end'),
  }),
  { minLength: 1, maxLength: 3 },
)
/** Heads and keys, where most of what can be wrong is, stand at the beginning. */
const near = (at: number, length: number): number => (at % 2 === 0 ? at % length : at % Math.min(length, 120))

test('whatever is changed in a frame, what is read straight is what the strict decoder reads, and the refusal is the same', () => {
  let [accepted, refused] = [0, 0]
  const small = plain.filter((frame) => encodeClientFrame(frame).length < 2_000)
  fc.assert(
    fc.property(small, edits, (frame, changes) => {
      const changed = [...encodeClientFrame(frame)]
      for (const { at, byte, kind } of changes) {
        const place = near(at, changed.length + 1)
        if (kind === 'insert') changed.splice(place, 0, byte)
        else if (kind === 'cut') changed.splice(place, 1)
        else if (kind === 'end') changed.splice(place)
        else changed[place] = byte
      }
      const given = Uint8Array.from(changed)
      const read = outcome(readFrame, given)
      assert.equal(read, outcome(decodeClientFrame, given))
      if (read.startsWith('82')) accepted++
      else refused++
    }),
    { seed, numRuns: 20_000 },
  )
  assert.isAbove(accepted, 500)
  assert.isAbove(refused, 5_000)
})

const hex = (byte: string, bytes: number) => byte.repeat(bytes)
const envelopeTo = (device: string, account = 'bob') => ({
  id: hex('01', 16),
  to: {
    type: 'address' as const,
    address: { realm: 'example.com', account, accountId: hex('02', 32), device },
  },
  body: new Uint8Array([7]),
  ext: emptyExt,
})
const listOf = (accountId: string) => ({ accountId, era: 0, sequence: 1, hash: hex('03', 32) })
const sound = encodeClientFrame({
  type: 'send',
  ref: 1,
  batch: {
    shared: [new Uint8Array([8])],
    envelopes: [
      envelopeTo(hex('0a', 16)),
      { ...envelopeTo(hex('0b', 16), 'carol'), body: undefined, shared: 0 } as never,
    ],
    lists: [listOf(hex('0c', 32)), listOf(hex('0d', 32))],
    sends: 9,
  },
})
/** The same, with other bytes of the same length, and so no other head. */
const wrong: readonly (readonly [what: string, was: string, is: string])[] = [
  ['lists out of order', hex('0c', 32), hex('0e', 32)],
  ['two lists of one account', hex('0c', 32), hex('0d', 32)],
  ['a device that stands in it twice', hex('0a', 16), hex('0b', 16)],
  ['a name in capitals', toHex(new TextEncoder().encode('carol')), toHex(new TextEncoder().encode('Carol'))],
  [
    'a realm in capitals',
    toHex(new TextEncoder().encode('example.com')),
    toHex(new TextEncoder().encode('Example.com')),
  ],
  ['the index of a body that is not there', '0400', '0401'],
  ['number zero', '8202a20101', '8202a20100'],
  ['a list of number zero', '0003010458', '0003000458'],
]

for (const [what, was, is] of wrong)
  test(`what is wrong only by what it says is read as the strict decoder does: ${what}`, () => {
    const encoded = toHex(sound)
    assert.include(encoded, was)
    assert.isDefined(readPlain(Buffer.from(sound)), 'the control')
    const changed = Uint8Array.from(Buffer.from(encoded.replaceAll(was, is), 'hex'))
    assert.equal(outcome(readFrame, changed), outcome(decodeClientFrame, changed))
    assert.isUndefined(readPlain(Buffer.from(changed)))
  })

test('more of anything than may be in a frame is read as the strict decoder does', () => {
  const head = (count: number) => (count < 24 ? [0x80 | count] : [0x98, count])
  const envelope = (i: number) => {
    const one = toHex(
      encodeClientFrame({
        type: 'send',
        ref: 1,
        batch: {
          shared: [],
          envelopes: [envelopeTo(hex('0a', 16))],
          lists: [listOf(hex('0c', 32))],
          sends: 9,
        },
      }),
    )
    const from = one.indexOf('a401500101')
    return Buffer.from(
      one.slice(from, one.indexOf('05a0', from) + 4).replace(hex('0a', 16), i.toString(16).padStart(32, '0')),
      'hex',
    )
  }
  const list = (i: number) =>
    Buffer.concat([
      Buffer.from([0xa4, 1, 0x58, 32]),
      Buffer.alloc(32, i),
      Buffer.from([2, 0, 3, 1, 4, 0x58, 32]),
      Buffer.alloc(32, 3),
    ])
  const frame = (shared: number, envelopes: number, lists: number) =>
    Buffer.concat([
      Buffer.from([0x82, 2, 0xa2, 1, 1, 2, 0xa4, 1, ...head(shared)]),
      ...Array.from({ length: shared }, () => Buffer.from([0x41, 9])),
      Buffer.from([2, ...head(envelopes)]),
      ...Array.from({ length: envelopes }, (_, i) => envelope(i)),
      Buffer.from([3, ...head(lists)]),
      ...Array.from({ length: lists }, (_, i) => list(i)),
      Buffer.from([4, 9]),
    ])
  const counts = [
    [8, 1, 1, true],
    [9, 1, 1, false],
    [0, 64, 1, true],
    [0, 65, 1, false],
    [0, 1, 16, true],
    [0, 1, 17, false],
    [0, 0, 1, false],
    [0, 1, 0, false],
  ] as const
  for (const [shared, envelopes, lists, good] of counts) {
    const given = frame(shared, envelopes, lists)
    assert.equal(readPlain(given) !== undefined, good, `${shared} ${envelopes} ${lists}`)
    assert.equal(outcome(readFrame, given), outcome(decodeClientFrame, given))
  }
})

test('an answer is what the encoder of frames makes', () => {
  const at = fc.oneof(fc.constantFrom(0, 23, 24, 255, 256, 65_536, 2 ** 32 - 1, 2 ** 32), fc.maxSafeNat())
  fc.assert(
    fc.property(ref, at, (ref, at) => {
      assert.equal(toHex(sentFrame(ref, at)), toHex(encodeRelayFrame({ type: 'sent', ref, at })))
    }),
    { seed, numRuns: 300 },
  )
})
