import { decode as decodeCbor } from 'cborg'
import { assert, test } from '#test'
import {
  bool,
  bytes,
  decode,
  ext,
  field,
  fromHex,
  list,
  nullable,
  optional,
  struct,
  SottoError,
  text,
  uint,
  type Shape,
} from '@sotto/protocol'
import { refuses } from './refuses.js'

const number = struct({ a: field(1, uint()), b: optional(2, uint()), c: optional(24, uint()) })
const raw = struct({ a: field(1, bytes(0, 70_000)) })
const words = struct({ a: field(1, text(70_000)) })
const items = struct({ a: field(1, list(uint(), 70_000)) })
const yes = struct({ a: field(1, bool) })
const maybe = struct({ a: field(1, nullable(uint())) })
const more = struct({ a: field(1, ext) })

/** What is right, so that what is wrong below is wrong for one reason. */
const right: readonly [string, Shape<unknown>, string][] = [
  ['the number 0', number, 'a10100'],
  ['the number 23', number, 'a10117'],
  ['the number 24', number, 'a1011818'],
  ['the number 255', number, 'a10118ff'],
  ['the number 256', number, 'a101190100'],
  ['the number 65,536', number, 'a1011a00010000'],
  ['the number 2^32', number, 'a1011b0000000100000000'],
  ['the number 2^53 - 1', number, 'a1011b001fffffffffffff'],
  ['keys in order', number, 'a3010002001818' + '00'],
  ['empty bytes', raw, 'a10140'],
  ['24 bytes', raw, `a1015818${'00'.repeat(24)}`],
  ['empty text', words, 'a10160'],
  ['text of two bytes a character', words, 'a10162c3a9'],
  ['text that begins with a byte order mark', words, 'a10163efbbbf'],
  ['text with a replacement character', words, 'a10163efbfbd'],
  ['an empty list', items, 'a10180'],
  ['a list', items, 'a101820102'],
  ['true', yes, 'a101f5'],
  ['false', yes, 'a101f4'],
  ['null where it may stand', maybe, 'a101f6'],
  ['an empty ext', more, 'a101a0'],
  ['an ext', more, 'a101a201400341ff'],
]
for (const [name, shape, hex] of right) {
  test(`deterministic CBOR is taken: ${name}`, () => {
    decode(shape, fromHex(hex), 80_000)
  })
}

/** The place that is named when an object is refused as malformed. */
function refusedAt(shape: Shape<unknown>, hex: string): string {
  try {
    decode(shape, fromHex(hex), 80_000)
  } catch (error) {
    if (SottoError.is(error, 'malformed')) return error.details.what
    throw error
  }
  throw new Error('taken')
}

