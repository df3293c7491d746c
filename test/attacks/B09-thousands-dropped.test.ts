import { assert, test } from '#test'
import { World, watch } from '../support/people.js'
import { Post } from '../support/post.js'

/** More than a chain of the ratchet can jump over (500), and than may be sent again in two hours. */
const many = 2_500

test('B09 2,500 consecutive messages are dropped: the conversation heals, says how many are missing, and all of them come', async () => {
  const world = await World.make()
  const post = new Post()
  const alice = await world.person('alice')
  const place = world.installation('bob')
  const bob = await world.online(await place.open({ backend: post.over(world.network.backend(place.link)) }))
  const [hers, his] = [bob.conversation('alice'), alice.conversation('bob')]
  await his.send('before')
  await world.time.until(() => hers.relation.value === 'request')
  await hers.accept()
  let dropped = 0
  post.rule = () => {
    dropped++
    return 'lost'
  }
  for (let i = 0; i < many; i++) {
    await his.send(`lost ${i}`)
    if (i % 25 === 0) await world.time.until(() => dropped > i)
  }
  await world.time.until(() => dropped >= many)
  post.rule = (stamped) => stamped
  await his.send('after')
  await world.time.until(() => hers.unread.value.count === 2)
  const first = watch(bob, 'alice')
  await world.time.until(() => first.items.length > 0)
  const counts = first.items.flatMap((one) => (one.kind === 'gap' ? [one.count] : []))
  assert.deepEqual(counts, [many], 'how many are missing')
  first.stop()
  // A thousand an hour.
  await world.time.until(() => hers.unread.value.count === many + 2, 8 * 3_600_000)
  const seen = watch(bob, 'alice')
  await world.time.until(() => hers.earlier.value === 'more')
  while (hers.earlier.value === 'more') await hers.loadEarlier()
  const lost = Array.from({ length: many }, (_, i) => `< lost ${i}`)
  assert.deepEqual(seen.texts(), ['< before', ...lost, '< after'])
  assert.isTrue(seen.items.every((one) => one.kind === 'text'))
})
