import fc from 'fast-check'
import { test, assert } from '#test'
import { SottoError, toHex } from '@sotto/protocol'
import type { SessionCipher } from '@sotto/core/ports'
import { bounds, createSignalCipher } from '@sotto/signal'
import { decodeState } from '../../packages/signal/src/state.js'
import { Device } from './two-devices.js'

/**
 * One thing that happens between two devices: a side sends, or the network delivers, loses, repeats or spoils
 * one of what is under way.
 */
type Happening =
  | { readonly kind: 'send'; readonly side: 0 | 1; readonly text: Uint8Array }
  | { readonly kind: 'deliver' | 'lose' | 'repeat' | 'spoil'; readonly pick: number }

interface Letter {
  readonly from: Device
  readonly to: Device
  readonly text: Uint8Array
  readonly ciphertext: Uint8Array
}

const side = fc.constantFrom<0 | 1>(0, 1)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      side,
      text: fc.uint8Array({ maxLength: 40 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'deliver' as const,
        'deliver' as const,
        'deliver' as const,
        'lose' as const,
        'repeat' as const,
        'spoil' as const,
      ),
      pick: fc.nat(1000),
    }),
  },
)

/** Runs a history and checks every step against what must hold. Returns how many messages were read. */
async function live(cipher: SessionCipher, history: readonly Happening[]): Promise<number> {
  const alice = await Device.create(cipher)
  const bob = await Device.create(cipher)
  await alice.start(bob.bundle(history.length % 2 === 0))
  const underWay: Letter[] = []
  const read: Letter[] = []
  // In a row the chains each device has read on: what is older than the five before the newest is forgotten.
  const chains = new Map<Device, string[]>([
    [alice, []],
    [bob, []],
  ])
  for (const one of history) {
    if (one.kind === 'send') {
      const [from, to] = one.side === 0 ? [alice, bob] : [bob, alice]
      if (from.session === undefined) continue
      underWay.push({ from, to, text: one.text, ciphertext: await from.encrypt(one.text) })
      continue
    }
    const pool = one.kind === 'repeat' ? read : underWay
    const letter = pool[one.pick % Math.max(1, pool.length)]
    if (letter === undefined) continue
    if (one.kind === 'repeat') {
      await mustRefuse(letter, letter.ciphertext)
    } else if (one.kind === 'spoil') {
      await mustRefuse(
        letter,
        letter.ciphertext.map((byte, i) => (i === one.pick % letter.ciphertext.length ? byte ^ 1 : byte)),
      )
    } else {
      underWay.splice(underWay.indexOf(letter), 1)
      if (one.kind === 'lose') continue
      const known = chains.get(letter.to) ?? []
      const ratchetKey = toHex(cipher.inspect(letter.ciphertext).ratchetKey)
      if (!known.includes(ratchetKey)) known.push(ratchetKey)
      if (known.indexOf(ratchetKey) < known.length - bounds.oldChains - 1) {
        await mustRefuse(letter, letter.ciphertext)
        continue
      }
      assert.deepEqual(await letter.to.decrypt(letter.from, letter.ciphertext), letter.text)
      read.push(letter)
    }
    const { session } = letter.to
    if (session !== undefined) {
      assert.isAtMost(session.length, bounds.session)
      assert.isAtMost(decodeState(session).receiving.length, bounds.oldChains + 1)
    }
  }
  return read.length
}

async function mustRefuse({ from, to }: Letter, ciphertext: Uint8Array): Promise<void> {
  const before = to.session?.slice()
  const preKeys = to.preKeys.size
  const error = await to.decrypt(from, ciphertext).catch((caught: unknown) => caught)
  assert.isTrue(SottoError.is(error), String(error))
  assert.deepEqual(to.session, before)
  assert.equal(to.preKeys.size, preKeys)
}

for (const seed of [1, 20_260_401]) {
  test(`any history of two devices reads what arrives, once, and nothing else (seed ${seed})`, async () => {
    const cipher = await createSignalCipher()
    let read = 0
    const property = fc.asyncProperty(
      fc.array(happening, { minLength: 30, maxLength: 120, size: 'max' }),
      async (history) => {
        read += await live(cipher, history)
      },
    )
    await fc.assert(property, { seed, numRuns: 60 })
    assert.isAbove(read, 600, 'most histories read something')
  })
}

test('a long conversation with losses in both directions neither grows nor stops', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  await bob.decrypt(alice, await alice.encrypt(Uint8Array.of(0)))
  const lengths: number[] = []
  for (let turn = 0; turn < 60; turn++) {
    const [from, to] = turn % 2 === 0 ? [bob, alice] : [alice, bob]
    for (let i = 0; i < 3; i++) await from.encrypt(Uint8Array.of(i))
    assert.deepEqual(await to.decrypt(from, await from.encrypt(Uint8Array.of(turn))), Uint8Array.of(turn))
    lengths.push(to.session?.length ?? 0)
  }
  assert.deepEqual(new Set(lengths.slice(14)).size, 1, 'the size does not change any more')
})

test('a message with any byte changed is refused, and the session reads the genuine one after it', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const text = Uint8Array.of(1, 2, 3)
  const [opening, repeated] = [await alice.encrypt(text), await alice.encrypt(text)]
  const refuseAll = async (message: Uint8Array, from: Device, to: Device): Promise<void> => {
    for (let at = 0; at < message.length; at++) {
      const changed = message.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte))
      await mustRefuse({ from, to, text, ciphertext: message }, changed)
    }
  }
  await refuseAll(opening, alice, bob)
  assert.deepEqual(await bob.decrypt(alice, opening), text)
  await refuseAll(repeated, alice, bob)
  assert.deepEqual(await bob.decrypt(alice, repeated), text)
  const answer = await bob.encrypt(text)
  await refuseAll(answer, bob, alice)
  assert.deepEqual(await alice.decrypt(bob, answer), text)
  const later = await alice.encrypt(text)
  await bob.decrypt(alice, await alice.encrypt(text))
  await refuseAll(later, alice, bob)
  assert.deepEqual(await bob.decrypt(alice, later), text)
})
