import { emptyExt, encodeBodyOf, goneBody, receiptBody, sessionBody, type ContentType } from '@sotto/protocol'
import { assert, test } from '#test'
import { World, watch } from '../support/people.js'
import { Post } from '../support/post.js'
import { says } from '../support/says.js'

/** Everything that comes without anything to be seen. */
const silent: readonly (readonly [ContentType, Uint8Array])[] = [
  ['reaction', new Uint8Array([1])],
  ['edit', new Uint8Array([1])],
  ['delete', new Uint8Array([1])],
  ['timer', new Uint8Array([1])],
  ['typing', new Uint8Array([1])],
  ['receipt', encodeBodyOf(receiptBody, { delivered: [], read: [], ext: emptyExt })],
  ['gone', encodeBodyOf(goneBody, { envelopes: [], numbers: [], ext: emptyExt })],
  ['session', encodeBodyOf(sessionBody, { ext: emptyExt })],
]

test('B17 packets of which nothing is seen draw no receipt: nobody learns by them that somebody is there', async () => {
  const world = await World.make()
  const post = new Post()
  const alices = world.installation('alice')
  const alice = await world.online(await alices.open())
  const place = world.installation('bob')
  const bob = await world.online(await place.open({ backend: post.over(world.network.backend(place.link)) }))
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await world.time.until(() => hers.texts().length === 2)
  await world.time.advance(120_000)
  for (const [type, body] of silent) {
    const [came, before] = [post.all.length, post.sent.length]
    await says(world, alices, 'bob', type, body)
    alice.reconnect()
    await world.time.until(() => post.all.length > came)
    await world.time.advance(120_000)
    assert.equal(post.sent.length, before, type)
  }
  // Nor when the connection is a new one.
  const before = post.sent.length
  place.link.down()
  place.link.up()
  await world.time.advance(120_000)
  assert.equal(post.sent.length, before)
  // The control: what is seen draws one.
  await alice.conversation('bob').send('three')
  await world.time.until(() => post.sent.length > before)
  assert.include(his.texts(), '< three')
})
