import { assert, test } from '#test'
import { World, watch } from '../support/people.js'

const yearMs = 365 * 86_400_000

/** Two people, one of whom has a clock that can be wrong. */
async function withWrongClock() {
  const world = await World.make()
  const { time } = world
  const wrong = { aheadMs: 0 }
  const skewed = {
    now: () => time.now() + wrong.aheadMs,
    monotonic: () => time.monotonic(),
    sleep: (ms: number, signal?: AbortSignal) => time.sleep(ms, signal),
    random: (below: number) => time.random(below),
  }
  const alice = await world.online(await world.installation('alice').open({ time: skewed }))
  const bob = await world.person('bob')
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  const says = async (who: typeof alice, whom: string, text: string) => {
    await who.conversation(whom).send(text)
    await time.until(() => [hers, his].every((one) => one.texts().some((shown) => shown.endsWith(text))))
  }
  return { time, wrong, alice, bob, his, says }
}

test('what a device says whose clock is a year ahead is shown where it came, and not at the end for a year', async () => {
  const { time, wrong, alice, bob, his, says } = await withWrongClock()
  await says(alice, 'bob', 'zero')
  await says(bob, 'alice', 'one')
  wrong.aheadMs = yearMs
  await says(alice, 'bob', 'two')
  await says(alice, 'bob', 'three')
  await time.advance(600_000)
  await says(bob, 'alice', 'four')
  assert.deepEqual(his.texts(), ['< zero', '> one', '< two', '< three', '> four'])
})

test('what waits because no key of the other side can be used uses no number up, however often it is tried', async () => {
  const { time, wrong, alice, his, says } = await withWrongClock()
  wrong.aheadMs = yearMs
  await alice.conversation('bob').send('one')
  // To her all keys have expired.
  for (let i = 0; i < 3; i++) {
    alice.reconnect()
    await time.advance(60_000)
  }
  assert.deepEqual(his.texts(), [])
  wrong.aheadMs = 0
  alice.reconnect()
  await says(alice, 'bob', 'two')
  assert.deepEqual(
    his.items.map(({ kind }) => kind),
    ['text', 'text'],
  )
})
