import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import {
  contentTypes,
  conversationIdOf,
  decodeBody,
  emptyExt,
  encodeBody,
  encodeBodyOf,
  pairOf,
  randomBytes,
  textBody,
  toHex,
  type MessageNumber,
  type StampedEnvelope,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { batchOf, compose } from '../../packages/core/src/messages/compose.js'
import { readReceived } from '../../packages/core/src/messages/numbers.js'
import { enqueue } from '../../packages/core/src/messages/outbox.js'
import { otherDevice } from '../../packages/core/src/peers/devices-of.js'
import { putSessions, readSessions } from '../../packages/core/src/sessions/session-rows.js'
import { Sessions } from '../../packages/core/src/sessions/sessions.js'
import { givenRows } from '../../packages/core/src/store/tables.js'
import { World, realm, watch } from '../support/people.js'
import { Post, spoilt } from '../support/post.js'

/** Alice writes to Bob, and somebody has copied her session with him. */
async function stolen() {
  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const post = new Post()
  const alice = await world.online(await alices.open())
  const bob = await world.online(await bobs.open({ backend: post.over(world.network.backend(bobs.link)) }))
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  const first = post.all.find((one) => one.from?.account === 'alice')
  await bob.conversation('alice').send('two')
  await world.time.until(() => hers.texts().length === 2 && hers.allDelivered() && his.allDelivered())
  const [hersOwn, hisOwn] = [await world.deviceOn(alices), await world.deviceOn(bobs)]
  const theirs = otherDevice(hisOwn.chain, hisOwn.address.device)
  if (theirs === undefined || first === undefined) throw new Error('nothing was sent')
  const copied = await run(await alices.sealed(), (rows) => readSessions(rows, theirs.address))
  const store = await openSealedStore(memoryStore(), { name: 'thief' })
  await run(store, async (rows) => putSessions(rows, theirs.address, copied))
  const conversation = conversationIdOf(realm, pairOf(hersOwn.address, hisOwn.chain))
  /** What the thief writes in her name, in the session that was copied. `given`: how far she is made to say that she has counted. */
  const forge = async (
    text: string,
    number: MessageNumber = { run: 1, n: 900 + text.length },
    given?: MessageNumber,
  ): Promise<StampedEnvelope> => {
    const now = world.time.now()
    const sealed = await run(store, async (rows) => {
      if (given !== undefined) givenRows.put(rows, conversation, { last: given })
      const { row } = enqueue(rows, {
        account: 'bob',
        type: contentTypes.text.type,
        body: encodeBodyOf(textBody, { text, ranges: [], ext: emptyExt }),
        clock: { ms: now, logical: 0 },
        shownIfUnknown: true,
        number,
      })
      return compose(rows, row, [theirs], {
        own: hersOwn,
        peer: hisOwn.chain,
        sessions: new Sessions(world.cipher, () => hersOwn),
        bundles: new Map(),
        now,
        backendNow: undefined,
      })
    })
    const [envelope] = batchOf(sealed, realm).envelopes
    if (envelope?.body === undefined) throw new Error('nothing was written')
    const { account, accountId, device } = hersOwn.address
    const { id, to, body, ext } = envelope
    return { envelope: { v: 1, id, to, body, ext }, from: { account, accountId, device }, at: now }
  }
  let couriers = 0
  /** Resolves when it was delivered, and all that follows from it. */
  const bring = async (...forged: StampedEnvelope[]) => {
    post.forged.push(...forged)
    const courier = await world.person(`courier-${couriers++}`)
    await courier.conversation('bob').send('brings them')
    await world.time.until(() => post.forged.length === 0)
    await world.time.advance(5_000)
  }
  /** How far she has counted, as far as Bob knows, and what he misses of it. */
  const counted = async () => {
    const { accountId, device } = hersOwn.address
    const row = await run(await bobs.sealed(), (rows) => readReceived(rows, conversation, accountId, device))
    return { highest: row?.highest, missing: row?.missing }
  }
  return { world, post, alice, his, first, forge, bring, counted }
}

test('B04 a stolen session speaks as its owner until it is replaced, and is refused from then on', async () => {
  const { world, post, alice, his, forge, bring } = await stolen()
  await bring(await forge('the control'))
  assert.include(his.texts(), '< the control')
  // Something cannot be read: the next generation begins, in which the thief has no part.
  post.next(spoilt)
  await alice.conversation('bob').send('three')
  await world.time.until(() => his.texts().includes('< three'), 200_000)
  await bring(await forge('from the old one'))
  assert.notInclude(his.texts(), '< from the old one')
  await alice.conversation('bob').send('four')
  await world.time.until(() => his.texts().includes('< four'))
})

test('B04 a session that was replaced may still bring what is missing, and says nothing of what else there was', async () => {
  const { world, post, alice, his, forge, bring, counted } = await stolen()
  const far = { run: 1, n: 900 }
  post.next(spoilt)
  await alice.conversation('bob').send('two')
  await world.time.until(() => his.texts().includes('< two'), 200_000)
  // Nothing that he asks for comes.
  await world.time.advance(120_000)
  post.isDeaf = true
  const lost = post.next(() => 'lost')
  await alice.conversation('bob').send('lost')
  await alice.conversation('bob').send('three')
  await world.time.until(() => his.texts().includes('< three'))
  assert.isTrue(lost.done)
  const { highest, missing } = await counted()
  assert.deepEqual(missing, [{ run: 1, first: 3, last: 3, gone: false }])

  await bring(await forge('what was lost', { run: 1, n: 3 }, far))
  assert.include(his.texts(), '< what was lost')
  assert.deepEqual(await counted(), { highest, missing: [] })
})

test('B04 the session that is in use says how far its device has counted', async () => {
  const { forge, bring, counted } = await stolen()
  const far = { run: 1, n: 900 }
  await bring(await forge('the control', { run: 1, n: 2 }, far))
  const { highest, missing } = await counted()
  assert.deepEqual([highest, missing], [far, [{ run: 1, first: 3, last: 900, gone: false }]])
})

test('B04 a first message of an old session under a high generation begins nothing', async () => {
  const { world, alice, his, first, bring } = await stolen()
  const { suite, body } = decodeBody(first.envelope.body)
  if (body.type !== 'first') throw new Error('a later message')
  const texts = his.texts()
  for (const generation of [2, 400, 1_025])
    await bring({
      ...first,
      envelope: {
        ...first.envelope,
        id: toHex(randomBytes(16)),
        body: encodeBody(suite, { ...body, generation }),
      },
    })
  assert.deepEqual(his.texts(), texts)
  await alice.conversation('bob').send('goes on')
  await world.time.until(() => his.texts().includes('< goes on'))
})
