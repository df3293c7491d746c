import { openSealedStore, run } from '@sotto/core'
import type { Time } from '@sotto/core/ports'
import { memoryStore } from '@sotto/core/memory'
import {
  SottoError,
  accountNewsBody,
  emptyExt,
  encodeBodyOf,
  utf8,
  type StampedEnvelope,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { openAhead, type Ready } from '../../packages/core/src/messages/ahead.js'
import { Judge } from '../../packages/core/src/messages/judge.js'
import { Receiver } from '../../packages/core/src/messages/receiver.js'
import { Sessions } from '../../packages/core/src/sessions/sessions.js'
import type { Verdict } from '../../packages/core/src/messages/verdict.js'
import { messageRows, sessionRows } from '../../packages/core/src/store/tables.js'
import type { MachineDisk } from '../support/machine/machine-disk.js'
import { World, watch } from '../support/people.js'
import { Post, lost } from '../support/post.js'
import { says } from '../support/says.js'

/** What came for Bob of two contacts while he did not read: one of the contents is none that a contact may send. And his disk of before. */
async function backlog() {
  const world = await World.make()
  const post = new Post()
  const places = ['alice', 'carol'].map((name) => world.installation(name))
  const others = await Promise.all(places.map(async (place) => world.online(await place.open())))
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open({ backend: post.over(world.network.backend(bobs.link)) }))
  for (const [i, other] of others.entries()) {
    const seen = watch(other, 'bob')
    await bob.conversation(places[i]?.account ?? '').send('hello')
    await world.time.until(() => seen.texts().length === 1)
    await other.conversation('bob').send('hello yourself')
    await world.time.until(() => seen.allDelivered() && seen.texts().length === 2)
  }
  await world.time.advance(300_000)
  const before = bobs.disk.copy()
  const from = post.all.length
  post.rule = lost
  const [alice, carol] = others
  const [alices] = places
  await alice?.conversation('bob').send('one')
  if (alices === undefined) throw new Error('Alice has a device')
  const news = encodeBodyOf(accountNewsBody, { contacts: [], ext: emptyExt })
  await says(world, alices, 'bob', 'accountNews', news)
  await alice?.conversation('bob').send('two')
  await carol?.conversation('bob').send('three')
  await alice?.conversation('bob').send('four')
  await world.time.until(() => post.all.length >= from + 5)
  const own = await world.deviceOn(bobs)
  return { world, own, before, envelopes: post.all.slice(from) }
}

/** Judges on a copy of the disk, so many at once: the verdicts, what is shown, and how far each session has come. */
async function judged(
  { world, own }: Awaited<ReturnType<typeof backlog>>,
  disk: MachineDisk,
  batches: readonly (readonly StampedEnvelope[])[],
  time: Time = world.time,
) {
  const store = await openSealedStore(memoryStore(disk), { name: 'test-bob' })
  const receiver = new Receiver({
    sessions: new Sessions(world.cipher, () => own),
    own: () => own,
    clock: { earliest: world.time.now() },
  })
  const judge = new Judge({ receiver, own: () => own, time })
  const verdicts: Verdict[] = []
  for (const batch of batches)
    for (const { verdict } of await run(store, (rows) => judge.batch(rows, batch, new Set())))
      verdicts.push(verdict)
  return run(store, async (rows) => {
    const texts = await Promise.all(
      ['alice', 'carol'].map((name) => messageRows.list(rows, { prefix: name, limit: 100 })),
    )
    const devices = await sessionRows.list(rows, { prefix: '', limit: 10 })
    return {
      verdicts,
      shown: texts.flat().map(({ key }) => key),
      sessions: devices.flatMap(({ row }) =>
        row.sessions.map(({ name, answered, unanswered }) => ({ name, answered, unanswered })),
      ),
    }
  })
}

