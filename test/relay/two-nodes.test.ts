import { assert, test } from '#test'
import { SqliteStorage, localBus, type Bus, type Storage } from '@sotto/relay'
import { must, type RawDevice } from './raw-device.js'
import { RawRelay } from './raw-relay.js'

/** Two relays over one storage and one bus, as two processes over PostgreSQL and NATS would be: logins and sockets are each its own. */
async function withTwoNodes(work: (one: RawRelay, other: RawRelay) => Promise<void>): Promise<void> {
  const storage = SqliteStorage.open(':memory:')
  const bus = localBus()
  const shared = {
    database: outliving(storage),
    bus: { ...bus, close: () => Promise.resolve() } satisfies Bus,
    origin: 'https://relay.example.com',
  }
  const [one, other] = [await RawRelay.start(shared), await RawRelay.start(shared)]
  try {
    await work(one, other)
  } finally {
    await one.stop()
    await other.stop()
    await storage.close()
  }
}

function outliving(storage: Storage): Storage {
  return {
    read: (work) => storage.read(work),
    write: (work) => storage.write(work),
    close: () => Promise.resolve(),
  }
}

const proof = { relay: 'https://relay.example.com' }

async function join(relay: RawRelay, account: string): Promise<RawDevice> {
  const device = relay.stranger(account)
  await device.publishFirst(1)
  device.token = String(must(await device.tryLogin(proof)).body['token'])
  return device
}

/** The same device, connected to another node. */
async function elsewhere(device: RawDevice, relay: RawRelay): Promise<RawDevice> {
  const twin = device.at(relay)
  twin.token = String(must(await twin.tryLogin(proof)).body['token'])
  return twin
}

test('mail goes from one node to a socket at another', () =>
  withTwoNodes(async (one, other) => {
    const alice = await join(one, 'alice')
    const bob = await join(other, 'bob')
    const socket = await bob.connect()
    const out = await alice.connect()
    const batches = Array.from({ length: 20 }, () => alice.batchTo([bob]))
    for (const batch of batches) assert.equal((await out.send(batch)).type, 'sent')
    for (const batch of batches) {
      const { stamped } = await socket.next('deliver')
      assert.equal(stamped.envelope.id, batch.envelopes[0]?.id)
    }
  }))

test('a connection at one node replaces that at another', () =>
  withTwoNodes(async (one, other) => {
    const bob = await join(one, 'bob')
    const older = await bob.connect()
    const newer = await (await elsewhere(bob, other)).connect()
    assert.equal((await older.bye()).code, 'replaced')
    await newer.settle()
  }))

test('a removal at one node ends login and socket at another', () =>
  withTwoNodes(async (one, other) => {
    const phone = await join(one, 'alice')
    const laptop = one.stranger('alice')
    await phone.link(laptop)
    const there = await elsewhere(laptop, other)
    const socket = await there.connect()
    await phone.remove(laptop)
    assert.equal((await socket.bye()).code, 'device-removed')
    const answer = await other.call('GET', '/keys/count', { token: there.token })
    assert.deepEqual([answer.status, answer.body['code']], [403, 'device-removed'])
    const late = await there.socket()
    late.say({ type: 'hello', token: there.token })
    assert.equal((await late.bye()).code, 'device-removed')
  }))

test('a newer leader that logs in at one node ends the older login at another', () =>
  withTwoNodes(async (one, other) => {
    const bob = await join(one, 'bob')
    const twin = bob.at(other)
    must(await twin.tryLogin({ ...proof, epoch: 5 }))
    const answer = await one.call('GET', '/keys/count', { token: bob.token })
    assert.deepEqual(answer.body, { code: 'rolled-back', details: { epoch: 5, sends: 0 } })
  }))
