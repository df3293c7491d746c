import type { Time } from '@sotto/core/ports'
import { assert, test } from '#test'
import { World } from '../support/people.js'

/** How long a client without a network waits before each of its tries, in milliseconds, where chance gives this part of what it may. */
async function pauses(part: number, tries: number): Promise<readonly number[]> {
  const world = await World.make()
  const place = world.installation('alice')
  const asked: number[] = []
  const time: Time = {
    now: () => world.time.now(),
    monotonic: () => world.time.monotonic(),
    sleep: (ms, signal) => world.time.sleep(ms, signal),
    random: (below) => (asked.push(below), Math.floor(part * (below - 1))),
  }
  const alice = await world.online(await place.open({ time }))
  const waits: number[] = []
  alice.state.subscribe((state) => {
    if (state.name === 'offline' && state.retryAt !== undefined) waits.push(state.retryAt - time.now())
  })
  place.link.down()
  await world.time.until(() => waits.length >= tries, 60 * 60_000)
  await alice.close()
  return waits.slice(0, tries)
}

test('who has no network tries again after a time that doubles, up to a minute, of which chance takes any part: all of it', async () => {
  const waits = await pauses(1, 9)
  const ceilings = [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => 200 + seconds * 1000 - 1)
  assert.deepEqual(waits, ceilings)
})

test('or next to nothing, so that a thousand who were cut off together do not come back together', async () => {
  for (const [part, first, last] of [
    [0, 200, 200],
    [0.5, 699, 30_199],
  ] as const) {
    const waits = await pauses(part, 9)
    assert.deepEqual([waits[0], waits.at(-1)], [first, last])
  }
})
