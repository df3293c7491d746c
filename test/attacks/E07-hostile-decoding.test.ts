import { encode as encodeCbor } from 'cborg'
import fc from 'fast-check'
import { assert, test } from '#test'
import {
  SottoError,
  concatBytes,
  decodeBodyOf,
  decodeContent,
  emptyExt,
  encodeBodyOf,
  encodeContent,
  errorCodes,
  extendChain,
  fromBase64Url,
  fromHex,
  isAccountName,
  isRealm,
  preKeyKinds,
  requireAccountName,
  startChain,
  textBody,
  toHex,
  unpad,
  verifyPreKey,
  verifySignature,
} from '@sotto/protocol'
import { chainOf, contentOf, now, ownerNo, realm } from '../protocol/made.js'
import { seed } from '../protocol/seed.js'
import { wireObjects } from '../protocol/wire-objects.js'

/** Everything of the platform that a decoder could have put something on. */
const builtIns = [
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Uint8Array.prototype,
  Function.prototype,
  String.prototype,
  Error.prototype,
]
const propertiesOf = () => builtIns.map((one) => Reflect.ownKeys(one).map(String).join())

/** Runs a decoder; what comes out is a value, or a SottoError that says what was wrong in a code of ours. */
function survives(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): 'read' | 'refused' {
  const copy = toHex(bytes)
  try {
    read(bytes)
    return 'read'
  } catch (error) {
    if (!SottoError.is(error))
      throw new Error(`something else came out for ${copy.slice(0, 400)}`, { cause: error })
    assert.isTrue(Object.hasOwn(errorCodes, error.code))
    return 'refused'
  } finally {
    assert.equal(toHex(bytes), copy, 'what was read is not changed')
  }
}

/** Names that hurt programs which keep what they read as properties. */
const hostileKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'then',
  'length',
  'hasOwnProperty',
]
const hostileValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constantFrom(null, undefined, ...hostileKeys),
    fc.uint8Array({ maxLength: 40 }),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(
        fc.tuple(fc.oneof(fc.integer({ min: -3, max: 14 }), fc.constantFrom(...hostileKeys)), tie('value')),
        { maxLength: 14 },
      )
      .map((pairs) => new Map(pairs)),
  ),
})).value

const hostileCbor = hostileValue.map((value) => encodeCbor(value))
const garbage = fc.uint8Array({ maxLength: 300 })

