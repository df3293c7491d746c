import { assert, test } from '#test'
import { decodeBody, encodeBody, randomBytes, suites, toHex, type StampedEnvelope } from '@sotto/protocol'
import { aliceBobAndMallory, settled } from '../support/forged-first.js'
import { withEvilRelay } from '../support/relay-people.js'
import { assertUnmoved, snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

test('B12 whatever is changed in an envelope, the sender sees the same: one question without a reason, and the untouched one is read after it', () =>
  withEvilRelay(async (world) => {
    const { relay, alice, bobs, his, bobsOwn } = await aliceBobAndMallory(world)
    const { device } = bobsOwn.address
    const held: StampedEnvelope[] = []
    relay.hooks.onDeliver = (stamped, to) => {
      if (to !== device) return [stamped]
      held.push(stamped)
      return []
    }
    await alice.conversation('bob').send('three')
    await until(() => held.length === 1)
    delete relay.hooks.onDeliver
    const [real] = held
    if (real === undefined) throw new Error('nothing was held')
    const { body } = decodeBody(real.envelope.body)
    const watched = ['sessions', 'messages', 'peers', 'prekeys']
    const before = await snapshot(bobs, watched)
    const batches = relay.log.batches.length
    const claims = relay.log.claims.length
    const places = [
      0,
      1,
      2,
      5,
      20,
      36,
      40,
      60,
      body.ciphertext.length - 9,
      body.ciphertext.length - 8,
      body.ciphertext.length - 1,
    ]
    for (const at of places) {
      const ciphertext = body.ciphertext.slice()
      ciphertext[at] = (ciphertext[at] ?? 0) ^ 1
      const id = toHex(randomBytes(16))
      relay.inject(device, {
        ...real,
        envelope: { ...real.envelope, id, body: encodeBody(suites.signal, { ...body, ciphertext }) },
      })
    }
    // The question; and whatever else might come after it.
    await until(() => relay.log.batches.length > batches)
    await settled()
    assertUnmoved(await snapshot(bobs, watched), before)
    assert.deepEqual([relay.log.batches.length - batches, relay.log.claims.length - claims], [1, 1])
    // Control: the one that was not touched, under the very id that was held.
    relay.inject(device, real)
    await until(() => his.texts().length === 3)
  }))
