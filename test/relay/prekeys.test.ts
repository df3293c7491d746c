import { assert, test } from '#test'
import { limits, preKeyKinds, type PreKey } from '@sotto/protocol'
import { must, packed, type RawDevice } from './raw-device.js'
import { withRelay, type Answer, type RawRelay } from './raw-relay.js'

const put = (device: RawDevice, body: unknown): Promise<Answer> =>
  device.relay.call('PUT', '/keys', { token: device.token, body })

const count = async (device: RawDevice): Promise<unknown> =>
  must(await device.relay.call('GET', '/keys/count', { token: device.token })).body

const claim = (by: RawDevice, account: string, device: string): Promise<Answer> =>
  by.relay.call('POST', `/keys/${account}/${device}/claim`, { token: by.token })

const oneTime = async (device: RawDevice, change: Partial<PreKey> = {}): Promise<string> =>
  packed(await device.preKey(preKeyKinds.oneTime, change))

async function people(relay: RawRelay, many: number): Promise<readonly RawDevice[]> {
  const made: RawDevice[] = []
  for (let i = 0; i < many; i++) made.push(await relay.device(`person-${i}`, 0))
  return made
}

test('prekeys are counted, and handed out as they were signed', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice', 0)
    const bob = await relay.device('bob', 0)
    const keys = await bob.preKeys(2)
    must(await put(bob, keys))
    assert.deepEqual(await count(bob), { preKeys: 2, signedPreKey: 2 })
    const { body } = must(await claim(alice, 'bob', bob.id))
    assert.deepEqual(body, { signedPreKey: keys.signedPreKey, preKey: keys.preKeys[0] })
    assert.deepEqual(await count(bob), { preKeys: 1, signedPreKey: 2 })
  }))

test('fifty claims at once get fifty different one-time prekeys or none', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', 40)
    const claimers = await people(relay, 50)
    const answers = await Promise.all(claimers.map((one) => claim(one, 'bob', bob.id)))
    const given = answers.map((answer) => must(answer).body['preKey']).filter((one) => one !== undefined)
    assert.lengthOf(given, 40)
    assert.equal(new Set(given).size, 40)
    assert.deepInclude(await count(bob), { preKeys: 0 })
    must(await put(bob, { preKeys: [] }))
    const late = must(await claim(await relay.device('late'), 'bob', bob.id))
    assert.notProperty(late.body, 'preKey')
  }))

test('an account gets one one-time prekey of a device an hour, whichever device asks', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', 5)
    const phone = await relay.device('alice')
    const laptop = relay.stranger('alice')
    await phone.link(laptop)
    await laptop.login()
    assert.property(must(await claim(phone, 'bob', bob.id)).body, 'preKey')
    assert.notProperty(must(await claim(phone, 'bob', bob.id)).body, 'preKey')
    assert.notProperty(must(await claim(laptop, 'bob', bob.id)).body, 'preKey')
    assert.deepInclude(await count(bob), { preKeys: 4 })
    relay.now += 3_600_000
    await laptop.login()
    await bob.login()
    assert.property(must(await claim(laptop, 'bob', bob.id)).body, 'preKey')
    assert.deepInclude(await count(bob), { preKeys: 3 })
  }))

test('an id never stands for another key, also when its key is gone', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', 0)
    const alice = await relay.device('alice')
    const [one] = await Promise.all([oneTime(bob, { id: 10 })])
    must(await put(bob, { preKeys: [one] }))
    must(await put(bob, { preKeys: [one] }))
    assert.deepInclude(await count(bob), { preKeys: 1 })
    const refused = async (body: unknown) => {
      const answer = await put(bob, body)
      assert.deepEqual([answer.status, answer.body['code']], [400, 'bad-prekey'])
    }
    await refused({ preKeys: [await oneTime(bob, { id: 10 })] })
    must(await claim(alice, 'bob', bob.id))
    await refused({ preKeys: [await oneTime(bob, { id: 10 })] })
    // What was handed out comes back in no way.
    must(await put(bob, { preKeys: [one] }))
    assert.deepInclude(await count(bob), { preKeys: 0 })
    await refused({ preKeys: [await oneTime(bob, { id: 11 }), await oneTime(bob, { id: 11 })] })
    const { signedPreKey } = await bob.preKeys(0, { signedId: 20 })
    must(await put(bob, { signedPreKey, preKeys: [] }))
    must(await put(bob, { signedPreKey, preKeys: [] }))
    await refused(await bob.preKeys(0, { signedId: 20 }))
  }))

