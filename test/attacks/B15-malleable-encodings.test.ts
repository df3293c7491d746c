import { decode as decodeCbor, encode as encodeCbor, rfc8949EncodeOptions } from 'cborg'
import { assert, test } from '#test'
import {
  accountIdOf,
  decodeSigned,
  encodeSigned,
  equalBytes,
  fromHex,
  hashOfList,
  SottoError,
  toHex,
} from '@sotto/protocol'
import { goldenBytes } from '../protocol/golden-bytes.js'
import { wireObjects, type WireObject } from '../protocol/wire-objects.js'

/** A CBOR item that remembers how it stood: what another spelling of the same value is made of. */
type Item =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'raw'; readonly hex: string }
  | { readonly kind: 'simple'; readonly hex: string }
  | { readonly kind: 'text'; readonly hex: string }
  | { readonly kind: 'list'; readonly items: readonly Item[] }
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [Item, Item])[] }

/** The item that a library for CBOR reads in `bytes`. */
function itemOf(value: unknown): Item {
  if (typeof value === 'number') return { kind: 'number', value }
  if (typeof value === 'string') return { kind: 'text', hex: toHex(new TextEncoder().encode(value)) }
  if (value instanceof Uint8Array) return { kind: 'raw', hex: toHex(value) }
  if (Array.isArray(value)) return { kind: 'list', items: value.map(itemOf) }
  if (value instanceof Map)
    return { kind: 'map', pairs: [...value].map(([key, item]) => [itemOf(key), itemOf(item)] as const) }
  return { kind: 'simple', hex: value === true ? 'f5' : value === false ? 'f4' : 'f6' }
}

/** How the items of one spelling are written. What it does not name is written as it must be. */
interface Spelling {
  readonly number?: (value: number) => string
  readonly head?: (major: number, length: number) => string
  readonly simple?: (hex: string) => string
  readonly raw?: (hex: string) => string
  readonly text?: (hex: string) => string
  readonly list?: (items: readonly string[]) => string
  readonly map?: (pairs: readonly string[]) => string
}

const head = (major: number, value: number): string => {
  const first = (info: number) => ((major << 5) | info).toString(16).padStart(2, '0')
  if (value < 24) return first(value)
  const width = value < 0x100 ? 2 : value < 0x1_0000 ? 4 : value < 0x1_0000_0000 ? 8 : 16
  return first({ 2: 24, 4: 25, 8: 26, 16: 27 }[width] ?? 0) + value.toString(16).padStart(width, '0')
}

function spelt(item: Item, by: Spelling): string {
  const headOf = by.head ?? head
  switch (item.kind) {
    case 'number':
      return by.number?.(item.value) ?? headOf(0, item.value)
    case 'simple':
      return by.simple?.(item.hex) ?? item.hex
    case 'raw':
      return by.raw?.(item.hex) ?? headOf(2, item.hex.length / 2) + item.hex
    case 'text':
      return by.text?.(item.hex) ?? headOf(3, item.hex.length / 2) + item.hex
    case 'list': {
      const items = item.items.map((one) => spelt(one, by))
      return by.list?.(items) ?? headOf(4, items.length) + items.join('')
    }
    case 'map': {
      const pairs = item.pairs.map(([key, value]) => spelt(key, by) + spelt(value, by))
      return by.map?.(pairs) ?? headOf(5, pairs.length) + pairs.join('')
    }
  }
}

const double = (value: number) => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return `fb${toHex(new Uint8Array(view.buffer))}`
}
const inBytes = (width: number) => (major: number, value: number) => {
  const info = { 2: 24, 4: 25, 8: 26, 16: 27 }[width] ?? 0
  if (value >= 2 ** (4 * width)) return head(major, value)
  return ((major << 5) | info).toString(16).padStart(2, '0') + value.toString(16).padStart(width, '0')
}
/** In one byte more where there is room, so that heads which are long already stay as they are. */
const longer = (major: number, value: number) =>
  value < 24 ? inBytes(2)(major, value) : value < 256 ? inBytes(4)(major, value) : head(major, value)

