import { assert, test } from '#test'
import type { Client } from '@sotto/core'
import type { Backend } from '@sotto/core/ports'
import { SottoError } from '@sotto/protocol'
import { handedOut } from '../support/handed-out.js'
import { World, watch, type Installation } from '../support/people.js'

const dayMs = 86_400_000

/** Alice, who has never written to Bob; days that pass, and a way to hold back what she sends. */
async function strangers() {
  const world = await World.make()
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const network = world.network.backend(alices.link)
  const state = { holdsBack: false, held: 0 }
  const backend: Backend = (login) => {
    const parts = network(login)
    const open = async (options: { readonly signal: AbortSignal }) => {
      const connection = await parts.transport.open(options)
      const send = connection.send.bind(connection)
      connection.send = async (batch) => {
        if (!state.holdsBack) return send(batch)
        state.held++
        throw new SottoError('offline')
      }
      return connection
    }
    return { ...parts, transport: { open } }
  }
  let day = 0
  return {
    world,
    bobs,
    state,
    openAlice: async () => world.online(await alices.open({ backend })),
    openBob: async () => world.online(await bobs.open()),
    /** Nobody is there meanwhile: neither clock nor anybody's timers go on. */
    until(next: number) {
      world.time.jump((next - day) * dayMs)
      day = next
    },
    async reads(bob: Client): Promise<readonly string[]> {
      const his = watch(bob, 'alice')
      await world.time.until(() => his.texts().length > 0)
      return his.texts()
    },
  }
}

/** It has come as far as the recipient's mailbox. */
async function waits(world: World, of: Installation): Promise<void> {
  const { device } = (await world.deviceOn(of)).address
  await world.time.until(() => world.network.waitingFor(device) === 1)
}

test('A07 control: a first message is read on the day on which it was written', async () => {
  const { openAlice, openBob, reads } = await strangers()
  const [alice, bob] = [await openAlice(), await openBob()]
  await alice.conversation('bob').send('one')
  assert.deepEqual(await reads(bob), ['< one'])
  await Promise.all([alice.close(), bob.close()])
})

test('A07 a first message that is written on day 29 after the recipient was last there is read on day 58', async () => {
  const { world, bobs, until, openAlice, openBob, reads } = await strangers()
  await (await openBob()).close()
  until(29)
  const alice = await openAlice()
  await alice.conversation('bob').send('one')
  await waits(world, bobs)
  await alice.close()
  until(58)
  const bob = await openBob()
  assert.deepEqual(await reads(bob), ['< one'])
  await bob.close()
})

test('A07 a first message that is encrypted on day 0 and gets through on day 29 is read on day 58, although the recipient made prekeys all along', async () => {
  const { world, bobs, state, until, openAlice, openBob, reads } = await strangers()
  await (await openBob()).close()
  state.holdsBack = true
  const early = await openAlice()
  await early.conversation('bob').send('one')
  await world.time.until(() => state.held > 0)
  await early.close()
  const ids = new Set<number>()
  for (let day = 2; day < 29; day += 2) {
    until(day)
    const bob = await openBob()
    await world.time.until(async () => {
      const { id, madeAt = 0 } = (await handedOut(world, bobs)) ?? {}
      if (id !== undefined) ids.add(id)
      return world.time.now() - madeAt < dayMs
    })
    await bob.close()
  }
  assert.isAtLeast(ids.size, 14)
  until(29)
  state.holdsBack = false
  const alice = await openAlice()
  await waits(world, bobs)
  await alice.close()
  until(58)
  const bob = await openBob()
  assert.deepEqual(await reads(bob), ['< one'])
  await bob.close()
})
