import fc from 'fast-check'
import { assert, test } from '#test'
import {
  decodeBody,
  decodeStampedEnvelope,
  emptyExt,
  encodeBody,
  encodeStampedEnvelope,
  limits,
  suites,
  toHex,
  type Body,
  type StampedEnvelope,
} from '@sotto/protocol'
import { lowOrderKeys, nonCanonicalKeys } from '../signal/odd-keys.js'
import { agreementKey, alice, bob, envelopeTo, filled, firstBody, idOf, laterBody, now } from './made.js'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

const through = (body: Body) => decodeBody(encodeBody(suites.signal, body)).body
const { account, accountId, device } = alice
const stamped = (change: Partial<StampedEnvelope> = {}): StampedEnvelope => ({
  envelope: envelopeTo(bob, filled(100, 1)),
  from: { account, accountId, device },
  at: now,
  ...change,
})
const delivered = (change: Partial<StampedEnvelope>) =>
  decodeStampedEnvelope(encodeStampedEnvelope(stamped(change)))
const { envelope } = stamped()

test('a body begins with its suite, one byte', () => {
  assert.equal(encodeBody(suites.signal, laterBody())[0], 1)
  for (const suite of [0, 256, -1, 1.5, NaN]) refuses(() => encodeBody(suite, laterBody()), 'wrong-argument')
})

test('a first message carries base key and generation, a later one its session’s name', () => {
  const ciphertext = fc.uint8Array({ minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(ciphertext, fc.integer({ min: 1, max: 0xffff_ffff }), (bytes, generation) => {
      const first = through(firstBody({ ciphertext: bytes, generation }))
      if (first.type !== 'first') throw new Error('a first message')
      assert.equal(first.generation, generation)
      assert.equal(toHex(first.baseKey), toHex(agreementKey(9)))
      assert.equal(toHex(first.ciphertext), toHex(bytes))
      const later = through(laterBody({ ciphertext: bytes }))
      assert.equal(later.type === 'later' ? later.session : '', idOf(0x44))
    }),
    { seed, numRuns: 50 },
  )
})

test('a suite that is newer than us says so, and no suite at all is malformed', () => {
  const body = encodeBody(suites.signal, laterBody())
  for (const suite of [2, 3, 255]) {
    body[0] = suite
    refuses(() => decodeBody(body), 'unsupported-version', 'suite')
  }
  body[0] = 0
  refuses(() => decodeBody(body), 'malformed', 'suite')
  refuses(() => decodeBody(new Uint8Array()), 'malformed', 'body')
  refuses(() => decodeBody(Uint8Array.of(1)), 'malformed')
})

test('a third kind of body is newer than us', () => {
  refuses(() => decodeBody(Uint8Array.of(1, 0x82, 3, 0xa0)), 'unsupported-version')
})

test('a base key has one spelling, and is not of low order', () => {
  for (const baseKey of [...lowOrderKeys, ...nonCanonicalKeys])
    refuses(() => through(firstBody({ baseKey })), 'malformed', 'baseKey')
  refuses(() => through(firstBody({ baseKey: filled(31, 9) })), 'malformed')
})

test('a generation is from 1 and fits into 32 bits', () => {
  for (const generation of [0, 2 ** 32, -1]) refuses(() => through(firstBody({ generation })), 'malformed')
})

test('a body carries a ciphertext of 1 byte to 128 KiB', () => {
  refuses(() => through(laterBody({ ciphertext: new Uint8Array() })), 'malformed')
  refuses(() => decodeBody(new Uint8Array(limits.body + 2).fill(1)), 'too-large')
})

test('an even key of a body’s ext must be understood, an odd one need not be', () => {
  for (const body of [firstBody, laterBody]) {
    through(body({ ext: new Map([[1, filled(1, 1)]]) }))
    refuses(() => through(body({ ext: new Map([[2, filled(1, 1)]]) })), 'unsupported-version', 'ext')
  }
})

test('a stamped envelope goes over the wire whole', () => {
  const encoded = encodeStampedEnvelope(stamped({ tag: filled(32, 5) }))
  const again = decodeStampedEnvelope(encoded)
  assert.equal(toHex(encodeStampedEnvelope(again)), toHex(encoded))
  assert.equal(again.from?.account, 'alice')
  assert.equal(again.at, now)
})

test('an envelope of another version is newer than us', () => {
  const encoded = encodeStampedEnvelope(stamped())
  assert.equal(toHex(encoded.subarray(0, 5)), 'a301a50101', 'where the version stands')
  encoded[4] = 2
  refuses(() => decodeStampedEnvelope(encoded), 'unsupported-version', 'v')
  encoded[4] = 0
  refuses(() => decodeStampedEnvelope(encoded), 'malformed', 'v')
})

test('who sent an envelope may be unknown', () => {
  const { from: _from, ...rest } = stamped()
  assert.isUndefined(decodeStampedEnvelope(encodeStampedEnvelope(rest)).from)
})

test('the largest envelope that may be is taken', () => {
  const realm = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  const name = 'x'.repeat(64)
  const largest: StampedEnvelope = {
    envelope: {
      ...envelope,
      to: { type: 'address', address: { realm, account: name, accountId, device } },
      body: new Uint8Array(limits.body),
      ext: new Map([[1, new Uint8Array(limits.ext)]]),
    },
    from: { account: name, accountId, device },
    at: Number.MAX_SAFE_INTEGER,
    tag: new Uint8Array(1024),
  }
  assert.lengthOf(decodeStampedEnvelope(encodeStampedEnvelope(largest)).envelope.body, limits.body)
})

test('ids, names and sizes of an envelope are checked', () => {
  refuses(() => delivered({ at: -1 }), 'malformed')
  refuses(() => delivered({ tag: new Uint8Array() }), 'malformed')
  refuses(() => delivered({ tag: new Uint8Array(1025) }), 'malformed')
  refuses(() => delivered({ from: { account: 'Alice', accountId, device } }), 'malformed')
  refuses(() => delivered({ envelope: { ...envelope, id: idOf(1, 15) } }), 'malformed')
  refuses(() => delivered({ envelope: { ...envelope, body: new Uint8Array() } }), 'malformed')
  refuses(() => delivered({ envelope: { ...envelope, body: new Uint8Array(limits.body + 1) } }), 'malformed')
  refuses(
    () => delivered({ envelope: { ...envelope, ext: new Map([[1, new Uint8Array(1025)]]) } }),
    'too-large',
  )
  assert.equal(delivered({ envelope: { ...envelope, ext: emptyExt } }).envelope.id, envelope.id)
})
