import { assert, test } from '#test'
import { World, watch } from '../support/people.js'

const yearMs = 365 * 86_400_000

test('what a device says whose clock is a year ahead is shown where it came, and not at the end for a year', async () => {
  const world = await World.make()
  const { time } = world
  let aheadMs = 0
  const skewed = {
    now: () => time.now() + aheadMs,
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
  await says(alice, 'bob', 'zero')
  await says(bob, 'alice', 'one')
  aheadMs = yearMs
  await says(alice, 'bob', 'two')
  await says(alice, 'bob', 'three')
  await time.advance(600_000)
  await says(bob, 'alice', 'four')
  assert.deepEqual(his.texts(), ['< zero', '> one', '< two', '< three', '> four'])
})