/** The first four are those that a library takes in its strict mode, unless it encodes again. */
const spellings: readonly (readonly [name: string, spelling: Spelling])[] = [
  ['keys in another order', { map: (pairs) => head(5, pairs.length) + [...pairs].reverse().join('') }],
  ['numbers as doubles', { number: double }],
  [
    'keys and numbers as half floats, where they are 1',
    { number: (value) => (value === 1 ? 'f93c00' : head(0, value)) },
  ],
  ['zero as minus zero', { number: (value) => (value === 0 ? 'f98000' : head(0, value)) }],
  ['heads in one byte more', { head: longer }],
  ['heads in two bytes', { head: inBytes(4) }],
  ['heads in four bytes', { head: inBytes(8) }],
  ['heads in eight bytes', { head: inBytes(16) }],
  ['maps of indefinite length', { map: (pairs) => `bf${pairs.join('')}ff` }],
  ['lists of indefinite length', { list: (items) => `9f${items.join('')}ff` }],
  ['bytes of indefinite length', { raw: (hex) => `5f${head(2, hex.length / 2)}${hex}ff` }],
  ['bytes in two pieces', { raw: (hex) => `5f${head(2, 0)}${head(2, hex.length / 2)}${hex}ff` }],
  ['texts of indefinite length', { text: (hex) => `7f${head(3, hex.length / 2)}${hex}ff` }],
  ['texts as bytes', { text: (hex) => head(2, hex.length / 2) + hex }],
  ['bytes as texts', { raw: (hex) => head(3, hex.length / 2) + hex }],
  [
    'numbers as big numbers',
    { number: (value) => `c2${head(2, 1)}${(value % 256).toString(16).padStart(2, '0')}` },
  ],
  ['values under a tag', { number: (value) => `d9d9f7${head(0, value)}` }],
  ['true, false and null in a byte more', { simple: (hex) => `f8${hex}` }],
  ['null as undefined', { simple: (hex) => (hex === 'f6' ? 'f7' : hex) }],
  [
    'a pair twice',
    {
      map: (pairs) => (pairs.length === 0 ? 'a0' : head(5, pairs.length + 1) + [pairs[0], ...pairs].join('')),
    },
  ],
  [
    'a pair more: null under a key far away',
    { map: (pairs) => `${head(5, pairs.length + 1)}${pairs.join('')}1903e7f6` },
  ],
  ['a pair more: undefined', { map: (pairs) => `${head(5, pairs.length + 1)}${pairs.join('')}1903e7f7` }],
  ['a pair less', { map: (pairs) => head(5, Math.max(0, pairs.length - 1)) + pairs.slice(1).join('') }],
  ['an item more in every list', { list: (items) => head(4, items.length + 1) + [...items, 'f6'].join('') }],
]

/** Bodies have their suite before the CBOR. */
const prefixOf = ({ name, bytes }: WireObject) =>
  name.endsWith(' body') && bytes[0] === 1 ? bytes.subarray(0, 1) : bytes.subarray(0, 0)

function refusesBytes(object: WireObject, hex: string, how: string): void {
  try {
    object.read(fromHex(hex))
  } catch (error) {
    assert.isTrue(SottoError.is(error), String(error))
    // A key or a tag that became another one may be newer than us. Nothing is ever taken.
    assert.include(['malformed', 'unsupported-version', 'too-large'], (error as SottoError).code, how)
    return
  }
  assert.fail(`${object.name}: taken with ${how}`)
}

for (const object of wireObjects) {
  test(`B15 an object has one encoding: ${object.name}`, () => {
    const prefix = toHex(prefixOf(object))
    const cbor = object.bytes.subarray(prefix.length / 2)
    const item = itemOf(decodeCbor(cbor, { useMaps: true }))
    let others = 0
    for (const [how, spelling] of spellings) {
      const hex = prefix + spelt(item, spelling)
      if (hex === toHex(object.bytes)) continue
      others++
      refusesBytes(object, hex, how)
    }
    assert.isAtLeast(others, 5)
    for (const more of ['00', 'f6', 'a0', toHex(cbor)])
      refusesBytes(object, toHex(object.bytes) + more, 'bytes after it')
    for (let length = 0; length < object.bytes.length; length++) {
      refusesBytes(object, toHex(object.bytes.subarray(0, length)), `${length} bytes of it`)
    }
  })
}

test('B15 control: spelt as it must be, an object is its own bytes', () => {
  for (const object of wireObjects) {
    const prefix = toHex(prefixOf(object))
    const cbor = object.bytes.subarray(prefix.length / 2)
    assert.equal(
      prefix + spelt(itemOf(decodeCbor(cbor, { useMaps: true })), {}),
      toHex(object.bytes),
      object.name,
    )
  }
})

test('B15 control: a library in its strict mode takes four of these spellings, and only encoding again finds them', () => {
  const bytes = fromHex(goldenBytes['sent frame'] ?? '')
  const strict = {
    useMaps: true,
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    rejectDuplicateMapKeys: true,
  }
  const item = itemOf(decodeCbor(bytes, strict))
  for (const [how, spelling] of spellings.slice(0, 3)) {
    const hex = spelt(item, spelling)
    assert.notEqual(hex, toHex(bytes), how)
    const value: unknown = decodeCbor(fromHex(hex), strict)
    assert.equal(toHex(encodeCbor(value, rfc8949EncodeOptions)), toHex(bytes), how)
  }
  assert.equal(decodeCbor(fromHex('f98000'), strict), 0)
})

test('B15 signatures that are added, taken away or put in another order change no hash and no account id', () => {
  const signed = decodeSigned(fromHex(goldenBytes['signed second device list'] ?? ''))
  const reordered = { ...signed, signed: [...signed.signed].reverse() }
  assert.isFalse(equalBytes(encodeSigned(reordered), encodeSigned(signed)))
  const more = signed.signed.map((one) => ({
    ...one,
    signatures: [...one.signatures, { alg: 9, bytes: Uint8Array.of(1) }],
  }))
  for (const other of [
    reordered,
    { ...signed, signed: more },
    { ...signed, signed: signed.signed.slice(1) },
  ]) {
    assert.equal(hashOfList(other.bytes), hashOfList(signed.bytes))
    assert.equal(accountIdOf(other.bytes), accountIdOf(signed.bytes))
  }
})
