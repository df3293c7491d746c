import { limits, randomBytes, toHex, type StampedEnvelope } from '@sotto/protocol'
import { assert, test } from '#test'
import { World, watch } from '../support/people.js'
import { Post, spoilt } from '../support/post.js'

const names = Array.from({ length: 50 }, (_, i) => `friend-${i}`)

test('G03 a thousand forged packets in a minute, from fifty accepted names, draw at most ten questions, and what is real is read', async () => {
  const world = await World.make()
  const post = new Post()
  const place = world.installation('bob')
  const bob = await world.online(await place.open({ backend: post.over(world.network.backend(place.link)) }))
  for (const name of names) {
    const friend = await world.person(name)
    await friend.conversation('bob').send('hello')
    const { relation } = bob.conversation(name)
    await world.time.until(() => relation.value === 'request')
    await bob.conversation(name).accept()
    await friend.close()
  }
  // Receipts and answers are said by now.
  await world.time.advance(120_000)
  const real = new Map(post.all.map((one) => [one.from?.account, one]))
  const forge = (name: string): StampedEnvelope => {
    const one = real.get(name)
    if (one === undefined) throw new Error(`nothing came of ${name}`)
    const stamped = spoilt(one)
    if (stamped === 'lost') throw new Error('cannot be')
    return { ...stamped, envelope: { ...stamped.envelope, id: toHex(randomBytes(16)) } }
  }
  for (let i = 0; i < 20; i++) post.forged.push(...names.map(forge))
  const before = post.sent.length
  const dave = await world.person('dave')
  await dave.conversation('bob').send('what brings them')
  await world.time.until(() => bob.conversation('dave').relation.value === 'request')
  await world.time.advance(50_000)
  const questions = post.sent.length - before
  assert.isAtMost(questions, limits.asksPerMinute)
  assert.isAbove(questions, 0, 'the control: they are asked')
  // The rest is asked later, ten a minute.
  await world.time.advance(10 * 60_000)
  assert.isAbove(post.sent.length - before, limits.asksPerMinute)
  const friend = await world.person('frieda')
  const seen = watch(bob, 'frieda')
  await friend.conversation('bob').send('real')
  await world.time.until(() => seen.texts().length === 1)
})
