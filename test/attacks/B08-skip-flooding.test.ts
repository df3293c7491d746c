import { assert, test } from '#test'
import type { SessionCipher } from '@sotto/core/ports'
import { decodeBody, encodeBody, randomBytes, suites, toHex, type StampedEnvelope } from '@sotto/protocol'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { until } from '../support/until.js'
import { settled } from '../support/forged-first.js'

test('B08 a flood of forged packets costs 60 decryptions a minute and device, delays what comes in it, and suppresses nothing', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    let decryptions = 0
    const counting: SessionCipher = new Proxy(world.cipher, {
      get(cipher, name, receiver) {
        if (name === 'decrypt') decryptions++
        const value: unknown = Reflect.get(cipher, name, receiver)
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(cipher) : value
      },
    })
    const bobs = world.installation('bob')
    const alice = await world.installation('alice').online()
    const bob = await bobs.online({ cipher: counting })
    const his = watch(bob, 'alice')
    const hers = watch(alice, 'bob')
    await alice.conversation('bob').send('one')
    await until(() => his.texts().length === 1)
    await bob.conversation('alice').send('two')
    await until(() => hers.texts().length === 2)
    const seen: StampedEnvelope[] = []
    relay.hooks.onDeliver = (stamped, device) => {
      if (device === own.device) seen.push(stamped)
      return [stamped]
    }
    const own = (await bobs.device()).address
    await alice.conversation('bob').send('three')
    await until(() => his.texts().length === 3 && seen.length === 1)
    // Control: so far every message cost one decryption.
    assert.equal(decryptions, 2)
    const [real] = seen
    if (real === undefined) throw new Error('nothing was delivered')
    for (let i = 0; i < 300; i++) relay.inject(own.device, forge(real, i))
    await settled()
    await until(() => decryptions >= 60)
    await settled()
    assert.isAtMost(decryptions, 2 + 60)
  }))

/** The same envelope under another id, with other bytes in its ciphertext. */
function forge(stamped: StampedEnvelope, i: number): StampedEnvelope {
  const { body } = decodeBody(stamped.envelope.body)
  const ciphertext = body.ciphertext.slice()
  const at = 50 + (i % (ciphertext.length - 60))
  ciphertext[at] = (ciphertext[at] ?? 0) ^ 0x5a
  const id = toHex(randomBytes(16))
  return {
    ...stamped,
    envelope: { ...stamped.envelope, id, body: encodeBody(suites.signal, { ...body, ciphertext }) },
  }
}
