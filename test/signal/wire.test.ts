import { test, assert } from '#test'
import { SottoError, concatBytes, utf8 } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { parseMessage } from '../../packages/signal/src/wire.js'
import { expectCode } from './expect-code.js'
import { encodeFirst, encodeLater, takeApart, takeApartLater, varint } from './forge.js'
import { Device } from './two-devices.js'

async function genuine(): Promise<{ first: Uint8Array; later: Uint8Array }> {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const first = await alice.encrypt(utf8('hello'))
  return { first, later: takeApart(first).message }
}

test('what the cipher writes is taken apart and put together again byte for byte', async () => {
  const { first, later } = await genuine()
  assert.deepEqual(encodeFirst(takeApart(first)), first)
  assert.deepEqual(encodeLater(takeApartLater(later)), later)
})

test('a message of another encoding is malformed', async () => {
  const { first, later } = await genuine()
  const fields = takeApartLater(later)
  const long = [0x80 | fields.counter, 0x00]
  const key = later.subarray(0, 36)
  const rest = concatBytes(
    Uint8Array.of(0x18, 0, 0x22, fields.ciphertext.length),
    fields.ciphertext,
    fields.mac,
  )
  const canonical = concatBytes(key, Uint8Array.of(0x10, 0), rest)
  assert.deepEqual(canonical, later)
  const others: readonly (readonly [string, Uint8Array])[] = [
    ['a number in two bytes', concatBytes(key, Uint8Array.of(0x10, ...long), rest)],
    ['a number in five bytes', concatBytes(key, Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80, 0x00), rest)],
    ['a number over 32 bits', concatBytes(key, Uint8Array.of(0x10, ...varint(2 ** 32)), rest)],
    ['a number without end', concatBytes(key, Uint8Array.of(0x10), new Uint8Array(40).fill(0xff))],
    ['a field twice', concatBytes(key, Uint8Array.of(0x10, 0, 0x10, 0), rest)],
    ['a field missing', concatBytes(key, rest)],
    ['a field more', concatBytes(later.subarray(0, -8), Uint8Array.of(0x28, 0), fields.mac)],
    ['another order', concatBytes(later.subarray(0, 1), Uint8Array.of(0x10, 0), later.subarray(1, 36), rest)],
    ['another wire type', concatBytes(key, Uint8Array.of(0x11, 0), rest)],
    ['a byte more', concatBytes(later, Uint8Array.of(0))],
    ['no ciphertext', encodeLater({ ...fields, ciphertext: new Uint8Array(0) })],
    ['half a block', encodeLater({ ...fields, ciphertext: fields.ciphertext.subarray(8) })],
    ['no MAC', later.subarray(0, -8)],
    ['a longer MAC', encodeLater({ ...fields, mac: concatBytes(fields.mac, fields.mac) })],
    ['a byte more behind a first message', concatBytes(first, Uint8Array.of(0))],
    ['a first message in a first message', encodeFirst({ ...takeApart(first), message: first })],
    ['a first message without a message', encodeFirst({ ...takeApart(first), message: new Uint8Array(0) })],
    [
      'a key of another type',
      encodeFirst({
        ...takeApart(first),
        baseKey: takeApart(first).baseKey.map((b, i) => (i === 0 ? 4 : b)),
      }),
    ],
    [
      'a longer key',
      encodeFirst({ ...takeApart(first), baseKey: concatBytes(takeApart(first).baseKey, Uint8Array.of(0)) }),
    ],
  ]
  for (const [what, bytes] of others) await expectCode('malformed', () => parseMessage(bytes), what)
})

test('the largest counter and id are read, and none above them', async () => {
  const { first, later } = await genuine()
  const largest = 2 ** 32 - 1
  const message = encodeLater({ ...takeApartLater(later), counter: largest, previousCounter: largest })
  const parsed = parseMessage(
    encodeFirst({ ...takeApart(first), message, signedPreKeyId: largest, preKeyId: largest }),
  )
  assert.equal(parsed.kind, 'first')
  if (parsed.kind !== 'first') return
  assert.deepEqual(
    [parsed.signedPreKeyId, parsed.preKeyId, parsed.message.counter],
    [largest, largest, largest],
  )
  for (const field of ['signedPreKeyId', 'preKeyId'] as const) {
    await expectCode('malformed', () =>
      parseMessage(encodeFirst({ ...takeApart(first), [field]: largest + 1 })),
    )
  }
})

test('every cut of a message is malformed', async () => {
  const { first, later } = await genuine()
  for (const whole of [first, later]) {
    for (let length = 0; length < whole.length; length++) {
      await expectCode('malformed', () => parseMessage(whole.subarray(0, length)), `at ${length}`)
    }
  }
})

test('the error says which field is cut off', async () => {
  const { first, later } = await genuine()
  const whatOf = (bytes: Uint8Array): unknown => {
    try {
      return parseMessage(bytes)
    } catch (error) {
      return SottoError.is(error, 'malformed') ? error.details.what : error
    }
  }
  assert.equal(whatOf(first.subarray(0, -16)), 'message')
  assert.equal(whatOf(later.subarray(0, 8)), 'length')
  assert.equal(whatOf(later.subarray(0, 9)), 'length')
})
