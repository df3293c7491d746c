import fc from 'fast-check'
import { assert, test } from '#test'
import {
  bucketOf,
  contentTypes,
  emptyExt,
  encodeBody,
  encodeBodyOf,
  encodeContent,
  encodeStampedEnvelope,
  pad,
  receiptBody,
  sessionBody,
  suites,
  type Content,
} from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import {
  alice,
  bob,
  contentOf,
  envelopeTo,
  filled,
  firstBody,
  idOf,
  laterBody,
  now,
} from '../protocol/made.js'
import { seed } from '../protocol/seed.js'
import { Device, talkingDevices } from '../signal/two-devices.js'

/** Contents of every length and kind that say quite different things, each with the frame that is encrypted. */
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => contentOf(text)),
  fc.integer({ min: 1, max: 3400 }).map((length) => contentOf('x'.repeat(length))),
  fc.constant({
    ...contentOf(''),
    type: contentTypes.session.type,
    body: encodeBodyOf(sessionBody, { ext: emptyExt }),
  }),
  fc.nat(60).map((count) => {
    const missing = Array.from({ length: count }, (_, i) => ({ run: 1, first: 2 * i + 1, last: 2 * i + 1 }))
    const delivered = [{ device: idOf(1), upTo: { run: 1, n: 200 }, missing }]
    return {
      ...contentOf(''),
      type: contentTypes.receipt.type,
      body: encodeBodyOf(receiptBody, { delivered, read: [], ext: emptyExt }),
    }
  }),
)

/** The size of what a relay stores and delivers. */
function sizeOf(ciphertext: Uint8Array, kind: 'first' | 'later'): number {
  const body = encodeBody(
    suites.signal,
    kind === 'first' ? firstBody({ ciphertext }) : laterBody({ ciphertext }),
  )
  const { account, accountId, device } = alice
  return encodeStampedEnvelope({
    envelope: envelopeTo(bob, body),
    from: { account, accountId, device },
    at: now,
  }).length
}

/** What sizes came for each bucket, kind and width of the counter. */
class Sizes {
  readonly #seen = new Map<string, Set<number>>()

  add(name: string, size: number): void {
    this.#seen.set(name, (this.#seen.get(name) ?? new Set()).add(size))
  }

  get names(): readonly string[] {
    return [...this.#seen.keys()].sort()
  }

  /** Asserts that each name has one size, and answers it. */
  one(name: string): number {
    const sizes = [...(this.#seen.get(name) ?? [])]
    assert.lengthOf(sizes, 1, `sizes of ${name}: ${sizes.join(', ')}`)
    return sizes[0] ?? 0
  }
}

async function sizesOf(device: Device, kind: 'first' | 'later', count: number): Promise<Sizes> {
  const sizes = new Sizes()
  let counter = 0
  await fc.assert(
    fc.asyncProperty(anyContent, async (content) => {
      const encoded = encodeContent(content)
      const frame = pad(encoded)
      const ciphertext = await device.encrypt(frame)
      const width = counter++ < 128 ? 1 : 2
      sizes.add(`${frame.length}, counter of ${width}`, sizeOf(ciphertext, kind))
      assert.equal(frame.length, bucketOf(21 + encoded.length))
    }),
    { seed, numRuns: count },
  )
  return sizes
}

test('B13 later messages of one bucket and one width of the counter are of one size, whatever they say', async () => {
  const [hers] = await talkingDevices(await createSignalCipher())
  const sizes = await sizesOf(hers, 'later', 300)
  assert.isAtLeast(sizes.names.length, 6, 'three buckets and more, both widths')
  for (const name of sizes.names) sizes.one(name)
  for (const bucket of [1024, 2048]) {
    assert.equal(sizes.one(`${bucket}, counter of 2`) - sizes.one(`${bucket}, counter of 1`), 1)
  }
})

test('B13 first messages of one bucket and one width of the counter are of one size, whatever they say', async () => {
  const cipher = await createSignalCipher()
  const [hers, his] = [await Device.create(cipher), await Device.create(cipher)]
  await hers.start(his.bundle())
  const sizes = await sizesOf(hers, 'first', 200)
  assert.isAtLeast(sizes.names.length, 4)
  for (const name of sizes.names) sizes.one(name)
})

test('B13 sessions of other people are no larger or smaller', async () => {
  const cipher = await createSignalCipher()
  const sizes = new Set<number>()
  const frame = pad(encodeContent(contentOf('hello')))
  for (let i = 0; i < 8; i++) {
    const [hers, his] = [await Device.create(cipher), await Device.create(cipher)]
    await hers.start(his.bundle())
    sizes.add(sizeOf(await hers.encrypt(frame), 'first'))
  }
  assert.equal(sizes.size, 1)
})

test('B13 what an envelope adds is the same for every id, address of one length, and ciphertext of one length', () => {
  const sizes = new Set<number>()
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 528, maxLength: 528 }), fc.nat(255), (ciphertext, value) => {
      const body = encodeBody(suites.signal, laterBody({ ciphertext, session: idOf(value) }))
      const to = { ...bob, accountId: idOf(value, 32), device: idOf(value) }
      const envelope = { ...envelopeTo(to, body), id: idOf(value) }
      sizes.add(encodeStampedEnvelope({ envelope, at: now }).length)
    }),
    { seed },
  )
  assert.equal(sizes.size, 1)
})

test('B13 control: without the frame’s padding a longer text is a longer ciphertext', async () => {
  const [hers] = await talkingDevices(await createSignalCipher())
  const short = await hers.encrypt(encodeContent(contentOf('no')))
  const long = await hers.encrypt(encodeContent(contentOf('certainly, with pleasure, as soon as I can')))
  assert.isAbove(long.length, short.length)
  assert.equal(
    (await hers.encrypt(pad(filled(2, 1)))).length,
    (await hers.encrypt(pad(filled(400, 1)))).length,
  )
})
