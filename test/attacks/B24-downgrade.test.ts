import { assert, test } from '#test'
import {
  concatBytes,
  decodeBody,
  decodeDeviceList,
  decodeStampedEnvelope,
  deviceOf,
  encodeBody,
  encodeContent,
  encodeDeviceList,
  encodeStampedEnvelope,
  extendChain,
  frameVersion,
  pad,
  signDeviceList,
  suites,
  unpad,
} from '@sotto/protocol'
import {
  bob,
  chainOf,
  contentOf,
  deviceNo,
  envelopeTo,
  extended,
  filled,
  firstList,
  idOf,
  laterBody,
  nextList,
  now,
  recoveryKeyNo,
  recoveryNo,
  signerNo,
} from '../protocol/made.js'
import { refuses, rejects } from '../protocol/refuses.js'
import { aliceBobAndMallory, settled } from '../support/forged-first.js'
import { withEvilRelay } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

/** Two devices; the second reads a suite that is better than ours. */
const better = { ...deviceNo(2), capabilities: [1, 9] }
async function twoDevices() {
  const first = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  return extended(first, { devices: [deviceNo(1), better] }, [signerNo(1), signerNo(2)])
}

test('B24 control: a device says by its own hand what it reads from now on', async () => {
  const devices = [deviceNo(1), { ...better, capabilities: [1, 9, 10] }]
  const chain = await extended(await twoDevices(), { devices }, [signerNo(2)])
  assert.deepEqual(deviceOf(chain, idOf(2))?.capabilities, [1, 9, 10])
})

test('B24 no other device takes a device’s capabilities away, adds some, or puts others in their place', async () => {
  const chain = await twoDevices()
  for (const capabilities of [[1], [9], [1, 2, 9], [1, 8], [1, 9, 10]]) {
    const devices = [deviceNo(1), { ...better, capabilities }]
    await rejects(extended(chain, { devices }, [signerNo(1)]), 'device-list-rejected', 'a device was changed')
    // Not together with a change that is allowed, nor with a device that joins.
    const more = [...devices, deviceNo(3)]
    await rejects(
      extended(chain, { devices: more }, [signerNo(1), signerNo(3)]),
      'device-list-rejected',
      'a device was changed',
    )
    await rejects(
      extended(chain, { devices, recoveryKey: null }, [signerNo(1)]),
      'device-list-rejected',
      'a device was changed',
    )
  }
  assert.deepEqual(deviceOf(chain, idOf(2))?.capabilities, [1, 9])
})

test('B24 a device that joins vouches for its own capabilities', async () => {
  const chain = await chainOf('alice', 1)
  const list = nextList(chain, { devices: [deviceNo(1), better] })
  const asked = await signDeviceList(list, [signerNo(2)])
  const lowered = await signDeviceList(nextList(chain, { devices: [deviceNo(1), deviceNo(2)] }), [
    signerNo(1),
  ])
  const [own, others] = [asked.signed[0], lowered.signed[0]]
  if (own === undefined || others === undefined) throw new Error('two signatures')
  refuses(() => extendChain(chain, { bytes: lowered.bytes, signed: [others, own] }), 'bad-signature')
})

test('B24 the recovery code lowers no device that stays: none stays', async () => {
  const devices = [deviceNo(1), { ...better, capabilities: [1] }]
  await rejects(
    extended(await twoDevices(), { devices }, [recoveryNo(9)]),
    'device-list-rejected',
    'recovery keeps no old device',
  )
})

test('B24 capabilities are one or more, ascending, each once: nothing else is a list', () => {
  for (const capabilities of [[], [0], [2, 1], [1, 1], [1, 9, 9]]) {
    refuses(
      () =>
        decodeDeviceList(encodeDeviceList(firstList('alice', 1, { devices: [{ ...better, capabilities }] }))),
      'malformed',
    )
  }
})

test('B24 an older suite, frame or layout than the first is malformed, a newer one is kept for later', () => {
  const body = encodeBody(suites.signal, laterBody())
  const frame = pad(encodeContent(contentOf('a')))
  const list = encodeDeviceList(firstList('alice', 1))
  const envelope = encodeStampedEnvelope({ envelope: envelopeTo(bob, body), at: now })
  const places: readonly (readonly [Uint8Array, at: number, read: (bytes: Uint8Array) => unknown])[] = [
    [body, 0, decodeBody],
    [frame, 16, unpad],
    [list, 2, decodeDeviceList],
    [envelope, 4, decodeStampedEnvelope],
  ]
  for (const [bytes, at, read] of places) {
    assert.equal(bytes[at], 1)
    read(bytes)
    for (const [version, code] of [
      [0, 'malformed'],
      [2, 'unsupported-version'],
      [3, 'unsupported-version'],
    ] as const) {
      const other = bytes.slice()
      other[at] = version
      refuses(() => read(other), code)
    }
  }
  assert.equal(frameVersion, 1)
})

test('B24 the version of a frame is inside what is encrypted, its suite before it: one says nothing about the other', () => {
  // A frame of a later version under our suite is not read as one of ours.
  const frame = pad(encodeContent(contentOf('a')))
  frame[16] = 2
  refuses(() => unpad(frame), 'unsupported-version')
  const body = encodeBody(suites.signal, laterBody({ ciphertext: frame }))
  const { body: read } = decodeBody(body)
  assert.equal(read.type, 'later')
  // And bytes of a suite of later are none of ours because somebody writes a 1 before them.
  refuses(() => decodeBody(concatBytes(Uint8Array.of(1), filled(40, 7))), 'malformed')
})

test('B24 a suite that the relay rewrites on the way is read by nobody, and moves nothing', () =>
  withEvilRelay(async (world) => {
    const { relay, alice, his, bobs } = await aliceBobAndMallory(world)
    const before = await snapshot(bobs)
    for (const suite of [0, 2, 255]) {
      let changed = 0
      relay.hooks.onDeliver = (stamped) => {
        const body = stamped.envelope.body.slice()
        body[0] = suite
        changed++
        return [{ ...stamped, envelope: { ...stamped.envelope, body } }]
      }
      const acks = relay.log.acks.length
      await alice.conversation('bob').send(`under suite ${suite}`)
      await until(() => changed > 0 && relay.log.acks.length > acks)
      await settled()
      assert.deepEqual(his.texts(), ['< one', '> two'])
      delete relay.hooks.onDeliver
      assert.deepEqual(await snapshot(bobs), before)
    }
    await alice.conversation('bob').send('as it was sent')
    await until(() => his.texts().length === 3)
    assert.equal(his.texts()[2], '< as it was sent')
  }))
