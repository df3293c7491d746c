import { World, watch } from './people.js'
import { Post } from './post.js'

/** What is seen of a thread, gaps among it. */
export const seen = ({ items }: ReturnType<typeof watch>) =>
  items.map((one) =>
    one.kind === 'text'
      ? one.text
      : one.kind === 'gap'
        ? `(${one.count}${one.gone ? ' gone' : ''})`
        : one.kind,
  )

/** Two who have written to each other, and what becomes of all that is on its way to Bob. */
export async function contacts() {
  const world = await World.make()
  const post = new Post()
  const first = world.installation('alice')
  const alice = await world.online(await first.open())
  const place = world.installation('bob')
  const bob = await world.online(await place.open({ backend: post.over(world.network.backend(place.link)) }))
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('hello')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('hello yourself')
  await world.time.until(() => hers.texts().length === 2)
  return { world, post, alice, bob, hers, his, first, place }
}
