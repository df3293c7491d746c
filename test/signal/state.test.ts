import { test, assert } from '#test'
import { concatBytes, randomBytes, utf8 } from '@sotto/protocol'
import { bounds, createSignalCipher } from '@sotto/signal'
import { decodeState, encodeState, type SessionState } from '../../packages/signal/src/state.js'
import { expectCode } from './expect-code.js'
import { talkingDevices } from './two-devices.js'

const chain = (next: number, counters: readonly number[], live = false) => ({
  ratchetKey: randomBytes(32),
  next,
  chainKey: live ? randomBytes(32) : undefined,
  skipped: counters.map((counter) => ({ counter, derivedAt: 1_790_000_000, key: randomBytes(32) })),
})

function sample(change: Partial<SessionState> = {}): SessionState {
  const receiving = change.receiving ?? [chain(9, [0, 3, 8]), chain(4, []), chain(2, [1], true)]
  return {
    role: 'responder',
    ours: randomBytes(32),
    theirs: randomBytes(32),
    baseKey: randomBytes(32),
    signedPreKeyId: 4_000_000_000,
    preKeyId: 0,
    rootKey: randomBytes(32),
    ratchetPublic: randomBytes(32),
    ratchetPrivate: randomBytes(32),
    remoteRatchetKey: receiving.at(-1)?.ratchetKey ?? randomBytes(32),
    previousCounter: 17,
    sending: { next: 5, chainKey: randomBytes(32) },
    receiving,
    ...change,
  }
}

test('a session is read back as it was written', () => {
  for (const state of [
    sample(),
    sample({ role: 'initiator', receiving: [] }),
    sample({ role: 'initiator', preKeyId: 1 }),
  ]) {
    assert.deepEqual(decodeState(encodeState(state)), state)
  }
  const within = concatBytes(randomBytes(5), encodeState(sample()), randomBytes(5))
  assert.deepEqual(
    encodeState(decodeState(within.subarray(5, -5))),
    within.slice(5, -5),
    'also out of a larger buffer',
  )
})

test('the largest session there can be is under 64 KiB', () => {
  const counters = Array.from({ length: bounds.keys }, (_, i) => i)
  const chains = [
    ...Array.from({ length: bounds.oldChains }, () => chain(0, [])),
    chain(bounds.keys, counters, true),
  ]
  const bytes = encodeState(sample({ receiving: chains }))
  assert.isAtMost(bytes.length, bounds.session)
  assert.lengthOf(decodeState(bytes).receiving, bounds.oldChains + 1)
})

test('what we cannot have written is a damaged store', async () => {
  const twice = chain(1, [], true)
  const impossible: readonly SessionState[] = [
    sample({ signedPreKeyId: 0 }),
    sample({ receiving: [] }),
    sample({ remoteRatchetKey: randomBytes(32) }),
    sample({ receiving: [{ ...twice, chainKey: undefined }, twice] }),
    sample({ receiving: [chain(3, [2, 1], true)] }),
    sample({ receiving: [chain(3, [1, 1], true)] }),
    sample({ receiving: [chain(3, [3], true)] }),
    sample({
      receiving: [...Array.from({ length: bounds.oldChains + 1 }, () => chain(0, [])), chain(0, [], true)],
    }),
    sample({
      receiving: [
        chain(
          2000,
          Array.from({ length: bounds.keys + 1 }, (_, i) => i),
          true,
        ),
      ],
    }),
  ]
  for (const [i, state] of impossible.entries()) {
    await expectCode('store-damaged', () => decodeState(encodeState(state)), `state ${i}`)
  }
  await expectCode('store-damaged', () => encodeState(sample({ rootKey: randomBytes(31) })))
  await expectCode(
    'store-damaged',
    () => encodeState(sample({ receiving: [chain(1, [])] })),
    'a live chain without its key',
  )
  const good = encodeState(sample())
  for (let length = 0; length < good.length; length++) {
    await expectCode('store-damaged', () => decodeState(good.subarray(0, length)), `cut at ${length}`)
  }
  await expectCode('store-damaged', () => decodeState(concatBytes(good, Uint8Array.of(0))))
  await expectCode('store-damaged', () => decodeState(new Uint8Array(bounds.session + 1)))
  await expectCode('store-damaged', () => decodeState('session' as unknown as Uint8Array))
  for (const [at, value] of [
    [0, 0],
    [0, 2],
    [1, 2],
    [1, 255],
  ] as const) {
    await expectCode('store-damaged', () => decodeState(good.map((byte, i) => (i === at ? value : byte))))
  }
})

test('a session that is damaged is said to be, before anything is computed with it', async () => {
  const cipher = await createSignalCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const message = await alice.encrypt(utf8('hello'))
  const { session } = bob
  if (session === undefined) throw new Error('no session')
  const ours = { identity: bob.identity }
  for (const damaged of [session.subarray(1), new Uint8Array(0), concatBytes(session, session)]) {
    await expectCode('store-damaged', () => cipher.encrypt({ session: damaged, ours }, utf8('x')))
    await expectCode('store-damaged', () =>
      cipher.decrypt({ session: damaged, ours, theirs: alice.verified }, message),
    )
  }
  assert.deepEqual(await bob.decrypt(alice, message), utf8('hello'))
})
