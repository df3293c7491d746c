import type { Client } from '@sotto/core'
import { emptyExt, encodeBodyOf, randomBytes, textBody, toHex } from '@sotto/protocol'
import { assert, test } from '#test'
import { World, watch } from '../support/people.js'
import { Post, spoilt } from '../support/post.js'
import { says } from '../support/says.js'

const body = (text: string) => encodeBodyOf(textBody, { text, ranges: [], ext: emptyExt })

/** Alice and Carol have written to Bob, who has accepted both. */
async function three() {
  const world = await World.make()
  const [alices, carols, bobs] = ['alice', 'carol', 'bob'].map((name) => world.installation(name))
  if (alices === undefined || carols === undefined || bobs === undefined) throw new Error('three are needed')
  const post = new Post()
  const [alice, carol] = [await world.online(await alices.open()), await world.online(await carols.open())]
  const bob = await world.online(await bobs.open({ backend: post.over(world.network.backend(bobs.link)) }))
  const [ofAlice, ofCarol] = [watch(bob, 'alice'), watch(bob, 'carol')]
  for (const one of [alice, carol]) await one.conversation('bob').send('hello')
  await world.time.until(() => [ofAlice, ofCarol].every((one) => one.texts().length === 1))
  for (const name of ['alice', 'carol']) await bob.conversation(name).accept()
  return { world, post, alices, carols, alice, carol, bob, ofAlice, ofCarol }
}

test('B25 a message id that a device uses twice shows the first message alone, and loses none after it', async () => {
  const { world, alices, alice, ofAlice } = await three()
  const messageId = toHex(randomBytes(16))
  for (const text of ['first', 'second']) {
    await says(world, alices, 'bob', 'text', body(text), { messageId, shownIfUnknown: true })
    alice.reconnect()
    await world.time.advance(30_000)
  }
  await alice.conversation('bob').send('after')
  await world.time.until(() => ofAlice.texts().includes('< after'))
  assert.deepEqual(ofAlice.texts(), ['< hello', '< first', '< after'])
  assert.isTrue(
    ofAlice.items.every((one) => one.kind === 'text'),
    'its number has come: there is no gap',
  )
})

test('B25 a message id that another account has used before hides nothing', async () => {
  const { world, alices, carols, alice, carol, ofAlice, ofCarol } = await three()
  const messageId = toHex(randomBytes(16))
  await says(world, alices, 'bob', 'text', body('of Alice'), { messageId, shownIfUnknown: true })
  alice.reconnect()
  await world.time.until(() => ofAlice.texts().includes('< of Alice'))
  await says(world, carols, 'bob', 'text', body('of Carol'), { messageId, shownIfUnknown: true })
  carol.reconnect()
  await world.time.until(() => ofCarol.texts().includes('< of Carol'))
})

test('B25 a forgery under an envelope’s id suppresses nothing, and what was read once under it is read no more', async () => {
  const { world, post, alice, ofAlice } = await three()
  const seen = post.all.length
  post.isDeaf = true
  // The forgery comes first, under the very id of what comes then.
  post.next((stamped) => {
    post.forged.push(stamped, stamped)
    return spoilt(stamped)
  })
  await alice.conversation('bob').send('real')
  await world.time.until(() => ofAlice.texts().includes('< real'))
  await world.time.advance(120_000)
  assert.equal(ofAlice.texts().filter((one) => one === '< real').length, 1)
  assert.isAbove(post.all.length, seen)
})

const dayMs = 86_400_000

for (const [how, clear] of [
  ['the message', (bob: Client, id: string) => bob.conversation('alice').remove(id)],
  ['the conversation', (bob: Client) => bob.conversation('alice').delete()],
] as const)
  test(`B25 what a person has deleted with ${how} does not come again under its id, also when the triples are forgotten`, async () => {
    const { world, alices, alice, bob, ofAlice } = await three()
    const messageId = toHex(randomBytes(16))
    const say = async (text: string, id: string) => {
      await says(world, alices, 'bob', 'text', body(text), { messageId: id, shownIfUnknown: true })
      alice.reconnect()
      await world.time.advance(30_000)
    }
    await say('deleted', messageId)
    assert.include(ofAlice.texts(), '< deleted')
    await clear(bob, messageId)
    await world.time.until(() => !ofAlice.texts().includes('< deleted'))
    await say('deleted', messageId)
    assert.notInclude(ofAlice.texts(), '< deleted')
    world.time.jump(63 * dayMs)
    await world.time.advance(120_000)
    await say('deleted', messageId)
    await say('the control', toHex(randomBytes(16)))
    await world.time.until(() => ofAlice.texts().includes('< the control'))
    assert.notInclude(ofAlice.texts(), '< deleted')
  })
