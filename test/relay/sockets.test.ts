import { assert, test } from '#test'
import { encodeClientFrame, limits, randomBytes } from '@sotto/protocol'
import { SqliteStorage, type Rows, type Storage } from '@sotto/relay'
import { until } from '../support/until.js'
import { RawRelay, withRelay } from './raw-relay.js'
import { RawSocket } from './raw-socket.js'

test('what waits is delivered in order, then what comes', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const out = await alice.connect()
    const batches = Array.from({ length: 230 }, () => alice.batchTo([bob]))
    for (const batch of batches.slice(0, 220)) assert.equal((await out.send(batch)).type, 'sent')
    const socket = await bob.connect()
    for (const batch of batches.slice(220)) assert.equal((await out.send(batch)).type, 'sent')
    for (const batch of batches) {
      const { stamped } = await socket.next('deliver')
      assert.equal(stamped.envelope.id, batch.envelopes[0]?.id)
      assert.deepEqual(stamped.from, { account: 'alice', accountId: alice.known.accountId, device: alice.id })
    }
  }))

test('mail is kept until it is acknowledged', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const out = await alice.connect()
    for (let i = 0; i < 3; i++) await out.send(alice.batchTo([bob]))
    const first = await bob.connect()
    const deliveries = [await first.next('deliver'), await first.next('deliver'), await first.next('deliver')]
    first.say({ type: 'ack', deliveries: [deliveries[1]?.delivery ?? 0] })
    await first.settle()
    const second = await bob.connect()
    const left = [(await second.next('deliver')).delivery, (await second.next('deliver')).delivery]
    assert.deepEqual(left, [deliveries[0]?.delivery, deliveries[2]?.delivery])
    await second.settle()
    assert.lengthOf(second.heard, 0)
  }))

test('a device acknowledges its own mail alone', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const mallory = await relay.device('mallory')
    await (await alice.connect()).send(alice.batchTo([bob]))
    const { delivery } = await (await bob.connect()).next('deliver')
    const evil = await mallory.connect()
    evil.say({ type: 'ack', deliveries: [delivery] })
    await evil.settle()
    assert.equal((await (await bob.connect()).next('deliver')).delivery, delivery)
  }))

test('a newer connection of a device replaces the older one', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const older = await bob.connect()
    const newer = await bob.connect()
    assert.equal((await older.bye()).code, 'replaced')
    await (await alice.connect()).send(alice.batchTo([bob]))
    await newer.next('deliver')
    assert.lengthOf(older.heard, 0)
  }))

test('the first frame is hello, with a token that is good', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const refused = async (frame: Parameters<RawSocket['say']>[0]) => {
      const socket = await alice.socket()
      socket.say(frame)
      return (await socket.bye()).code
    }
    assert.equal(await refused({ type: 'ping' }), 'unauthorized')
    assert.equal(await refused({ type: 'hello', token: 'x' }), 'unauthorized')
    assert.equal(await refused({ type: 'hello', token: await relay.siteToken('alice') }), 'unauthorized')
    assert.equal(await refused({ type: 'send', ref: 1, batch: alice.batchTo([alice]) }), 'unauthorized')
    relay.now += limits.tokenMs
    assert.equal(await refused({ type: 'hello', token: alice.token }), 'token-expired')
  }))

test('frames right behind hello wait for the welcome', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const socket = await alice.socket()
    socket.say({ type: 'hello', token: alice.token })
    socket.say({ type: 'ping' })
    assert.equal((await socket.send(alice.batchTo([bob]))).type, 'sent')
    assert.deepEqual(
      socket.heard.map(({ type }) => type),
      ['welcome', 'pong'],
    )
  }))

test('a malformed frame ends its own socket, with a code, and no other', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const bob = await relay.device('bob')
    const other = await bob.connect()
    const frames: readonly (readonly [Uint8Array | string, string])[] = [
      [new Uint8Array(), 'malformed'],
      ['text', 'malformed'],
      [randomBytes(100), 'malformed'],
      [new Uint8Array([0xff]), 'malformed'],
      [encodeClientFrame({ type: 'ping' }).slice(0, -1), 'malformed'],
      [new Uint8Array([...encodeClientFrame({ type: 'ping' }), 0]), 'malformed'],
      [encodeClientFrame({ type: 'hello', token: alice.token }), 'malformed'],
      [new Uint8Array(limits.socketFrame + 1), 'too-large'],
    ]
    for (const [frame, code] of frames) {
      const socket = await alice.connect()
      socket.raw(frame)
      assert.equal((await socket.bye()).code, code)
    }
    const huge = await alice.connect()
    huge.raw(new Uint8Array(3 * limits.socketFrame))
    await huge.bye().catch(() => undefined)
    assert.isTrue(huge.isClosed)
    await other.settle()
    await (await alice.connect()).settle()
  }))

test('a socket at another address, or from the page of another site, is not opened', () =>
  withRelay(
    async (relay) => {
      const status = (url: string, headers: Record<string, string> = {}) =>
        RawSocket.open(url, headers).then(
          (socket) => (socket.close(), 101),
          (error: unknown) => Number(/\d{3}/.exec(String(error))?.[0]),
        )
      assert.equal(await status(relay.url), 101)
      assert.equal(await status(`${relay.url}/else`), 404)
      assert.equal(await status(relay.url, { origin: 'https://example.com' }), 101)
      assert.equal(await status(relay.url, { origin: 'https://example.com.evil.net' }), 403)
      assert.equal(await status(relay.url, { origin: 'null' }), 403)
    },
    { allowedOrigins: ['https://example.com'] },
  ))

test('a relay that stops answers what it has begun', async () => {
  const storage = new HeldStorage()
  const relay = await RawRelay.start({ database: storage })
  const alice = await relay.device('alice')
  const socket = await alice.connect()
  const bob = await relay.device('bob')
  const release = storage.hold()
  const answer = socket.send(alice.batchTo([bob]))
  await until(() => storage.held === 1)
  alice.hangUp = () => undefined
  const stopped = relay.stop()
  release()
  assert.equal((await answer).type, 'sent')
  await stopped
})

/** A storage whose commits take as long as the test likes. */
class HeldStorage implements Storage {
  held = 0
  readonly #inner = SqliteStorage.open(':memory:')
  #gate: Promise<void> | undefined

  hold(): () => void {
    let release = () => {}
    this.#gate = new Promise((resolve) => (release = resolve))
    return release
  }

  async write<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    if (this.#gate !== undefined) this.held++
    await this.#gate
    return this.#inner.write(work)
  }

  read<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#inner.read(work)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
