import { limits, randomBytes, toHex, type Batch } from '@sotto/protocol'
import { SqliteStorage, localBus } from '@sotto/relay'
import { assert, test } from '#test'
import { Mailbox } from '../../packages/relay/src/mailbox.js'
import type { RawDevice } from './raw-device.js'
import { withRelay } from './raw-relay.js'
import type { RawSocket } from './raw-socket.js'

const dayMs = 86_400_000

/** What waits for a device: the bodies, in order, after a new connection. */
async function waitingFor(device: RawDevice): Promise<readonly number[]> {
  const socket = await device.connect()
  await socket.settle()
  const bodies = socket.heard.flatMap((one) => (one.type === 'deliver' ? [one.stamped.envelope.body[0]] : []))
  socket.close()
  return bodies.map((first) => first ?? -1)
}

async function ackAll(socket: RawSocket): Promise<void> {
  await socket.settle()
  const deliveries = socket.heard.splice(0).flatMap((one) => (one.type === 'deliver' ? [one.delivery] : []))
  if (deliveries.length > 0) socket.say({ type: 'ack', deliveries })
  await socket.settle()
}

test('from and time are the relay’s: one stamp for all of a batch, by its clock, also when that is set back', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const laptop = relay.stranger('bob')
    await bob.link(laptop)
    await laptop.login()
    const out = await alice.connect()
    const at: number[] = []
    for (const step of [0, 60_000, -30_000]) {
      relay.now += step
      const sent = await out.send(alice.batchTo([bob, laptop]))
      assert.deepInclude(sent, { type: 'sent', at: relay.now })
      at.push(relay.now)
    }
    for (const device of [bob, laptop]) {
      const socket = await device.connect()
      for (const stamp of at) {
        const { stamped } = await socket.next('deliver')
        assert.equal(stamped.at, stamp)
        const { accountId } = alice.known
        assert.deepEqual({ ...stamped.from }, { account: 'alice', accountId, device: alice.id })
      }
    }
  }))

test('a repeat is a success with the first stamp, and is never delivered twice', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const out = await alice.connect()
    const batch = alice.batchTo([bob])
    const first = relay.now
    assert.deepInclude(await out.send(batch), { type: 'sent', at: first })
    relay.now += 1000
    assert.deepInclude(await out.send(batch), { type: 'sent', at: first })
    const socket = await bob.connect()
    await ackAll(socket)
    assert.deepInclude(await out.send(batch), { type: 'sent', at: first })
    // At once, and on each of many connections that fail and come back.
    await Promise.all([out.send(batch), out.send(batch), out.send(batch)])
    await socket.settle()
    assert.deepEqual(socket.heard, [])
    assert.deepEqual(await waitingFor(bob), [])
  }))

test('a message whose devices have changed goes out again: the new device gets it, under the first stamp', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const laptop = relay.stranger('bob')
    const out = await alice.connect()
    const batch = alice.batchTo([bob], Uint8Array.of(7))
    const first = relay.now
    await out.send(batch)
    relay.now += 5000
    await bob.link(laptop)
    await laptop.login()
    const more = alice.batchTo([laptop], Uint8Array.of(7))
    const both: Batch = { ...more, envelopes: [...batch.envelopes, ...more.envelopes] }
    assert.deepInclude(await out.send(both), { type: 'sent', at: first })
    assert.deepEqual(await waitingFor(bob), [7])
    const { stamped } = await (await laptop.connect()).next('deliver')
    assert.equal(stamped.at, first)
  }))

test('a triple is known 31 days after the acknowledgement', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const batch = alice.batchTo([bob], Uint8Array.of(9))
    await (await alice.connect()).send(batch)
    relay.now += limits.mailboxMs - dayMs
    await bob.login(2)
    await ackAll(await bob.connect())
    relay.now += limits.triplesMs
    await alice.login(2)
    await bob.login(3)
    assert.equal((await (await alice.connect()).send(batch)).type, 'sent')
    assert.deepEqual(await waitingFor(bob), [])
  }))

test('what is older than 30 days ends, and hashes of what no repeat can be about', async () => {
  const storage = SqliteStorage.open(':memory:')
  // The relay sweeps when it starts: twice the same storage, with a later clock.
  const kept = { read: storage.read.bind(storage), write: storage.write.bind(storage), close: async () => {} }
  const count = (table: string) =>
    storage.read(async (rows) => (await rows.get<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))?.n)
  const begin = Date.now()
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      await (await alice.connect()).send(alice.batchTo([bob]))
    },
    { database: kept, time: { now: () => begin } },
  )
  for (const [later, mail, triples] of [
    [limits.mailboxMs - 1000, 1, 1],
    [limits.mailboxMs + 1000, 0, 1],
    [limits.mailboxMs + limits.triplesMs - 1000, 0, 1],
    [limits.mailboxMs + limits.triplesMs + 1000, 0, 0],
  ] as const) {
    await withRelay(async () => {}, { database: kept, time: { now: () => begin + later } })
    assert.deepEqual([await count('mailbox'), await count('triples')], [mail, triples], String(later))
  }
  await storage.close()
})

