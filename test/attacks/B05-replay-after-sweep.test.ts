import { run, type OwnDevice, type SealedStore } from '@sotto/core'
import type { SessionCipher } from '@sotto/core/ports'
import { decodeBody, limits, type Body, type StampedEnvelope } from '@sotto/protocol'
import { assert, test } from '#test'
import { sweepTriples } from '../../packages/core/src/messages/triples.js'
import { otherDevice } from '../../packages/core/src/peers/devices-of.js'
import { readPeer } from '../../packages/core/src/peers/peer.js'
import { Sessions } from '../../packages/core/src/sessions/sessions.js'
import { rejects } from '../core/reject.js'
import { settled } from '../support/forged-first.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld, type RelayInstallation } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

const later = limits.readTriplesMs + 86_400_000

async function clear(store: SealedStore, table: string): Promise<void> {
  const rows = await store.list(table, { prefix: '', limit: 10_000 })
  await store.commit(rows.map(({ key }) => ({ kind: 'delete', table, key })))
}

/**
 * Alice and Bob have written to each other while the relay kept every envelope; then Bob's tab was closed for longer than he remembers which
 * ones he read, and they were swept.
 */
async function recorded(world: EvilWorld) {
  const { relay } = world
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [alice, bob] = [await alices.online(), await bobs.online()]
  const { device } = (await bobs.device()).address
  const kept: StampedEnvelope[] = []
  relay.hooks.onDeliver = (stamped, to) => {
    if (to === device) kept.push(stamped)
    return [stamped]
  }
  const his = watch(bob, 'alice')
  const hers = watch(alice, 'bob')
  await alice.conversation('bob').send('one')
  await until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await until(() => hers.texts().length === 2)
  await alice.conversation('bob').send('three')
  await until(() => his.texts().length === 3)
  await bob.close()
  const bodies = kept.map(({ envelope }) => decodeBody(envelope.body).body)
  const [first, next] = [
    bodies.find((one) => one.type === 'first'),
    bodies.find((one) => one.type === 'later'),
  ]
  if (first === undefined || next === undefined) throw new Error('a first message and a later one')
  const store = await bobs.sealed()
  assert.isNotEmpty(await store.list('read-envelopes', { prefix: '', limit: 10 }))
  while (await run(store, (rows) => sweepTriples(rows, Date.now() + later - limits.readTriplesMs)));
  assert.deepEqual(await store.list('read-envelopes', { prefix: '', limit: 10 }), [])
  return { alice, bobs, device, kept, first, next, store }
}

/** What Bob's sessions say to an envelope of Alice's, read as his client reads it. Nothing is committed. */
async function open(
  { cipher }: { readonly cipher: SessionCipher },
  bobs: RelayInstallation,
  own: OwnDevice,
  sender: string,
  body: Body,
): Promise<void> {
  const sessions = new Sessions(cipher, () => own)
  await run(await bobs.sealed(), async (rows) => {
    const { chain } = await readPeer(rows, 'alice')
    const other = chain && otherDevice(chain, sender)
    if (other === undefined) throw new Error('Bob knows Alice')
    await sessions.decrypt(rows.nest(), other, body, Date.now() + later)
  })
}

test('B05 control and replay after the sweep: what is new is read, what was read once is not, when its triple is forgotten', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const { alice, bobs, device, kept } = await recorded(world)
    const clock = { ...world.time, now: () => world.time.now() + later }
    const bob = await bobs.online({ time: clock })
    const his = watch(bob, 'alice')
    await alice.conversation('bob').send('four')
    await until(() => his.texts().length === 4)
    await settled()
    const before = await snapshot(bobs)
    const [sent, acknowledged] = [relay.log.batches.length, relay.log.acks.length]
    for (const one of kept) relay.inject(device, one)
    await until(() => relay.log.acks.length >= acknowledged + kept.length)
    await settled()
    assert.deepEqual(his.texts(), ['< one', '> two', '< three', '< four'])
    assert.deepEqual(await snapshot(bobs), before)
    assert.lengthOf(relay.log.batches, sent)
  }))

test('B05 after the sweep it is the ratchet that refuses a replay, then the seen base key, then the prekey that is gone', () =>
  withEvilRelay(async (world) => {
    const { bobs, kept, first, next, store } = await recorded(world)
    const own = await bobs.device()
    const sender = kept[0]?.from?.device ?? ''
    const reading = (body: Body) => open(world, bobs, own, sender, body)
    await rejects(reading(first), 'undecryptable')
    await rejects(reading(next), 'undecryptable')
    await clear(store, 'sessions')
    await rejects(reading(first), 'session-refused')
    await rejects(reading(next), 'session-refused')
    await clear(store, 'base-keys')
    await rejects(reading(first), 'unknown-prekey')
    await clear(store, 'prekeys')
    await rejects(reading(first), 'unknown-prekey')
  }))
