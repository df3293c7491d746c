import fc from 'fast-check'
import { assert, test } from '#test'
import {
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromHex,
  randomBytes,
  toBase64Url,
  toHex,
  utf8,
} from '@sotto/protocol'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

const anyBytes = fc.uint8Array({ maxLength: 100 })

test('hexadecimal goes there and back', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const hex = toHex(bytes)
      assert.match(hex, /^(?:[0-9a-f]{2})*$/)
      assert.isTrue(equalBytes(fromHex(hex), bytes))
    }),
    { seed },
  )
  assert.equal(toHex(Uint8Array.of(0, 1, 0x7f, 0x80, 0xff)), '00017f80ff')
})

test('hexadecimal has one spelling', () => {
  for (const text of ['0', 'AB', 'aG', '0x', ' 1', '1 ', '+1', 'é1', '0\n', 5, null, undefined]) {
    refuses(() => fromHex(text as string), 'malformed', 'hex')
  }
})

test('base64url goes there and back, and is what the platform’s base64 is', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const text = toBase64Url(bytes)
      assert.match(text, /^[A-Za-z0-9_-]*$/)
      assert.isTrue(equalBytes(fromBase64Url(text), bytes))
      const platform = btoa(String.fromCharCode(...bytes))
      assert.equal(text, platform.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))
    }),
    { seed },
  )
})

test('base64url has one spelling', () => {
  const wrong = [
    'A',
    'AAAAA',
    'AB',
    'AAB',
    'AA==',
    'AA=',
    'A+',
    'A/',
    ' AAA',
    'AAA\n',
    'ÀA',
    'AA A',
    '\u{1F600}',
    5,
    null,
    undefined,
    ['AA'],
  ]
  for (const text of wrong) refuses(() => fromBase64Url(text as string), 'malformed', 'base64url')
})

test('bytes are equal when they are, whatever buffer they lie in', () => {
  assert.isTrue(equalBytes(fromHex('0102'), fromHex('00010203').subarray(1, 3)))
  for (const other of ['01', '010203', '0103', '0202', ''])
    assert.isFalse(equalBytes(fromHex('0102'), fromHex(other)))
})

test('parts are put one after the other', () => {
  assert.equal(toHex(concatBytes(fromHex('01'), new Uint8Array(), fromHex('0203'))), '010203')
  assert.lengthOf(concatBytes(), 0)
})

test('random bytes are as many as asked for, and others each time', () => {
  assert.lengthOf(randomBytes(32), 32)
  assert.notEqual(toHex(randomBytes(16)), toHex(randomBytes(16)))
})

test('without the platform’s random source there are no random bytes', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true })
  try {
    refuses(() => randomBytes(16), 'no-crypto')
  } finally {
    if (own === undefined) Reflect.deleteProperty(globalThis, 'crypto')
    else Object.defineProperty(globalThis, 'crypto', own)
  }
})

test('text becomes UTF-8', () => {
  assert.equal(toHex(utf8('é€\u{1F600}')), 'c3a9e282acf09f9880')
  assert.equal(toHex(utf8('')), '')
  const texts = [
    'plain',
    'a\u007f\u0080',
    'half a pair \ud83d',
    'x'.repeat(128),
    'x'.repeat(129),
    `${'x'.repeat(200)}é`,
  ]
  for (const text of texts) assert.deepEqual(utf8(text), new TextEncoder().encode(text), text)
})