test('after the acknowledgement nothing stored says who wrote to whom', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      const batch = alice.batchTo([bob])
      await (await alice.connect()).send(batch)
      const rows = () =>
        storage.read(async (all) => [
          await all.all<object>('SELECT * FROM mailbox'),
          await all.all<{ hash: Uint8Array }>('SELECT hash FROM triples'),
        ])
      assert.lengthOf((await rows())[0] ?? [], 1)
      await ackAll(await bob.connect())
      const [mail, triples] = await rows()
      assert.deepEqual(mail, [])
      assert.lengthOf(triples ?? [], 1)
      const hash = toHex((triples as readonly { hash: Uint8Array }[])[0]?.hash ?? new Uint8Array(0))
      assert.lengthOf(hash, 32)
      for (const name of [batch.envelopes[0]?.id ?? '', alice.id, bob.id, alice.known.accountId])
        assert.notInclude(hash, name.slice(0, 16))
    },
    { database: storage },
  )
})

test('a batch is stored whole or refused whole', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const [carol, laptop] = [await relay.device('carol'), relay.stranger('bob')]
    laptop.chain = bob.known
    const out = await alice.connect()
    const good = alice.batchTo([bob])
    const [envelope] = good.envelopes
    if (envelope?.to.type !== 'address') throw new Error('no address')
    const { address } = envelope.to
    const to = (change: Partial<typeof address>) => ({
      type: 'address' as const,
      address: { ...address, ...change },
    })
    const wrong: readonly (readonly [string, Batch])[] = [
      ['unknown-device', alice.batchTo([bob, laptop])],
      ['unknown-device', { ...good, envelopes: [{ ...envelope, to: to({ device: carol.id }) }] }],
      // Under that name stands another account: its list says so.
      ['lists-outdated', { ...good, envelopes: [{ ...envelope, to: to({ account: 'carol' }) }] }],
      // Nobody says which of bob's lists it was written against.
      ['unknown-device', { ...good, lists: alice.batchTo([]).lists }],
      ['not-here', { ...good, envelopes: [{ ...envelope, to: to({ realm: 'example.org' }) }] }],
      [
        'not-here',
        { ...good, envelopes: [{ ...envelope, to: { type: 'mailbox', mailbox: randomBytes(16) } }] },
      ],
      ['malformed', { ...good, envelopes: [envelope, { ...envelope, id: toHex(randomBytes(16)) }] }],
    ]
    for (const [code, batch] of wrong) {
      const answer = await out.send(batch)
      assert.equal(answer.type === 'refused' ? answer.code : 'sent', code)
    }
    assert.deepEqual(await waitingFor(bob), [])
    assert.equal((await out.send(good)).type, 'sent')
    assert.lengthOf(await waitingFor(bob), 1)
  }))

test('a batch against old lists is refused and told of the newer ones, of either side', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const out = await alice.connect()
    const stale = alice.batchTo([bob])
    await bob.link(relay.stranger('bob'))
    await alice.link(relay.stranger('alice'))
    const answer = await out.send(stale)
    assert.deepInclude(answer, { type: 'refused', code: 'lists-outdated' })
    const newer =
      answer.type === 'refused' ? answer.lists.map(({ accountId, hash }) => [accountId, hash]) : []
    const expected = [alice, bob].map(({ known }) => [known.accountId, known.hash])
    assert.sameDeepMembers(newer, expected)
    assert.deepEqual(await waitingFor(bob), [])
    assert.equal((await out.send(alice.batchTo([bob]))).type, 'sent')
  }))

test('a list that only the relay does not know yet is no reason to refuse', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const batch = alice.batchTo([bob])
    const lists = batch.lists.map((one) => ({ ...one, sequence: 9 }))
    assert.equal((await (await alice.connect()).send({ ...batch, lists })).type, 'sent')
  }))

test('a removed device sends nothing any more, on whatever socket', () =>
  withRelay(async (relay) => {
    const [phone, bob] = [await relay.device('alice'), await relay.device('bob')]
    const laptop = relay.stranger('alice')
    await phone.link(laptop)
    await laptop.login()
    const out = await laptop.connect()
    assert.equal((await out.send(laptop.batchTo([bob], Uint8Array.of(1)))).type, 'sent')
    await phone.remove(laptop)
    laptop.chain = phone.known
    await out.bye()
    assert.deepEqual(await waitingFor(bob), [1])
  }))

