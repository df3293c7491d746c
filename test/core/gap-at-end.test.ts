import { assert, test } from '#test'
import { contacts, seen } from '../support/lossy.js'
import { lost } from '../support/post.js'

/** Of Alice's messages the last one is lost, and Bob hears from her device that there is one. */
async function lostAtTheEnd() {
  const people = await contacts()
  const { world, post, alice, bob, hers, his } = people
  await world.time.until(() => his.allDelivered() && hers.allDelivered())
  await world.time.advance(120_000)
  const loss = post.next(lost)
  const { id } = await alice.conversation('bob').send('one')
  await world.time.until(() => loss.done)
  await world.time.advance(1_000)
  const before = post.all.length
  await bob.conversation('alice').send('are you there?')
  // Her receipt.
  await world.time.until(() => post.all.length > before)
  return { ...people, id }
}

test('what is missing at the end of a thread is shown when it was asked for, until it comes', async () => {
  const { world, post, his } = await lostAtTheEnd()
  post.rule = lost
  await world.time.advance(40_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', 'are you there?'], 'it may be merely late')
  await world.time.until(() => seen(his).includes('(1)'), 60_000)
  assert.deepEqual(seen(his), ['hello', '(1)', 'hello yourself', 'are you there?'])
  post.rule = (stamped) => stamped
  await world.time.until(() => seen(his).includes('one'), 400_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', 'one', 'are you there?'])
})

test('what was the last of a thread and will never come is shown as gone, and once, also when more is written', async () => {
  const { world, alice, his, id } = await lostAtTheEnd()
  await alice.conversation('bob').remove(id)
  await world.time.until(() => seen(his).includes('(1 gone)'), 400_000)
  assert.deepEqual(seen(his), ['hello', '(1 gone)', 'hello yourself', 'are you there?'])
  await alice.conversation('bob').send('two')
  await world.time.until(() => seen(his).includes('two'), 200_000)
  assert.deepEqual(seen(his), ['hello', 'hello yourself', 'are you there?', '(1 gone)', 'two'])
})
