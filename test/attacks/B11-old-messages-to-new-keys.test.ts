import { conversationIdOf, pairOf } from '@sotto/protocol'
import { assert, test } from '#test'
import { World, realm, watch } from '../support/people.js'
import { Post, lost } from '../support/post.js'
import { asks } from '../support/says.js'

/** Alice has written to Bob what never reached him; then his account got a device with new keys, whose client asks for all there is. */
async function newKeys() {
  const world = await World.make()
  const alices = world.installation('alice')
  const alice = await world.online(await alices.open())
  const place = world.installation('bob')
  const post = new Post()
  const bob = await world.online(await place.open({ backend: post.over(world.network.backend(place.link)) }))
  const hers = watch(alice, 'bob')
  await bob.conversation('alice').send('hello')
  await world.time.until(() => hers.texts().length === 1)
  post.rule = lost
  await alice.conversation('bob').send('old')
  await world.time.until(() => post.all.length > 0)
  const old = post.all.map((one) => one.envelope.id)
  const second = await world.join(place)
  const theirs = new Post()
  const added = await world.online(
    await second.open({ backend: theirs.over(world.network.backend(second.link)) }),
  )
  const seen = watch(added, 'alice')
  const [hersOwn, his] = [await world.deviceOn(alices), await world.deviceOn(second)]
  const conversation = conversationIdOf(realm, pairOf(his.address, hersOwn.chain))
  const { accountId, device } = hersOwn.address
  /** Resolves with what came of it. */
  const ask = async (body: Parameters<typeof asks>[4]): Promise<number> => {
    await added.conversation('alice').accept()
    await world.time.advance(90_000)
    const before = theirs.all.length
    await asks(world, second, 'alice', { accountId, device }, body, true)
    added.reconnect()
    await world.time.advance(180_000)
    return theirs.all.length - before
  }
  return { world, alice, seen, old, conversation, ask }
}

test('B11 what was written before a device was there is not encrypted to its keys, whatever it asks for', async () => {
  const { world, alice, seen, old, conversation, ask } = await newKeys()
  await alice.conversation('bob').send('new')
  await world.time.until(() => seen.texts().includes('< new'))
  await ask({ envelopes: old, numbers: [{ run: 1, first: 1, last: 0xffff_ffff }], conversation })
  await ask({ numbers: [{ run: 1, first: 1, last: 1 }], conversation })
  assert.deepEqual(seen.texts(), ['< new'])
})

test('B11 control: what was written since then comes again, when it is asked for', async () => {
  const { world, alice, seen, conversation, ask } = await newKeys()
  await alice.conversation('bob').send('new')
  await world.time.until(() => seen.texts().includes('< new'))
  assert.isAbove(await ask({ numbers: [{ run: 1, first: 2, last: 2 }], conversation }), 0)
})
