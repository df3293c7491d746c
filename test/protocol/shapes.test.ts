import { assert, test } from '#test'
import {
  bool,
  bytes,
  decode,
  encode,
  ext,
  field,
  fromHex,
  id,
  limits,
  list,
  nullable,
  optional,
  refine,
  struct,
  text,
  toHex,
  uint,
  union,
  version,
  understand,
  type Shape,
} from '@sotto/protocol'
import { refuses } from './refuses.js'

const hexOf = <T>(shape: Shape<T>, value: T): string => toHex(encode(shape, value))
const taken = <T>(shape: Shape<T>, hex: string): T => decode(shape, fromHex(hex), 100_000)
/** What a careless caller hands in. */
const wrongly =
  <T>(shape: Shape<T>, value: unknown) =>
  () =>
    encode(shape, value as T)

test('a number keeps inside its bounds, both ways', () => {
  const shape = uint(10, 3)
  for (const value of [3, 10]) assert.equal(taken(shape, hexOf(shape, value)), value)
  for (const value of [2, 11, -1, 3.5, NaN, Infinity, '5', null, 5n])
    refuses(wrongly(shape, value), 'malformed')
  for (const hex of ['02', '0b', '1818']) refuses(() => taken(shape, hex), 'malformed')
})

test('a number goes up to 2^53 - 1 and no further', () => {
  assert.equal(taken(uint(), hexOf(uint(), Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER)
  refuses(wrongly(uint(), Number.MAX_SAFE_INTEGER + 1), 'malformed')
})

test('bytes keep inside their bounds, both ways', () => {
  const shape = bytes(2, 3)
  for (const hex of ['420102', '43010203']) assert.equal(hexOf(shape, taken(shape, hex)), hex)
  for (const hex of ['4101', '4401020304']) refuses(() => taken(shape, hex), 'malformed')
  for (const value of [new Uint8Array(1), new Uint8Array(4), [1, 2], '12', new Uint16Array(2), null]) {
    refuses(wrongly(shape, value), 'malformed')
  }
  refuses(() => taken(bytes(4), '43010203'), 'malformed')
})

test('an id is lower-case hexadecimal of its length in memory', () => {
  assert.equal(taken(id(2), '42ab01'), 'ab01')
  assert.equal(hexOf(id(2), 'ab01'), '42ab01')
  for (const value of ['AB01', 'ab0', 'ab', 'ab0102', 'ab0g', '', 5, null])
    refuses(wrongly(id(2), value), 'malformed')
  for (const hex of ['41ab', '43ab0102', '64616230']) refuses(() => taken(id(2), hex), 'malformed')
})

test('a text keeps to its bytes of UTF-8 and its pattern, both ways', () => {
  const shape = text(4, /^[z-é]*$/)
  assert.equal(taken(shape, hexOf(shape, 'éé')), 'éé')
  for (const value of ['ééé', 'a']) refuses(wrongly(shape, value), 'malformed')
  for (const hex of ['66c3a9c3a9c3a9', '6161']) refuses(() => taken(shape, hex), 'malformed')
  for (const value of [5, null, ['z']]) refuses(wrongly(shape, value), 'malformed')
})

test('half a character is never written', () => {
  for (const value of ['\uD83D', 'a\uDE00', '\uDE00\uD83D', 'x\uD83Dx'])
    refuses(wrongly(text(100), value), 'malformed')
  assert.equal(taken(text(100), hexOf(text(100), '\uD83D\uDE00')), '\uD83D\uDE00')
})

test('a text comes through as it is: marks of byte order, zeros, characters that join', () => {
  for (const value of [
    '\uFEFFa',
    '\uFEFF',
    'a\u0000b',
    'e\u0301',
    '\u202Eevil',
    '\uFFFD',
    '\u{10FFFF}',
    'a'.repeat(40),
  ]) {
    assert.equal(taken(text(100), hexOf(text(100), value)), value)
  }
})

test('true is true and nothing that looks like it', () => {
  assert.equal(hexOf(bool, true), 'f5')
  for (const value of [1, 'true', null, undefined, {}]) refuses(wrongly(bool, value), 'malformed')
})

test('null stands where it may, and is not the absence of a field', () => {
  const shape = struct({ a: field(1, nullable(uint())), b: optional(2, nullable(uint())) })
  assert.equal(hexOf(shape, { a: null }), 'a101f6')
  assert.equal(hexOf(shape, { a: 0, b: null }), 'a2010002f6')
  assert.isFalse('b' in taken(shape, 'a101f6'))
})

test('a list keeps inside its bounds, both ways', () => {
  const shape = list(uint(), 2, 1)
  assert.deepEqual(taken(shape, '820102'), [1, 2])
  for (const hex of ['80', '83010203']) refuses(() => taken(shape, hex), 'malformed')
  for (const value of [[], [1, 2, 3], 'ab', { length: 1, 0: 1 }, null])
    refuses(wrongly(shape, value), 'malformed')
})

test('a struct writes its fields by key, whatever their order', () => {
  const shape = struct({ z: field(2, uint()), a: field(30, uint()), m: field(1, uint()) })
  assert.equal(hexOf(shape, { a: 3, m: 1, z: 2 }), 'a301010202181e03')
})

test('a struct writes no undefined, and misses nothing silently', () => {
  const shape = struct({ a: field(1, uint()), b: optional(2, uint()) })
  assert.equal(hexOf(shape, { a: 1 }), 'a10101')
  assert.equal(toHex(encode(shape, { a: 1, b: undefined } as never)), 'a10101')
  refuses(wrongly(shape, { b: 1 }), 'malformed', 'a')
  for (const value of [null, undefined, 5, 'a']) refuses(wrongly(shape, value), 'malformed')
})

test('a struct names the place that is wrong', () => {
  const shape = struct({ outer: field(1, struct({ inner: field(7, uint(3)) })) })
  refuses(() => taken(shape, 'a101a10704'), 'malformed', 'inner')
  refuses(() => taken(shape, 'a101a0'), 'malformed', 'inner')
})

test('what is out of bounds is found where it stands, not only when it is written again', () => {
  const shape = struct({
    whole: optional(1, uint(9, 3)),
    raw: optional(2, bytes(2, 3)),
    words: optional(3, text(2, /^z*$/)),
    many: optional(4, list(uint(), 2, 1)),
    name: optional(5, id(2)),
    even: optional(
      6,
      refine(uint(), 'odd', (value) => value % 2 === 0),
    ),
  })
  for (const [hex, place] of [
    ['a10102', 'whole'],
    ['a1010a', 'whole'],
    ['a1024101', 'raw'],
    ['a1024401020304', 'raw'],
    ['a103637a7a7a', 'words'],
    ['a1036161', 'words'],
    ['a10480', 'many'],
    ['a10483010203', 'many'],
    ['a1054101', 'name'],
    ['a10543010203', 'name'],
    ['a10605', 'odd'],
  ] as const) {
    refuses(() => taken(shape, hex), 'malformed', place)
  }
})

test('two fields of one key are a mistake of ours', () => {
  refuses(() => struct({ a: field(1, uint()), b: field(1, uint()) }), 'wrong-argument')
  refuses(() => union({ a: [1, struct({})], b: [1, struct({})] }), 'wrong-argument')
})

const choice = union({ left: [1, struct({ a: field(1, uint()) })], right: [2, struct({})] })

test('a union is told apart by its tag, and another tag is newer than us', () => {
  assert.equal(hexOf(choice, { type: 'left', a: 5 }), '8201a10105')
  assert.deepEqual({ ...taken(choice, '8202a0') }, { type: 'right' })
  for (const hex of ['8203a0', '8200a0', '821903e8a0'])
    refuses(() => taken(choice, hex), 'unsupported-version')
  for (const hex of ['8101', '8301a101050', '8302a0a0', '826131a0', '8220a0', '82f93c00a0', 'a101a0', '80']) {
    refuses(() => taken(choice, hex.length % 2 === 0 ? hex : `${hex}0`), 'malformed')
  }
})

test('a union knows its own types alone, not those of every object', () => {
  for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'middle', undefined, 1]) {
    refuses(wrongly(choice, { type }), 'malformed', 'type')
  }
  refuses(wrongly(choice, null), 'malformed', 'type')
})