/** `lax`: a library for CBOR takes this as it is set up in its strict mode. Encoding again is what finds it there. */
const wrong: readonly [string, Shape<unknown>, string, 'lax'?][] = [
  ['nothing', number, ''],
  ['trailing bytes', number, 'a1010000'],
  ['a second item after the first', number, 'a10100a10100'],
  ['a map that ends early', number, 'a101'],
  ['a map whose key is missing', number, 'a20100'],
  ['a number that ends early', number, 'a10119ff'],
  ['bytes that end early', raw, 'a1014401ff'],
  ['bytes whose length ends early', raw, 'a10159ff'],
  ['a text that ends early', words, 'a1016461'],
  ['a list that ends early', items, 'a1018301ff'],
  ['0 in one byte more', number, 'a1011800'],
  ['23 in one byte more', number, 'a1011817'],
  ['255 in two bytes more', number, 'a1011900ff'],
  ['65,535 in four bytes more', number, 'a1011a0000ffff'],
  ['2^32 - 1 in eight bytes more', number, 'a1011b00000000ffffffff'],
  ['a key in one byte more', number, 'a1180100'],
  ['a map’s size in one byte more', number, 'b8010100'],
  ['a map’s size in eight bytes more', number, 'bb00000000000000010100'],
  ['a length of bytes in one byte more', raw, 'a101580100'],
  ['a length of text in one byte more', words, 'a101780161'],
  ['a length of a list in one byte more', items, 'a101980101'],
  ['a list’s length as 2^53', items, 'a1019b0020000000000000'],
  ['bytes of 2^64 - 1', raw, 'a1015bffffffffffffffff'],
  ['2^53', number, 'a1011b0020000000000000'],
  ['2^64 - 1', number, 'a1011bffffffffffffffff'],
  ['a number below zero', number, 'a10120', 'lax'],
  ['a number far below zero', number, 'a1013903e7', 'lax'],
  ['1 as half a float', number, 'a101f93c00', 'lax'],
  ['1 as a float', number, 'a101fa3f800000', 'lax'],
  ['1 as a double', number, 'a101fb3ff0000000000000', 'lax'],
  ['minus zero', number, 'a101f98000', 'lax'],
  ['not a number', number, 'a101f97e00'],
  ['not a number, with a payload', number, 'a101fb7ff8000000000001'],
  ['infinity', number, 'a101f97c00'],
  ['a big number by tag', number, 'a101c24101'],
  ['a tag before the value', number, 'a101c100'],
  ['a tag before everything', number, 'd9d9f7a10100'],
  ['a key as a float', number, 'a1f93c0000', 'lax'],
  ['a key as text', number, 'a1613100', 'lax'],
  ['a key as bytes', number, 'a1410100', 'lax'],
  ['a key below zero', number, 'a12000', 'lax'],
  ['a key as null', number, 'a1f600', 'lax'],
  ['a key as a list', number, 'a1810100', 'lax'],
  ['keys out of order', number, 'a202000100', 'lax'],
  ['a key twice', number, 'a201000100'],
  ['a key twice, the second longer', number, 'a20100180100'],
  ['an unknown key before', number, 'a200000100', 'lax'],
  ['an unknown key between', number, 'a301000500181800', 'lax'],
  ['an unknown key after', number, 'a20100181900', 'lax'],
  ['a field that is missing', number, 'a10200', 'lax'],
  ['an empty map for a field', number, 'a0', 'lax'],
  ['a list for a map', number, '8100', 'lax'],
  ['null for a map', number, 'f6', 'lax'],
  ['null for a number', number, 'a101f6', 'lax'],
  ['null for a field that may be absent', number, 'a2010002f6', 'lax'],
  ['undefined', number, 'a101f7'],
  ['undefined for a field that may be absent', number, 'a2010002f7'],
  ['undefined for null', maybe, 'a101f7'],
  ['true for a number', number, 'a101f5', 'lax'],
  ['a number for true', yes, 'a10101', 'lax'],
  ['simple value 24 for true', yes, 'a101f8f5'],
  ['a simple value', yes, 'a101e0'],
  ['a break', yes, 'a101ff'],
  ['text for bytes', raw, 'a1016161', 'lax'],
  ['bytes for text', words, 'a1014161', 'lax'],
  ['a map of indefinite length', number, 'bf0100ff'],
  ['a list of indefinite length', items, 'a1019f01ff'],
  ['bytes of indefinite length', raw, 'a1015f4100ff'],
  ['text of indefinite length', words, 'a1017f6161ff'],
  ['a head that is reserved', number, 'a1011c'],
  ['a head that is reserved, with a byte', number, 'a1011d00'],
  ['a head that is reserved, with sixteen bytes', number, `a1011c${'00'.repeat(16)}`],
  ['a number of indefinite length', number, `a1011f${'00'.repeat(128)}`],
  ['UTF-8 that is cut off', words, 'a10161c3', 'lax'],
  ['UTF-8 with a byte that is none', words, 'a10161ff', 'lax'],
  ['UTF-8 in more bytes than it needs', words, 'a10162c1a1', 'lax'],
  ['UTF-8 of half a character', words, 'a10163eda080', 'lax'],
  ['UTF-8 above all characters', words, 'a10164f4908080', 'lax'],
  ['ext keys out of order', more, 'a101a203400140', 'lax'],
  ['an ext key twice', more, 'a101a201400140'],
  ['ext key 0', more, 'a101a10040', 'lax'],
  ['an ext key below zero', more, 'a101a12040', 'lax'],
  ['an ext key as text', more, 'a101a1613140', 'lax'],
  ['text in an ext', more, 'a101a1016161', 'lax'],
]
for (const [name, shape, hex, lax] of wrong) {
  test(`refuses ${name}`, () => {
    const place = refusedAt(shape, hex)
    // The reader finds it: encoding again is the second line, and trailing bytes are all that is seen at the end.
    assert.notEqual(place, 'encoding')
    if (place === 'rest') assert.match(name, /^trailing|^a second item/)
    const taken = (() => {
      try {
        decodeCbor(fromHex(hex), {
          useMaps: true,
          strict: true,
          allowIndefinite: false,
          allowUndefined: false,
          allowInfinity: false,
          allowNaN: false,
          allowBigInt: false,
          rejectDuplicateMapKeys: true,
        })
        return 'lax'
      } catch {
        return undefined
      }
    })()
    assert.equal(taken, lax, 'what the library takes')
  })
}

test('an array of a million items costs nothing where five may stand', () => {
  let reads = 0
  const counted: Shape<number> = {
    write: (to, value) => to.uint(value),
    read(from, what) {
      reads++
      return from.uint(what)
    },
  }
  const head = fromHex('9a000f4240')
  const frame = new Uint8Array(1_000_005).fill(0xa0)
  frame.set(head)
  refuses(() => decode(list(counted, 5), frame, 2_000_000), 'malformed')
  assert.equal(reads, 0)
  refuses(() => decode(list(counted, 2_000_000), frame, 2_000_000), 'malformed')
  assert.equal(reads, 1, 'the first item that is of another type ends it')
})

test('a list that says it is longer than its bytes ends where they end', () => {
  refuses(
    () => decode(list(uint(), Number.MAX_SAFE_INTEGER), fromHex('9b001fffffffffffff0101'), 100),
    'malformed',
  )
})

test('lists in lists in lists end at the depth of the shape', () => {
  const nested = new Uint8Array(1_000_000).fill(0x81)
  refuses(() => decode(list(list(uint(), 1), 1), nested, 1_000_000), 'malformed')
})
