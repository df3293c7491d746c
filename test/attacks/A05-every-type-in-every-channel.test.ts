import { run } from '@sotto/core'
import {
  accountNewsBody,
  callBody,
  callEnds,
  contentTypeOf,
  contentTypes,
  deviceNewsBody,
  emptyExt,
  encodeBodyOf,
  goneBody,
  randomBytes,
  receiptBody,
  sessionBody,
  textBody,
  toHex,
  unreadBody,
  type Chain,
  type Channel,
  type ContentType,
  type StampedEnvelope,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { batchOf, compose } from '../../packages/core/src/messages/compose.js'
import { enqueue } from '../../packages/core/src/messages/outbox.js'
import { Receiver } from '../../packages/core/src/messages/receiver.js'
import { otherDevice } from '../../packages/core/src/peers/devices-of.js'
import { Sessions } from '../../packages/core/src/sessions/sessions.js'
import { World, realm, watch, type Installation } from '../support/people.js'
import { snapshot } from '../support/snapshot.js'

const everyChannel: readonly Channel[] = ['own', 'peer', 'stranger']

/** Who may send what, as docs/protocol.md says: written here a second time, so that neither changes alone. */
const allowed: Readonly<Record<ContentType, readonly Channel[]>> = {
  text: ['own', 'peer', 'stranger'],
  reaction: ['own', 'peer'],
  edit: ['own', 'peer'],
  delete: ['own', 'peer'],
  receipt: ['own', 'peer'],
  typing: ['own', 'peer'],
  attachment: ['own', 'peer'],
  timer: ['own', 'peer'],
  poll: ['own', 'peer'],
  call: ['own', 'peer'],
  deviceNews: ['own', 'peer'],
  unread: ['own', 'peer'],
  gone: ['own', 'peer'],
  session: ['own', 'peer'],
  accountNews: ['own'],
}

const ext = emptyExt
const nothing = { envelopes: [], numbers: [], ext }
/** A sound body of each type that has a reader; the others are taken as they are. */
const bodies: Partial<Record<ContentType, Uint8Array>> = {
  text: encodeBodyOf(textBody, { text: 'hello', ranges: [], ext }),
  receipt: encodeBodyOf(receiptBody, { delivered: [], read: [], ext }),
  call: encodeBodyOf(callBody, {
    call: toHex(randomBytes(16)),
    counter: 1,
    signal: { type: 'end', reason: callEnds.hungUp, durationMs: 0 },
    ext,
  }),
  unread: encodeBodyOf(unreadBody, nothing),
  gone: encodeBodyOf(goneBody, nothing),
  session: encodeBodyOf(sessionBody, { ext }),
  accountNews: encodeBodyOf(accountNewsBody, { contacts: [], ext }),
  deviceNews: encodeBodyOf(deviceNewsBody, { removed: [], ext }),
}

/** Bob's first device, and in its sessions: another device of his, Alice whom he has accepted, Carol whom he has not. */
async function scene() {
  const world = await World.make()
  const [bobs, alices, carols] = [
    world.installation('bob'),
    world.installation('alice'),
    world.installation('carol'),
  ]
  const clients = [
    await world.online(await bobs.open()),
    await world.online(await alices.open()),
    await world.online(await carols.open()),
  ]
  const [bob, alice, carol] = clients
  if (bob === undefined || alice === undefined || carol === undefined) throw new Error('three')
  const second = await world.join(bobs)
  const tablet = await world.online(await second.open())
  const [his, hers] = [watch(bob, 'alice'), watch(alice, 'bob')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await world.time.until(() => hers.texts().length === 2)
  await tablet.conversation('alice').send('three')
  await world.time.until(() => his.texts().length === 3 && hers.texts().length === 3)
  const requests = watch(bob, 'carol')
  await carol.conversation('bob').send('do you know me?')
  await world.time.until(() => requests.texts().length === 1)
  await world.time.advance(120_000)
  for (const one of [...clients, tablet]) await one.close()
  const [own, hersOwn] = [await world.deviceOn(bobs), await world.deviceOn(alices)]
  const receiver = new Receiver({
    sessions: new Sessions(world.cipher, () => own),
    own: () => own,
    clock: { earliest: world.time.now() },
  })
  const senders: Record<Channel, { readonly place: Installation; readonly peer: Chain }> = {
    own: { place: second, peer: hersOwn.chain },
    peer: { place: alices, peer: own.chain },
    stranger: { place: carols, peer: own.chain },
  }

  /** What a changed client of whoever stands at that end of the channel sends to Bob's first device. */
  const write = async (channel: Channel, type: number, body: Uint8Array): Promise<StampedEnvelope> => {
    const { place, peer } = senders[channel]
    const from = await world.deviceOn(place)
    const to = otherDevice(own.chain, own.address.device)
    if (to === undefined) throw new Error('not on the list')
    const now = world.time.now()
    const sealed = await run(await place.sealed(), async (rows) => {
      const { row } = enqueue(rows, {
        account: peer.account,
        type,
        body,
        clock: { ms: now, logical: 0 },
        shownIfUnknown: true,
      })
      const sessions = new Sessions(world.cipher, () => from)
      const context = { own: from, peer, sessions, bundles: new Map(), now, backendNow: undefined }
      return compose(rows, row, [to], context)
    })
    const [envelope] = batchOf(sealed, realm).envelopes
    if (envelope?.body === undefined) throw new Error('nothing was written')
    const { account, accountId, device } = from.address
    const { id, to: recipient, body: written } = envelope
    return {
      envelope: { v: 1, id, to: recipient, body: written, ext },
      from: { account, accountId, device },
      at: now,
    }
  }
  const receive = async (stamped: StampedEnvelope) => {
    const { verdict } = await run(await bobs.sealed(), (rows) =>
      receiver.receive(rows, stamped, true, world.time.now()),
    )
    return verdict.name === 'dropped' ? verdict.code : verdict.name
  }
  return { bobs, write, receive }
}

test('A05 every type comes through the channels that it may come through, and through no other one', async () => {
  const { bobs, write, receive } = await scene()
  const names = Object.keys(contentTypes) as ContentType[]
  assert.sameMembers(names, Object.keys(allowed))
  for (const name of names) {
    for (const channel of everyChannel) {
      const stamped = await write(channel, contentTypes[name].type, bodies[name] ?? randomBytes(20))
      const before = await snapshot(bobs)
      const may = allowed[name].includes(channel)
      assert.equal(await receive(stamped), may ? 'good' : 'type-not-allowed', `${name} from ${channel}`)
      const after = await snapshot(bobs)
      // The control: what is taken moves the ratchet at the least.
      if (may) assert.notDeepEqual(after, before, `${name} from ${channel}`)
      else assert.deepEqual(after, before, `${name} from ${channel}`)
    }
  }
})

test('A05 a type that is newer than us, or kept for later, comes from whom we know and from no stranger', async () => {
  const { bobs, write, receive } = await scene()
  for (const type of [16, 31, 32, 47, 48, 65_535]) {
    assert.isUndefined(contentTypeOf(type))
    assert.equal(await receive(await write('own', type, randomBytes(20))), 'good')
    assert.equal(await receive(await write('peer', type, randomBytes(20))), 'good')
    const stamped = await write('stranger', type, randomBytes(20))
    const before = await snapshot(bobs)
    assert.equal(await receive(stamped), 'type-not-allowed')
    assert.deepEqual(await snapshot(bobs), before)
  }
})

test('A05 a body of one type under the number of another is malformed, and moves nothing', async () => {
  const { bobs, write, receive } = await scene()
  const read = Object.keys(bodies) as ContentType[]
  let refused = 0
  for (const name of read) {
    for (const other of read) {
      if (other === name) continue
      const stamped = await write('own', contentTypes[name].type, bodies[other] ?? randomBytes(20))
      const before = await snapshot(bobs)
      const outcome = await receive(stamped)
      // Some say nothing but that they are extensible: those are written alike.
      if (outcome === 'good') continue
      assert.equal(outcome, 'malformed', `${other} as ${name}`)
      assert.deepEqual(await snapshot(bobs), before, `${other} as ${name}`)
      refused++
    }
  }
  assert.isAbove(refused, 30)
})