test('a field called type cannot pass for the tag: it does not come through', () => {
  const shape = union({ left: [1, struct({ type: field(1, text(10)) })], right: [2, struct({})] })
  refuses(() => taken(shape, '8201a101657269676874'), 'malformed', 'encoding')
})

test('a refined shape holds both ways', () => {
  const even = refine(uint(), 'even', (value) => value % 2 === 0)
  assert.equal(taken(even, '04'), 4)
  refuses(() => taken(even, '05'), 'malformed', 'even')
  refuses(wrongly(even, 5), 'malformed', 'even')
  const sloppy = refine(uint(), 'sloppy', () => 'yes' as unknown as boolean)
  refuses(() => taken(sloppy, '05'), 'malformed', 'sloppy')
})

test('a layout’s number that is higher than ours is newer, a lower one is wrong', () => {
  const shape = version(2)
  assert.equal(taken(shape, '02'), 2)
  refuses(() => taken(shape, '03'), 'unsupported-version')
  refuses(() => taken(shape, '1a00010000'), 'unsupported-version')
  for (const hex of ['01', '00', 'f6', '6132']) refuses(() => taken(shape, hex), 'malformed')
  refuses(wrongly(shape, 3), 'malformed')
})

test('an ext is written by key and read as a map', () => {
  const value = new Map([
    [7, Uint8Array.of(7)],
    [1, Uint8Array.of(1)],
  ])
  assert.equal(hexOf(ext, value), 'a20141010741' + '07')
  assert.deepEqual([...taken(ext, 'a201410107410' + '7').keys()], [1, 7])
})

