import { decode as decodeCbor, encode as encodeCbor, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'
import { assert, test } from '#test'
import {
  bool,
  bytes,
  decode,
  encode,
  equalBytes,
  ext,
  field,
  fromHex,
  list,
  nullable,
  optional,
  SottoError,
  struct,
  text,
  toHex,
  uint,
  union,
  type Shape,
  type Shaped,
} from '@sotto/protocol'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

/** One field of every kind there is. */
const everything = struct({
  whole: field(1, uint()),
  raw: field(2, bytes(0, 300)),
  words: field(3, text(4000)),
  yes: field(4, bool),
  maybe: field(5, nullable(uint(255))),
  absent: optional(23, text(100)),
  many: field(24, list(struct({ a: field(1, uint()), b: optional(2, bytes(0, 3)) }), 30)),
  one: field(300, union({ left: [1, struct({ a: field(1, uint()) })], right: [70_000, struct({})] })),
  ext: field(70_000, ext),
})
type Everything = Shaped<typeof everything>

const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
)
const raw = (maxLength: number) => fc.uint8Array({ maxLength })

const anything: fc.Arbitrary<Everything> = fc.record(
  {
    whole,
    raw: raw(300),
    words: fc.string({ unit: 'binary', maxLength: 300 }),
    yes: fc.boolean(),
    maybe: fc.option(fc.nat(255)),
    absent: fc.string({ unit: 'grapheme', maxLength: 12 }),
    many: fc.array(fc.record({ a: whole, b: raw(3) }, { requiredKeys: ['a'] }), { maxLength: 30 }),
    one: fc.oneof(
      fc.record({ type: fc.constant('left' as const), a: whole }),
      fc.record({ type: fc.constant('right' as const) }),
    ),
    ext: fc
      .uniqueArray(fc.nat(1_000_000), { maxLength: 8 })
      .chain((keys) => fc.constant(new Map(keys.map((key) => [key + 1, Uint8Array.of(key & 255)])))),
  },
  { requiredKeys: ['whole', 'raw', 'words', 'yes', 'maybe', 'many', 'one', 'ext'] },
)

/** The same value as maps, as a library that knows no shapes is given it. */
function asMaps(value: Everything): unknown {
  const many = value.many.map(
    ({ a, b }) =>
      new Map<number, unknown>(
        b === undefined
          ? [[1, a]]
          : [
              [1, a],
              [2, b],
            ],
      ),
  )
  const one = value.one.type === 'left' ? [1, new Map([[1, value.one.a]])] : [70_000, new Map()]
  const { whole: number, raw: binary, words, yes, maybe, absent } = value
  const fields: (readonly [number, unknown])[] = [
    [70_000, value.ext],
    [300, one],
    [24, many],
    [5, maybe],
    [4, yes],
    [3, words],
    [2, binary],
    [1, number],
  ]
  return new Map(absent === undefined ? fields : [...fields, [23, absent]])
}

test('what was encoded is decoded, and encodes to the same bytes again', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const encoded = encode(everything, value)
      const decoded = decode(everything, encoded, 100_000)
      assert.deepEqual(asMaps(decoded), asMaps(value))
      assert.isTrue(equalBytes(encode(everything, decoded), encoded))
    }),
    { seed, numRuns: 300 },
  )
})

test('every encoding is that of another library for deterministic CBOR', () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.equal(toHex(encode(everything, value)), toHex(encodeCbor(asMaps(value), rfc8949EncodeOptions)))
    }),
    { seed, numRuns: 300 },
  )
})

/** Random bytes that look like CBOR more often than random bytes do. */
const likeCbor = fc
  .array(
    fc.constantFrom(
      0xa1,
      0xa2,
      0xa8,
      0x80,
      0x81,
      0x82,
      0x01,
      0x02,
      0x18,
      0x19,
      0x41,
      0x61,
      0xf4,
      0xf6,
      0xfb,
      0xff,
      0x00,
    ),
    {
      maxLength: 40,
    },
  )
  .map((items) => Uint8Array.from(items))

test('what is decoded of spoilt bytes is deterministic CBOR by another library too', () => {
  const accepted: string[] = []
  const spoilt = anything.chain((value) => {
    const encoded = encode(everything, value)
    return fc.tuple(fc.nat(encoded.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = encoded.slice()
      copy[at] = byte
      return copy
    })
  })
  fc.assert(
    fc.property(fc.oneof(spoilt, likeCbor), (given) => {
      let value: Everything
      try {
        value = decode(everything, given, 100_000)
      } catch (error) {
        assert.isTrue(SottoError.is(error), String(error))
        return
      }
      accepted.push(toHex(given))
      const parsed: unknown = decodeCbor(given, {
        useMaps: true,
        strict: true,
        rejectDuplicateMapKeys: true,
        allowIndefinite: false,
      })
      assert.equal(toHex(encodeCbor(parsed, rfc8949EncodeOptions)), toHex(given))
      assert.equal(toHex(encode(everything, value)), toHex(given))
    }),
    { seed, numRuns: 2000 },
  )
  assert.isAbove(accepted.length, 100, 'a byte of a number or a text may be another one')
})

test('decoded objects have no prototype, at any depth', () => {
  const shape = struct({
    a: field(1, struct({ b: field(1, uint()) })),
    u: field(2, union({ x: [1, struct({ c: field(1, uint()) })] })),
  })
  const value = decode(shape, fromHex('a201a10105028201a10106'), 100)
  for (const one of [value, value.a, value.u]) assert.isNull(Object.getPrototypeOf(one))
  assert.deepEqual({ ...value.u }, { type: 'x', c: 6 })
})

test('decoded bytes are copies: neither the frame nor a Buffer shares them', () => {
  const shape = struct({ raw: field(1, bytes(2)) })
  const frame = fromHex('a101420102')
  const { raw: copy } = decode(shape, frame, 10)
  frame.fill(0xff)
  assert.equal(toHex(copy), '0102')
  assert.equal(copy.buffer.byteLength, 2)
})

test('a view into a larger buffer is decoded as what it shows', () => {
  const whole = fromHex('ffffa10105ffff')
  assert.deepEqual({ ...decode(struct({ a: field(1, uint()) }), whole.subarray(2, 5), 10) }, { a: 5 })
})

test('what is larger than the limit is refused before a byte of it is read', () => {
  let reads = 0
  const watched: Shape<number> = {
    write: () => undefined,
    read: () => ++reads,
  }
  refuses(() => decode(watched, new Uint8Array(11), 10), 'too-large')
  assert.equal(reads, 0)
  refuses(() => decode(watched, new Uint8Array(10), 10), 'malformed', 'rest')
  assert.equal(reads, 1)
})

test('what is no bytes at all is malformed', () => {
  for (const given of [undefined, null, 'a101', 5, [0xa0], new ArrayBuffer(1)]) {
    refuses(() => decode(struct({}), given as unknown as Uint8Array, 10), 'malformed', 'bytes')
  }
})

test('a shape that reads what it does not write is caught by encoding again', () => {
  const sloppy: Shape<number> = {
    write: (to, value) => to.uint(value),
    read: (from, what) => Math.min(5, from.uint(what)),
  }
  assert.equal(decode(sloppy, fromHex('05'), 10), 5)
  refuses(() => decode(sloppy, fromHex('06'), 10), 'malformed', 'encoding')
})

test('an encoding of any length is written whole', () => {
  for (const length of [0, 1, 500, 511, 512, 513, 1023, 1024, 70_000]) {
    const shape = bytes(0, 100_000)
    assert.lengthOf(decode(shape, encode(shape, new Uint8Array(length)), 100_010), length)
  }
})
