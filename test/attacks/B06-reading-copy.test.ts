import { openSealedStore, readDevice, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { decodeBody, limits } from '@sotto/protocol'
import { assert, test } from '#test'
import { otherDevice } from '../../packages/core/src/peers/devices-of.js'
import { Sessions } from '../../packages/core/src/sessions/sessions.js'
import { codeOf } from '../support/code-of.js'
import { World, watch } from '../support/people.js'
import { Post } from '../support/post.js'
import { says } from '../support/says.js'

test('B06 a copy of a device that only reads reads nothing 51 messages later: the device has answered once, without a word', async () => {
  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const post = new Post()
  const alice = await world.online(await alices.open())
  const bob = await world.online(await bobs.open({ backend: post.over(world.network.backend(bobs.link)) }))
  const his = watch(bob, 'alice')
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').accept()
  await world.time.advance(180_000)

  const copy = await openSealedStore(memoryStore(bobs.disk.copy()), { name: bobs.name })
  const [own, hersOwn] = [await run(copy, readDevice), await world.deviceOn(alices)]
  const hers = otherDevice(hersOwn.chain, hersOwn.address.device)
  if (own === undefined || hers === undefined) throw new Error('nobody is there')
  const sessions = new Sessions(world.cipher, () => own)
  let seen = post.all.length
  const [sent, from] = [post.sent.length, seen]
  /** What the copy makes of what has come since it looked last: `read`, or the code of the error, for each. */
  const overhears = async (): Promise<readonly string[]> => {
    const heard: string[] = []
    for (const { envelope } of post.all.slice(seen)) {
      const { body } = decodeBody(envelope.body)
      const reading = run(copy, (rows) => sessions.decrypt(rows, hers, body, world.time.now()))
      heard.push(
        await reading.then(
          () => 'read',
          () => codeOf(reading),
        ),
      )
    }
    seen = post.all.length
    return heard
  }
  // Of which nothing is seen, so that no receipt answers.
  for (let i = 0; i <= limits.sessionAnswerAfter; i++) {
    await says(world, alices, 'bob', 'typing', new Uint8Array([1]))
    alice.reconnect()
    await world.time.until(() => post.all.length === from + i + 1)
    assert.deepEqual(await overhears(), ['read'], `the control: the copy reads message ${i + 1}`)
    await world.time.advance(1_000)
  }
  await world.time.advance(60_000)
  assert.equal(post.sent.length, sent + 1)
  await alice.conversation('bob').send('not for the copy')
  await world.time.until(() => his.texts().includes('< not for the copy'))
  assert.deepEqual(await overhears(), ['undecryptable'])
  await alice.conversation('bob').send('nor is this')
  await world.time.until(() => his.texts().includes('< nor is this'))
  assert.deepEqual(await overhears(), ['undecryptable'])
})
