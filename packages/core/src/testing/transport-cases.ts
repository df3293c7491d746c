import { randomBytes, toHex } from '@sotto/protocol'
import type { Connection, Delivery } from '../ports/index.js'
import { backendCases, type BackendPlace } from './backend-place.js'
import { expect, expectEqual, expectRejection, type Case } from './case.js'
import { CaseDevice } from './case-device.js'

/** Takes deliveries one by one: a connection is iterated once. */
function reader(connection: Connection) {
  const iterator = connection[Symbol.asyncIterator]()
  return {
    async next(): Promise<Delivery> {
      const next = await iterator.next()
      if (next.done === true) throw new Error('expected a delivery, but the connection ended')
      return next.value
    },
    /** Resolves when the connection ends; what comes before that is not expected. */
    async end(): Promise<void> {
      const next = await iterator.next()
      expect(next.done === true, 'no delivery')
    },
  }
}

/** What a `Transport` promises. */
export function transportCases(make: () => Promise<BackendPlace>): readonly Case[] {
  const { cases, add } = backendCases(make)
  const pair = async (place: BackendPlace) =>
    [await CaseDevice.published(place), await CaseDevice.published(place)] as const

  add('delivers what was sent, stamped with its sender and a time, in order', async (place) => {
    const [alice, bob] = await pair(place)
    const [out, inbox] = [await alice.open(), await bob.open()]
    const incoming = reader(inbox)
    const before = Date.now()
    const stamps: number[] = []
    for (let i = 0; i < 5; i++) {
      const batch = alice.batchTo([bob], Uint8Array.of(1, i))
      const sent = await out.send(batch)
      expectEqual(sent.outcome, 'sent', 'the outcome')
      const { stamped, ack } = await incoming.next()
      expectEqual(stamped.envelope.id, batch.envelopes[0]?.id, 'the id')
      expectEqual(stamped.envelope.body, Uint8Array.of(1, i), 'the body')
      const { account, chain, id: device } = alice
      expectEqual({ ...stamped.from }, { account, accountId: chain.accountId, device }, 'the sender')
      stamps.push(stamped.at)
      ack()
    }
    expect(
      stamps.every((at, i) => i === 0 || at >= (stamps[i - 1] ?? 0)),
      'stamps in order',
    )
    expect(Math.abs((stamps[0] ?? 0) - before) < 100 * 365 * 86_400_000, 'a stamp in milliseconds since 1970')
    alice.closeAll()
    bob.closeAll()
  })

  add('answers who asks whether it is still there, where it can be asked', async (place) => {
    const alice = await CaseDevice.published(place)
    const connection = await alice.open()
    await connection.probe?.()
    connection.close()
    if (connection.probe !== undefined)
      await expectRejection(connection.probe(), 'offline', 'a probe of what is closed')
    alice.closeAll()
  })

  add('keeps what is not acknowledged for the next connection, and no longer', async (place) => {
    const [alice, bob] = await pair(place)
    const out = await alice.open()
    const batches = [alice.batchTo([bob]), alice.batchTo([bob]), alice.batchTo([bob])]
    for (const batch of batches) await out.send(batch)
    const ids = batches.map((batch) => batch.envelopes[0]?.id)
    const first = reader(await bob.open())
    const taken = [await first.next(), await first.next(), await first.next()]
    expectEqual(
      taken.map(({ stamped }) => stamped.envelope.id),
      ids,
      'the first connection’s deliveries',
    )
    taken[1]?.ack()
    // What is sent after an acknowledgement, on the same connection, arrives after it.
    const sentinel = bob.batchTo([alice])
    await (await bob.open()).send(sentinel)
    const again = reader(await bob.open())
    const left = [await again.next(), await again.next()]
    expectEqual(
      left.map(({ stamped }) => stamped.envelope.id),
      [ids[0], ids[2]],
      'the deliveries of a later connection',
    )
    alice.closeAll()
    bob.closeAll()
  })

  add('takes the same batch again as a success, and delivers it once', async (place) => {
    const [alice, bob] = await pair(place)
    const out = await alice.open()
    const batch = alice.batchTo([bob])
    for (let i = 0; i < 3; i++) expectEqual((await out.send(batch)).outcome, 'sent', 'the outcome')
    const last = alice.batchTo([bob])
    await out.send(last)
    const incoming = reader(await bob.open())
    const first = await incoming.next()
    first.ack()
    const second = await incoming.next()
    expectEqual(first.stamped.envelope.id, batch.envelopes[0]?.id, 'the first delivery')
    expectEqual(second.stamped.envelope.id, last.envelopes[0]?.id, 'the second delivery')
    expectEqual((await out.send(batch)).outcome, 'sent', 'the outcome after the acknowledgement')
    const third = alice.batchTo([bob])
    await out.send(third)
    expectEqual((await incoming.next()).stamped.envelope.id, third.envelopes[0]?.id, 'the third delivery')
    alice.closeAll()
    bob.closeAll()
  })

  add('shares one body among envelopes', async (place) => {
    const [alice, bob] = await pair(place)
    const body = randomBytes(100)
    const { envelopes, lists, sends } = alice.batchTo([bob])
    const out = await alice.open()
    const shared = envelopes.map(({ body: _body, ...rest }) => ({ ...rest, shared: 0 }))
    expectEqual(
      (await out.send({ shared: [body], envelopes: shared, lists, sends })).outcome,
      'sent',
      'the outcome',
    )
    expectEqual((await reader(await bob.open()).next()).stamped.envelope.body, body, 'the body')
    alice.closeAll()
    bob.closeAll()
  })

  add(
    'refuses a batch that was written against an old list, whole, and names the newer one',
    async (place) => {
      const [alice, bob] = await pair(place)
      const { joining, signed, keys, chain } = await bob.next()
      const stale = alice.batchTo([bob])
      await bob.directory.publish(signed, keys)
      const out = await alice.open()
      const sent = await out.send(stale)
      expect(sent.outcome === 'refused', 'a refusal')
      expectEqual(sent.code, 'lists-outdated', 'the code')
      expectEqual(
        sent.lists.map(({ accountId, sequence, hash }) => [accountId, sequence, hash]),
        [[chain.accountId, 2, chain.hash]],
        'the newer lists',
      )
      bob.chain = chain
      const fresh = alice.batchTo([bob, joining])
      expectEqual((await out.send(fresh)).outcome, 'sent', 'the outcome of a batch against the newer list')
      expectEqual(
        (await reader(await bob.open()).next()).stamped.envelope.id,
        fresh.envelopes[0]?.id,
        'the one delivery',
      )
      expectEqual(
        (await reader(await joining.open()).next()).stamped.envelope.id,
        fresh.envelopes[1]?.id,
        'the other delivery',
      )
      for (const one of [alice, bob, joining]) one.closeAll()
    },
  )

  add('refuses a batch with a device it does not know, whole, and names it', async (place) => {
    const [alice, bob] = await pair(place)
    const { joining } = await bob.next()
    const out = await alice.open()
    const batch = alice.batchTo([bob, joining])
    const sent = await out.send({ ...batch, lists: alice.batchTo([bob]).lists })
    expect(sent.outcome === 'refused', 'a refusal')
    const named = sent.devices.map(({ accountId, device }) => [accountId, device])
    expectEqual(named, [[bob.chain.accountId, joining.id]], 'the devices')
    const good = alice.batchTo([bob])
    await out.send(good)
    expectEqual(
      (await reader(await bob.open()).next()).stamped.envelope.id,
      good.envelopes[0]?.id,
      'the only delivery',
    )
    alice.closeAll()
    bob.closeAll()
  })

  add('replaces a connection by a newer one of the same device', async (place) => {
    const [alice, bob] = await pair(place)
    const old = reader(await bob.open())
    const ended = expectRejection(old.end(), 'replaced', 'the older connection')
    const newer = reader(await bob.open())
    await ended
    const out = await alice.open()
    const batch = alice.batchTo([bob])
    await out.send(batch)
    expectEqual((await newer.next()).stamped.envelope.id, batch.envelopes[0]?.id, 'the delivery')
    alice.closeAll()
    bob.closeAll()
  })

  add('tells a device whose epoch is lower than one it knows, and which that is', async (place) => {
    const [device] = await pair(place)
    device.epoch = 7
    ;(await device.open()).close()
    device.epoch = 6
    let known: unknown
    await expectRejection(
      device.open().catch((error: unknown) => {
        known = (error as { details?: { epoch?: unknown } }).details?.epoch
        throw error
      }),
      'rolled-back',
      'a connection of a lower epoch',
    )
    expectEqual(known, 7, 'the epoch')
    device.epoch = 8
    ;(await device.open()).close()
  })

  add('tells a device that it has sent more than it knows of, and how far it had counted', async (place) => {
    const [alice, bob] = await pair(place)
    const out = await alice.open()
    const [first, second] = [alice.batchTo([bob]), alice.batchTo([bob])]
    expectEqual((await out.send(second)).outcome, 'sent', 'the outcome of the later one')
    expectEqual((await out.send(first)).outcome, 'sent', 'the outcome of the earlier one')
    alice.closeAll()
    const known = alice.sends
    alice.sends = known - 1
    // A higher epoch makes no difference: it may have been opened since the copy was made.
    alice.epoch++
    let told: unknown
    await expectRejection(
      alice.open().catch((error: unknown) => {
        told = (error as { details?: { sends?: unknown } }).details?.sends
        throw error
      }),
      'rolled-back',
      'a connection of one that has counted less far',
    )
    expectEqual(told, known, 'the count')
    alice.sends = known
    ;(await alice.open()).close()
    bob.closeAll()
  })

  add('ends a connection quietly when it is closed or its signal says so', async (place) => {
    const [alice, bob] = await pair(place)
    const closed = await alice.open()
    const ended = reader(closed).end()
    closed.close()
    await ended
    await expectRejection(closed.send(alice.batchTo([bob])), 'offline', 'sending on a closed connection')
    const stop = new AbortController()
    const aborted = await bob.transport.open({ signal: stop.signal })
    const over = reader(aborted).end()
    stop.abort()
    await over
    await expectRejection(bob.transport.open({ signal: stop.signal }), 'aborted', 'opening after the signal')
  })

  add(
    'wakes a device when its account’s list changes, and ends a removed device’s connection',
    async (place) => {
      const device = await CaseDevice.published(place)
      const added = await device.next()
      const connection = await device.open()
      const woken = new Promise<number>((resolve) => (connection.onwake = resolve))
      await device.directory.publish(added.signed, added.keys)
      expectEqual(await woken, 1, 'what changed')
      const ended = expectRejection(
        reader(await added.joining.open()).end(),
        'device-removed',
        'the removed device’s connection',
      )
      device.chain = added.chain
      const removed = await device.next({ remove: added.joining })
      await device.directory.publish(removed.signed)
      await ended
      await expectRejection(added.joining.open(), 'device-removed', 'a new connection of it')
      device.closeAll()
    },
  )

  add('keeps devices apart: an id that another device used is no repeat', async (place) => {
    const [alice, bob] = await pair(place)
    const carol = await CaseDevice.published(place)
    const id = toHex(randomBytes(16))
    const from = async (sender: CaseDevice, body: number) => {
      const batch = sender.batchTo([bob], Uint8Array.of(1, body))
      const sent = await (
        await sender.open()
      ).send({ ...batch, envelopes: batch.envelopes.map((one) => ({ ...one, id })) })
      expectEqual(sent.outcome, 'sent', 'the outcome')
    }
    await from(alice, 1)
    await from(carol, 2)
    const incoming = reader(await bob.open())
    const bodies = [
      (await incoming.next()).stamped.envelope.body[1],
      (await incoming.next()).stamped.envelope.body[1],
    ]
    expectEqual(bodies, [1, 2], 'the bodies')
    for (const one of [alice, bob, carol]) one.closeAll()
  })

  return cases
}