test('a signed prekey replaces the one before, also where a device’s store was put back', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', 0)
    const older = await bob.preKeys(0, { signedId: 30 })
    must(await put(bob, older))
    must(await put(bob, await bob.preKeys(0, { signedId: 31 })))
    assert.deepInclude(await count(bob), { signedPreKey: 31 })
    // The same id for another key is refused, whatever was put back.
    const other = await put(bob, await bob.preKeys(0, { signedId: 31 }))
    assert.deepEqual([other.status, other.body['code']], [400, 'bad-prekey'])
    must(await put(bob, older))
    assert.deepInclude(await count(bob), { signedPreKey: 30 })
  }))

test('prekeys are verified, all or none', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', 0)
    const mallory = await relay.device('mallory')
    const good = await oneTime(bob)
    const foreign = { accountId: mallory.known.accountId }
    const signed = (change: Partial<PreKey>) => bob.preKey(preKeyKinds.signed, change).then(packed)
    const wrong: Readonly<Record<string, unknown>> = {
      'signed by another device': { preKeys: [good, await oneTime(mallory)] },
      'of another account': { preKeys: [good, await oneTime(bob, foreign)] },
      'of another realm': { preKeys: [good, await oneTime(bob, { realm: 'example.org' })] },
      'of another device': { preKeys: [good, await oneTime(bob, { device: mallory.id })] },
      'of another kind': { preKeys: [good, await signed({})] },
      'a key that is no point': {
        preKeys: [good, await oneTime(bob, { key: { alg: 2, bytes: new Uint8Array(32) } })],
      },
      'a must-understand extension': {
        preKeys: [good, await oneTime(bob, { ext: new Map([[2, new Uint8Array(1)]]) })],
      },
      'run out': { signedPreKey: await signed({ madeAt: 1, expiresAt: relay.now - 1 }), preKeys: [good] },
      'good for too long': {
        signedPreKey: await signed({ expiresAt: relay.now + limits.signedPreKeyMs + 1000 }),
        preKeys: [good],
      },
      garbage: { preKeys: [good, 'AAAA'] },
    }
    for (const [what, body] of Object.entries(wrong)) {
      const { status } = await put(bob, body)
      assert.equal(status, 400, what)
      assert.deepInclude(await count(bob), { preKeys: 0 }, what)
    }
    must(await put(bob, { preKeys: [good] }))
  }))

test('a device holds two hundred one-time prekeys at the relay, not more', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', 0)
    const many = async (n: number) => (await bob.preKeys(n)).preKeys
    must(await put(bob, { preKeys: await many(150) }))
    const answer = await put(bob, { preKeys: await many(51) })
    assert.deepEqual([answer.status, answer.body['code']], [409, 'quota-exceeded'])
    assert.deepInclude(await count(bob), { preKeys: 150 })
    must(await put(bob, { preKeys: await many(50) }))
  }))

test('whatever has nothing to give answers with the same bytes', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob', 1)
    const bare = relay.stranger('bare')
    must(await bare.publish(await bare.firstList()))
    const unknown = 'ab'.repeat(16)
    const texts = new Set<string>()
    for (const [account, device] of [
      ['nobody', unknown],
      ['bob', unknown],
      ['nobody', bob.id],
      ['alice', bob.id],
      ['__proto__', unknown],
      ['bare', bare.id],
    ] as const) {
      const { status, text } = await claim(alice, account, device)
      texts.add(`${status} ${text}`)
    }
    relay.now += limits.signedPreKeyMs
    await alice.login()
    const { status, text } = await claim(alice, 'bob', bob.id)
    texts.add(`${status} ${text}`)
    assert.deepEqual([...texts], ['404 {"code":"no-prekey"}'])
  }))

test('a device whose prekeys run low is woken', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob', limits.preKeysLow + 1)
    const socket = await bob.connect()
    const [first, second] = await people(relay, 2)
    if (first === undefined || second === undefined) throw new Error('nobody there')
    must(await claim(first, 'bob', bob.id))
    await socket.settle()
    assert.lengthOf(socket.heard, 0)
    must(await claim(second, 'bob', bob.id))
    assert.deepEqual(await socket.next('wake'), { type: 'wake', what: 2 })
  }))
