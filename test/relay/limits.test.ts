import { assert, test } from '#test'
import { limits } from '@sotto/protocol'
import { must } from './raw-device.js'
import { withRelay } from './raw-relay.js'

test('a device makes three hundred requests a minute', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const ask = (token: string) => relay.call('GET', '/keys/count', { token })
    for (let i = 0; i < limits.requestsPerMinute; i++) must(await ask(alice.token))
    const { status, body } = await ask(alice.token)
    assert.deepEqual([status, body], [429, { code: 'rate-limited', details: { retryAfterMs: 200 } }])
    must(await ask(bob.token))
    relay.now += 200
    must(await ask(alice.token))
    assert.equal((await ask(alice.token)).status, 429)
  }))

test('prekeys to verify count as more than one request', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice', 0)
    const body = await alice.preKeys(100)
    const put = () => relay.call('PUT', '/keys', { token: alice.token, body })
    let taken = 0
    while ((await put()).status === 200) taken++
    assert.equal(taken, Math.floor(limits.requestsPerMinute / 11))
  }))

test('the account behind a site’s token has a limit of its own', () =>
  withRelay(async (relay) => {
    const token = await relay.siteToken('alice')
    const ask = () => relay.call('GET', '/devices/bob', { token })
    for (let i = 0; i < limits.requestsPerMinute; i++) must(await ask())
    assert.equal((await ask()).status, 429)
    must(await relay.call('GET', '/devices/bob', { token: await relay.siteToken('carol') }))
  }))

test('an address tries out no more than three hundred tokens a minute', () =>
  withRelay(async (relay) => {
    const ask = async (token: string) => (await relay.call('GET', '/keys/count', { token })).status
    for (let i = 0; i < limits.requestsPerMinute; i++) assert.equal(await ask(`guess${i}`), 401)
    assert.equal(await ask('guess'), 429)
    const alice = await relay.device('alice')
    assert.equal(await ask(alice.token), 200)
  }))

test('an address logs in three hundred times a minute, both steps counted', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    await alice.publishFirst(0)
    const token = await relay.siteToken('alice')
    const body = { token, accountId: alice.known.accountId, device: alice.id, epoch: 1, sends: 0 }
    for (let i = 0; i < limits.requestsPerMinute; i++) must(await relay.call('POST', '/login', { body }))
    const answer = await relay.call('POST', '/login', { body })
    assert.equal(answer.body['code'], 'rate-limited')
    const proof = await relay.call('POST', '/login/proof', { body: { nonce: 'AA', signature: 'AA' } })
    assert.equal(proof.status, 429)
  }))

test('behind a proxy, all addresses of one IPv6 network log in as one, and another network is not held up', () =>
  withRelay(
    async (relay) => {
      const from = async (address: string) => {
        const headers = { 'x-forwarded-for': address }
        const body = { nonce: 'AA', signature: 'AA' }
        return (await relay.call('POST', '/login/proof', { headers, body })).status
      }
      for (let i = 0; i < limits.requestsPerMinute; i++)
        assert.notEqual(await from(`2001:db8:1:2::${i.toString(16)}`), 429)
      assert.equal(await from('2001:db8:1:2:ffff::1'), 429)
      assert.notEqual(await from('2001:db8:1:3::1'), 429)
    },
    { trustProxy: true },
  ))

test('a device sends six hundred batches a minute; what is too fast is refused and not stored', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const out = await alice.connect()
    const answers = await Promise.all(
      Array.from({ length: limits.batchesPerMinute + 1 }, () => out.send(alice.batchTo([bob]))),
    )
    const refused = answers.filter((one) => one.type === 'refused')
    assert.deepEqual(
      refused.map(({ code, retryAfterMs }) => [code, retryAfterMs]),
      [['rate-limited', 100]],
    )
    assert.equal((await (await bob.connect()).send(bob.batchTo([alice]))).type, 'sent')
    relay.now += 100
    assert.equal((await out.send(alice.batchTo([bob]))).type, 'sent')
  }))

test('a socket that only makes noise is ended, and says when to come back', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const noise = await alice.connect()
    for (let i = 0; i < 1201; i++)
      noise.say(i % 2 === 0 ? { type: 'ping' } : { type: 'ack', deliveries: [i] })
    const { code, retryAfterMs } = await noise.bye()
    assert.equal(code, 'rate-limited')
    assert.isAbove(retryAfterMs ?? 0, 0)
    relay.now += 60_000
    await (await alice.connect()).settle()
  }))

test('an address opens three hundred sockets a minute', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    for (let i = 0; i < limits.requestsPerMinute; i++) (await alice.socket()).close()
    const message = await alice.socket().then(
      () => 'opened',
      (error: unknown) => String(error),
    )
    assert.include(message, '429')
  }))
