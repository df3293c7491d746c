import { assert, test } from '#test'
import { must } from './raw-device.js'
import { withRelay } from './raw-relay.js'

test('a lower epoch than the highest is answered with that one', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    must(await alice.tryLogin({ epoch: 7 }))
    must(await alice.tryLogin({ epoch: 7 }))
    const { status, body } = await alice.tryLogin({ epoch: 6 })
    assert.deepEqual([status, body], [409, { code: 'rolled-back', details: { epoch: 7 } }])
    must(await alice.tryLogin({ epoch: 8 }))
  }))

test('only a proof raises the epoch', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const mallory = await relay.device('mallory')
    assert.equal((await alice.tryLogin({ epoch: 900, sign: mallory.sign })).status, 401)
    assert.equal((await mallory.tryLogin({ epoch: 900, device: alice.id })).status, 403)
    must(await alice.tryLogin({ epoch: 1 }))
  }))

test('each device has an epoch of its own', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const laptop = relay.stranger('alice')
    await phone.link(laptop)
    must(await phone.tryLogin({ epoch: 40 }))
    must(await laptop.tryLogin({ epoch: 1 }))
  }))

test('a login of an older epoch is over when a newer leader has logged in', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const before = alice.token
    await alice.login(2)
    const rolledBack = { code: 'rolled-back', details: { epoch: 2 } }
    assert.deepInclude(await relay.call('GET', '/keys/count', { token: before }), {
      status: 409,
      body: rolledBack,
    })
    const socket = await alice.socket()
    socket.say({ type: 'hello', token: before })
    assert.deepEqual(await socket.bye(), { type: 'bye', code: 'rolled-back', epoch: 2 })
    must(await relay.call('GET', '/keys/count', { token: alice.token }))
    await alice.connect()
  }))