/** A good object with something done to it: bits, bytes, pieces. */
const spoilt = (good: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> => {
  const one = fc.constantFrom(...good)
  const place = fc.double({ min: 0, max: 0.999, noNaN: true })
  const at = (bytes: Uint8Array, where: number) => Math.floor(where * bytes.length)
  const put = fc.tuple(one, place, fc.nat(255)).map(([bytes, where, value]) => {
    const copy = bytes.slice()
    copy[at(bytes, where)] = value
    return copy
  })
  const cut = fc.tuple(one, place, place).map(([bytes, a, b]) => {
    const [from, to] = [Math.min(at(bytes, a), at(bytes, b)), Math.max(at(bytes, a), at(bytes, b))]
    return concatBytes(bytes.subarray(0, from), bytes.subarray(to))
  })
  const insert = fc
    .tuple(one, place, fc.oneof(garbage, hostileCbor))
    .map(([bytes, where, more]) =>
      concatBytes(bytes.subarray(0, at(bytes, where)), more, bytes.subarray(at(bytes, where))),
    )
  const splice = fc
    .tuple(one, place, one, place)
    .map(([a, i, b, j]) => concatBytes(a.subarray(0, at(a, i)), b.subarray(at(b, j))))
  const twice = fc.tuple(one, place, place).map(([bytes, a, b]) => {
    const [from, to] = [Math.min(at(bytes, a), at(bytes, b)), Math.max(at(bytes, a), at(bytes, b))]
    return concatBytes(bytes.subarray(0, to), bytes.subarray(from))
  })
  return fc.oneof(put, cut, insert, splice, twice)
}

const good = wireObjects.map(({ bytes }) => bytes)

test('E07 control: every decoder reads its own object', () => {
  for (const { read, bytes } of wireObjects) assert.equal(survives(read, bytes), 'read')
})

for (const { name, read, bytes } of wireObjects) {
  test(`E07 nothing but a value or an error of ours comes out, whatever goes in: ${name}`, () => {
    const before = propertiesOf()
    const any = fc.oneof(garbage, hostileCbor, spoilt([bytes]), spoilt(good))
    fc.assert(
      fc.property(any, (given) => void survives(read, given)),
      { seed, numRuns: 400 },
    )
    assert.deepEqual(propertiesOf(), before)
  })
}

test('E07 the first byte of an object may be any, and so may every byte of its first sixty', () => {
  for (const { read, bytes } of wireObjects) {
    for (let at = 0; at < Math.min(60, bytes.length); at++) {
      for (const value of [
        0x00, 0x1b, 0x3b, 0x5b, 0x7b, 0x9b, 0xbb, 0xc2, 0xdb, 0xf6, 0xf7, 0xf9, 0xfb, 0xff,
      ]) {
        const copy = bytes.slice()
        copy[at] = value
        survives(read, copy)
      }
    }
  }
})

test('E07 a mebibyte of anything is refused at its first bytes, by every decoder', () => {
  const size = 1024 * 1024
  const heads = [
    '9b0000000000ffffff',
    'bb0000000000ffffff',
    '5b00000000000fffff',
    '9a000fffff',
    'ba000fffff',
    '7a000ffff0',
    '8204',
    'a201',
    '',
  ]
  for (const fill of [0x00, 0x80, 0x81, 0xa0, 0xa1, 0x9f, 0xbf, 0x5f, 0xf6, 0xff, 0xc1, 0x61]) {
    for (const head of heads) {
      const bytes = new Uint8Array(size).fill(fill)
      bytes.set(fromHex(head))
      for (const { read, name } of wireObjects) {
        let error: unknown
        try {
          read(bytes)
        } catch (thrown) {
          error = thrown
        }
        assert.isTrue(SottoError.is(error), name)
      }
    }
  }
})

test('E07 no decoder is led by what somebody put on every object', () => {
  const before = wireObjects.map(({ readAndWrite, bytes }) => toHex(readAndWrite(bytes)))
  const text = toHex(encodeBodyOf(textBody, { text: 'a', ranges: [], ext: emptyExt }))
  const names = [
    'number',
    'after',
    'since',
    'reply',
    'account',
    'recoveryKey',
    'tag',
    'from',
    'shared',
    'body',
    'retryAfterMs',
    'expiresAt',
    'newest',
    'type',
    'last',
    '1',
    '2',
  ]
  const spoil = Object.prototype as Record<string, unknown>
  for (const name of names)
    Object.defineProperty(spoil, name, { value: { run: 1, n: 1 }, configurable: true, writable: true })
  try {
    assert.equal(({} as Record<string, unknown>)['reply'], spoil['reply'], 'the page is spoilt')
    assert.deepEqual(
      wireObjects.map(({ readAndWrite, bytes }) => toHex(readAndWrite(bytes))),
      before,
    )
    assert.equal(toHex(encodeBodyOf(textBody, { text: 'a', ranges: [], ext: emptyExt })), text)
    const { header } = decodeContent(encodeContent(contentOf('a')))
    assert.isUndefined(header.after)
    assert.isUndefined(decodeBodyOf(textBody, fromHex(text)).reply)
  } finally {
    for (const name of names) Reflect.deleteProperty(spoil, name)
  }
})

test('E07 names of keys in CBOR are never names of properties', () => {
  const before = propertiesOf()
  for (const key of hostileKeys) {
    for (const value of [{ polluted: true }, 1, null, []]) {
      const encoded = encodeCbor(new Map<unknown, unknown>([[key, value]]))
      for (const { read } of wireObjects) assert.equal(survives(read, encoded), 'refused')
      for (const { read } of wireObjects)
        assert.equal(survives(read, encodeCbor([1, new Map([[key, value]])])), 'refused')
    }
  }
  assert.deepEqual(propertiesOf(), before)
  assert.isUndefined(({} as { polluted?: boolean }).polluted)
})

test('E07 a signed object whose inside is anything verifies for nobody, and says so in a code of ours', async () => {
  const chain = await chainOf('alice', 1)
  const anyBytes = fc.oneof(garbage, hostileCbor, spoilt([chain.head.bytes]))
  const signer = fc.record({
    by: fc.oneof(fc.constant(chain.head.signed[0]?.by ?? new Uint8Array()), fc.uint8Array({ maxLength: 70 })),
    signatures: fc.array(fc.record({ alg: fc.nat(3), bytes: fc.uint8Array({ maxLength: 70 }) }), {
      maxLength: 5,
    }),
  })
  fc.assert(
    fc.property(fc.record({ bytes: anyBytes, signed: fc.array(signer, { maxLength: 12 }) }), (object) => {
      for (const verify of [
        () => startChain(object, { realm, account: 'alice' }),
        () => extendChain(chain, object),
        () => verifyPreKey(object, ownerNo(chain, 1), preKeyKinds.oneTime, now),
      ]) {
        assert.equal(survives(verify, object.bytes), 'refused')
      }
    }),
    { seed, numRuns: 300 },
  )
})

test('E07 frames, hexadecimal, base64url, names and signatures take anything', () => {
  const anything = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 300 }), garbage)
  fc.assert(
    fc.property(garbage, anything, (bytes, value) => {
      survives(unpad, bytes)
      for (const read of [fromHex, fromBase64Url, requireAccountName])
        survives(() => read(value as string), bytes)
      assert.isBoolean(isAccountName(value))
      assert.isBoolean(isRealm(value))
      assert.isBoolean(verifySignature(value as Uint8Array, bytes, value as Uint8Array))
    }),
    { seed, numRuns: 1000 },
  )
})

test('E07 long texts without an end are looked at once: names, realms, texts', () => {
  const long = 'a-'.repeat(500_000)
  for (const value of [long, `${long}.`, `${'a.'.repeat(500_000)}!`, '\uD83D'.repeat(500_000)]) {
    assert.isFalse(isAccountName(value))
    assert.isFalse(isRealm(value))
    assert.equal(
      survives(() => encodeBodyOf(textBody, { text: value, ranges: [], ext: emptyExt }), new Uint8Array()),
      'refused',
    )
  }
})