test('what the storage says of devices counts in the very commit, whatever sockets are still open', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      const out = await alice.connect()
      const remove = (device: RawDevice, removed: number) =>
        storage.write((rows) =>
          rows.run('UPDATE devices SET removed = ? WHERE device = ?', removed, device.id),
        )
      // Another node has taken the list; its news is still under way.
      await remove(alice, 1)
      assert.deepInclude(await out.send(alice.batchTo([bob])), { type: 'refused', code: 'device-removed' })
      await remove(alice, 0)
      await remove(bob, 1)
      assert.deepInclude(await out.send(alice.batchTo([bob])), { type: 'refused', code: 'unknown-device' })
      await remove(bob, 0)
      assert.equal((await out.send(alice.batchTo([bob]))).type, 'sent')
    },
    { database: storage },
  )
})

test('the mailbox itself forgets for its own device alone', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      await (await alice.connect()).send(alice.batchTo([bob]))
      const mailbox = new Mailbox({ realm: 'example.com', storage, bus: localBus(), now: () => relay.now })
      const [mail] = await mailbox.waiting(bob.id, 0, 10)
      await mailbox.acknowledge(alice.id, [mail?.id ?? -1])
      assert.lengthOf(await mailbox.waiting(bob.id, 0, 10), 1)
      await mailbox.acknowledge(bob.id, [mail?.id ?? -1])
      assert.lengthOf(await mailbox.waiting(bob.id, 0, 10), 0)
    },
    { database: storage },
  )
})

test('a full share is refused by name of its device, and takes nobody else’s room', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      const carol = await relay.device('carol')
      const fill = (sender: string, count: number) =>
        storage.write(async (rows) => {
          const sql =
            'INSERT INTO mailbox (id, device, from_account_id, at, stamped) SELECT ?, device, ?, ?, stamped FROM mailbox WHERE id = 1'
          const places = 'UPDATE places SET last = last + 1 RETURNING last'
          for (let i = 0; i < count; i++) {
            const place = await rows.get<{ last: number }>(places)
            await rows.run(sql, place?.last ?? 0, sender, relay.now)
          }
        })
      const out = await alice.connect()
      const repeated = alice.batchTo([bob])
      assert.equal((await out.send(repeated)).type, 'sent')
      await fill(alice.known.accountId, limits.mailboxPerSender - 2)
      relay.now += 61_000
      assert.equal((await out.send(alice.batchTo([bob]))).type, 'sent')
      const full = await out.send(alice.batchTo([bob, carol]))
      assert.deepInclude(full, { type: 'refused', code: 'mailbox-full' })
      assert.deepEqual(full.type === 'refused' ? full.devices.map((one) => ({ ...one })) : [], [
        { accountId: bob.known.accountId, device: bob.id },
      ])
      // What was stored before is a success; others still have room, until the mailbox itself has none.
      assert.equal((await out.send(repeated)).type, 'sent')
      const hers = await carol.connect()
      assert.equal((await hers.send(carol.batchTo([bob]))).type, 'sent')
      await fill('ab'.repeat(32), limits.mailbox - limits.mailboxPerSender - 1)
      relay.now += 61_000
      assert.deepInclude(await hers.send(carol.batchTo([bob])), { type: 'refused', code: 'mailbox-full' })
    },
    { database: storage },
  )
})

test('a share holds for batches that come in one turn, as for those that come one after the other', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const out = await alice.connect()
    const sendAll = async (count: number) => {
      relay.now += 60_000
      const sent = Array.from({ length: count }, () => out.send(alice.batchTo([bob])))
      return (await Promise.all(sent)).map((answer) =>
        answer.type === 'refused' ? answer.code : answer.type,
      )
    }
    for (let left = limits.mailboxPerSender - 100; left > 0; left -= 500) {
      assert.deepEqual([...new Set(await sendAll(Math.min(500, left)))], ['sent'])
    }
    const last = await sendAll(300)
    assert.lengthOf(
      last.filter((one) => one === 'sent'),
      100,
    )
    assert.lengthOf(
      last.filter((one) => one === 'mailbox-full'),
      200,
    )
  }))

test('a device that reads slowly is written no more than it reads, and gets everything in order', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const out = await alice.connect()
    const slow = await bob.connect()
    slow.pause()
    const many = 500
    for (let i = 0; i < many; i++) {
      const body = randomBytes(60_000)
      body.set([i >> 8, i & 255])
      assert.equal((await out.send(alice.batchTo([bob], body))).type, 'sent')
    }
    // 30 MB were sent. What is not read stays in the mailbox, but for a megabyte of the relay's and the buffers of the system.
    const metrics = (await relay.call('GET', '/metrics')).text
    const written = Number(/^sotto_relay_envelopes_delivered_total (\d+)$/m.exec(metrics)?.[1])
    assert.isBelow(written, 350)
    assert.isAbove(written, 0)
    slow.resume()
    for (let i = 0; i < many; i++) {
      const { body } = (await slow.next('deliver')).stamped.envelope
      assert.deepEqual([...body.subarray(0, 2)], [i >> 8, i & 255])
    }
  }))