test('a batch that is decrypted ahead comes to the same as one message after the other, also where one is refused after all', async () => {
  const scene = await backlog()
  const { before, envelopes } = scene
  const inOrder = await judged(
    scene,
    before.copy(),
    envelopes.map((one) => [one]),
  )
  const names = inOrder.verdicts.map((verdict) => verdict.name)
  assert.sameMembers(names, ['good', 'dropped', 'good', 'good', 'good'])
  assert.deepEqual(await judged(scene, before.copy(), [envelopes]), inOrder)
  // The control: without the one that is refused its session counts as many, and nothing else is different.
  const good = envelopes.filter((_, i) => names[i] === 'good')
  assert.deepEqual((await judged(scene, before.copy(), [good])).sessions, inOrder.sessions)
})

test('a batch that takes long lets the page have its turn in between, and comes to the same', async () => {
  const scene = await backlog()
  const { world, before, envelopes } = scene
  // Each look at the clock finds that half a frame is over.
  let ms = 0
  let turns = 0
  const slow: Time = {
    now: () => world.time.now(),
    monotonic: () => (ms += 10),
    sleep: (duration, signal) => world.time.sleep(duration, signal),
    random: (below) => world.time.random(below),
    turn: () => {
      turns++
      return new Promise((resolve) => setTimeout(resolve, 0))
    },
  }
  const atOnce = await judged(scene, before.copy(), [envelopes])
  assert.deepEqual(await judged(scene, before.copy(), [envelopes], slow), atOnce)
  assert.isAtLeast(turns, envelopes.length)
})

const stampedBy = (device: string, id: string): StampedEnvelope =>
  // Of an envelope nothing but its id and its sender is looked at here.
  ({ envelope: { id }, from: { account: 'a', accountId: device, device } }) as unknown as StampedEnvelope

test('devices are read side by side, each in order up to the first that cannot be read, and no further than the others let it', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  await store.commit([{ kind: 'put', table: 't', key: 'prekey', value: utf8('x') }])
  const steps: string[] = []
  const batch = ['a1', 'b1', 'a2 bad', 'b2', 'a3', 'c1 prekey', 'd1 prekey', 'e1', 'e1', 'e2'].map((id) =>
    stampedBy(id.slice(0, 1), id),
  )
  const [ready, rows] = await run(store, async (unit) => {
    const found = await openAhead(unit, batch, async (own, { envelope: { id } }) => {
      steps.push(`${id} begins`)
      if (id.endsWith('prekey')) {
        await own.get('t', 'prekey')
        own.delete('t', 'prekey')
      }
      own.put('t', `read/${id}`, utf8(id))
      await new Promise((resolve) => setTimeout(resolve, 0))
      if (id.endsWith('bad')) throw new SottoError('undecryptable')
      steps.push(`${id} ends`)
      return {} as Ready
    })
    return [found, await unit.list('t', { prefix: 'read', limit: 20 })] as const
  })
  const bad = [...ready].flatMap(([{ envelope }, one]) => (SottoError.is(one) ? [envelope.id] : []))
  assert.deepEqual(bad, ['a2 bad'], 'what is wrong with it is known')
  const ids = [...ready.keys()].map(({ envelope }) => envelope.id).filter((id) => !bad.includes(id))
  const taken = ids.filter((id) => id.endsWith('prekey'))
  assert.lengthOf(taken, 1, 'a prekey serves one')
  assert.sameMembers(ids, ['a1', 'b1', 'b2', 'e1', ...taken])
  // What was staged is of those, and of no other.
  assert.sameMembers(
    rows.map(({ key }) => key.slice('read/'.length)),
    ids,
  )
  assert.isBelow(steps.indexOf('b1 begins'), steps.indexOf('a1 ends'))
  assert.isBelow(steps.indexOf('b1 ends'), steps.indexOf('b2 begins'))
  assert.notInclude(steps, 'a3 begins')
})

test('what says nothing about an envelope is no reason to go on without it', async () => {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const broken = run(store, (unit) =>
    openAhead(unit, [stampedBy('a', '1')], () => Promise.reject(new TypeError('broken'))),
  )
  await broken.then(
    () => assert.fail('it is told'),
    (error: unknown) => assert.instanceOf(error, TypeError),
  )
})