test('an ext holds 1 KiB and 16 keys, both ways', () => {
  const full = new Map([[1, new Uint8Array(limits.ext)]])
  assert.equal(taken(ext, hexOf(ext, full)).get(1)?.length, limits.ext)
  const over = new Map([
    [1, new Uint8Array(limits.ext)],
    [3, new Uint8Array(1)],
  ])
  refuses(wrongly(ext, over), 'too-large')
  refuses(() => taken(ext, `a201590400${'00'.repeat(1024)}034100`), 'too-large')
  const many = new Map(Array.from({ length: 17 }, (_, i) => [i + 1, new Uint8Array()]))
  refuses(wrongly(ext, many), 'too-large')
  const pairs = Array.from({ length: 17 }, (_, i) => `${(i + 1).toString(16).padStart(2, '0')}40`).join('')
  refuses(() => taken(ext, `b1${pairs}`), 'too-large')
})

test('an ext that is no map of numbers to bytes is not written', () => {
  const wrong = [
    new Map([[0, new Uint8Array()]]),
    new Map([['1', new Uint8Array()]]),
    new Map([[1, 'a']]),
    {},
    null,
    [],
  ]
  for (const value of wrong) refuses(wrongly(ext, value), 'malformed')
})

test('an odd key may be ignored, an even one must be understood', () => {
  const value = (...keys: number[]) => new Map(keys.map((key) => [key, new Uint8Array()]))
  understand(value())
  understand(value(1, 3, 70_001))
  understand(value(1, 2, 4), [2, 4])
  refuses(() => understand(value(2)), 'unsupported-version', 'ext')
  refuses(() => understand(value(1, 2, 4), [2]), 'unsupported-version')
})
