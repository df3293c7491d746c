import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteStorage } from '@sotto/relay'
import { assert, test } from '#test'
import { noteSends } from '../../packages/relay/src/device-sends.js'
import { must } from './raw-device.js'
import { withRelay } from './raw-relay.js'

test('a lower epoch than the highest is answered with that one', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    must(await alice.tryLogin({ epoch: 7 }))
    must(await alice.tryLogin({ epoch: 7 }))
    const { status, body } = await alice.tryLogin({ epoch: 6 })
    assert.deepEqual([status, body], [409, { code: 'rolled-back', details: { epoch: 7, sends: 0 } }])
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
    const rolledBack = { code: 'rolled-back', details: { epoch: 2, sends: 0 } }
    assert.deepInclude(await relay.call('GET', '/keys/count', { token: before }), {
      status: 409,
      body: rolledBack,
    })
    const socket = await alice.socket()
    socket.say({ type: 'hello', token: before })
    assert.deepEqual(await socket.bye(), { type: 'bye', code: 'rolled-back', epoch: 2, sends: 0 })
    must(await relay.call('GET', '/keys/count', { token: alice.token }))
    await alice.connect()
  }))

test('a device that knows of fewer messages than it has sent is told so, in whatever epoch it comes', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const socket = await alice.connect()
    for (const ref of [1, 2, 3]) {
      socket.say({ type: 'send', ref, batch: alice.batchTo([bob]) })
      await socket.next('sent')
    }
    for (const epoch of [1, 2, 900]) {
      const { status, body } = await alice.tryLogin({ epoch, sends: 2 })
      assert.deepEqual([status, body], [409, { code: 'rolled-back', details: { epoch: 1, sends: 3 } }])
    }
    must(await alice.tryLogin({ sends: 3 }))
    // It may have encrypted what never came.
    must(await alice.tryLogin({ sends: 9 }))
    must(await alice.tryLogin({ sends: 3 }))
  }))

test('what counts is the most that a device had sent, in whichever order it came, and only what was stored', () =>
  withRelay(async (relay) => {
    const [alice, bob, carol] = [
      await relay.device('alice'),
      await relay.device('bob'),
      await relay.device('carol'),
    ]
    const socket = await alice.connect()
    const first = alice.batchTo([bob])
    const second = alice.batchTo([bob])
    const say = async (batch: typeof first, answer: 'sent' | 'refused') => {
      socket.say({ type: 'send', ref: 1, batch })
      return socket.next(answer)
    }
    await say(second, 'sent')
    await say(first, 'sent')
    // A repeat says nothing new, and what is refused was never sent.
    await say({ ...first, sends: 50 }, 'sent')
    const refused = await say({ ...alice.batchTo([carol]), lists: first.lists, sends: 60 }, 'refused')
    assert.deepInclude(refused, { type: 'refused' })
    must(await alice.tryLogin({ sends: 2 }))
    const { body } = await alice.tryLogin({ sends: 1 })
    assert.deepEqual(body, { code: 'rolled-back', details: { epoch: 1, sends: 2 } })
    // And only the device's own.
    must(await bob.tryLogin({ sends: 0 }))
  }))

test('the relay remembers across a restart how much a device has sent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-sends-'))
  const database = join(folder, 'relay.sqlite')
  try {
    const storage = SqliteStorage.open(database)
    const note = (sends: number) => storage.write((rows) => noteSends(rows, [{ device: 'ab', sends }]))
    await note(7)
    await note(5)
    await storage.close()
    const again = SqliteStorage.open(database)
    const all = await again.read((rows) => rows.all('SELECT device, sends FROM device_sends'))
    assert.deepEqual(all, [{ device: 'ab', sends: 7 }])
    await again.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
