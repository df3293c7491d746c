import type { ClientOptions } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import type { Backend } from '@sotto/core/ports'
import { assert, test } from '#test'
import { World, watch } from '../support/people.js'

/** A page that says when it is awake, and how often its client has tried to connect. */
async function page() {
  const world = await World.make()
  const place = world.installation('alice')
  const state = { tries: 0, refuses: false, wake: () => undefined as void, rests: 0 }
  const wakes: NonNullable<ClientOptions['wakes']> = (wake) => {
    state.wake = wake
    return () => state.rests++
  }
  const network = world.network.backend(place.link)
  const backend: Backend = (login) => {
    const inner = network(login)
    return {
      ...inner,
      transport: {
        open: async (options) => {
          state.tries++
          if (state.refuses) throw new SottoError('forbidden')
          return inner.transport.open(options)
        },
      },
    }
  }
  const alice = await world.online(await place.open({ backend, wakes }))
  return { world, place, state, alice, backend }
}

/** Long enough without a network for the longest pause between two tries. */
async function longOffline({ world, place, alice }: Awaited<ReturnType<typeof page>>): Promise<void> {
  place.link.down()
  await world.time.advance(20 * 60_000)
  const { value } = alice.state
  assert.equal(value.name, 'offline')
}

test('a client that waits for its next try does not wait when the page is awake again, and sends what waits', async () => {
  const scene = await page()
  const { world, place, state, alice } = scene
  const bob = await world.person('bob')
  const his = watch(bob, 'alice')
  await longOffline(scene)
  await alice.conversation('bob').send('written in a tunnel')
  place.link.up()
  const { tries } = state
  const retryAt = alice.state.value.name === 'offline' ? (alice.state.value.retryAt ?? 0) : 0
  state.wake()
  await world.time.until(() => his.texts().length === 1)
  assert.equal(state.tries, tries + 1)
  assert.isBelow(world.time.now(), retryAt, 'before it would have tried by itself')
  await Promise.all([alice.close(), bob.close()])
  assert.equal(state.rests, 1)
})

test('a tab that does not lead wakes the one that does', async () => {
  const scene = await page()
  const { world, place, state, alice, backend } = scene
  let wake = () => undefined as void
  const other = await place.open({
    backend,
    wakes: (given) => {
      wake = given
      return () => undefined
    },
  })
  await longOffline(scene)
  place.link.up()
  const { tries } = state
  wake()
  await world.time.until(() => alice.state.value.name === 'online' && other.state.value.name === 'online')
  assert.equal(state.tries, tries + 1)
  await Promise.all([alice.close(), other.close()])
})

test('a page that is seen again and again asks nobody again who has said no, and connects nothing twice', async () => {
  const scene = await page()
  const { world, place, state, alice } = scene
  const { tries } = state
  for (let i = 0; i < 5; i++) state.wake()
  await world.time.advance(60_000)
  assert.equal(state.tries, tries)
  state.refuses = true
  place.link.down()
  place.link.up()
  await world.time.until(() => alice.state.value.name === 'stopped')
  const refused = state.tries
  for (let i = 0; i < 5; i++) state.wake()
  await world.time.advance(60_000)
  assert.equal(state.tries, refused)
  // The control: a person who asks is not told no by us.
  state.refuses = false
  alice.reconnect()
  await world.online(alice)
  await alice.close()
})
