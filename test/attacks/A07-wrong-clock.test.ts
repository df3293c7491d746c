import { assert, test } from '#test'
import type { Client } from '@sotto/core'
import type { Backend, Time } from '@sotto/core/ports'
import { limits, type PreKeyBundle, type Signed } from '@sotto/protocol'
import { handedOut } from '../support/handed-out.js'
import { World, watch, type Installation } from '../support/people.js'

const dayMs = 86_400_000
const yearMs = 365 * dayMs

/** A device whose clock may be wrong, at a backend whose clock may lie to it. */
class Skewed {
  /** How far its clock is ahead of the right one. */
  aheadMs = 0
  /** How far what the backend says is ahead of the right one. */
  liesMs = 0
  /** What a claim answers in place of what the backend has. */
  claimed: PreKeyBundle | undefined
  readonly claims: (PreKeyBundle | undefined)[] = []
  readonly time: Time
  readonly place: Installation
  readonly #world: World

  constructor(world: World, account: string) {
    const { time } = world
    this.#world = world
    this.place = world.installation(account)
    this.time = {
      now: () => time.now() + this.aheadMs,
      monotonic: () => time.monotonic(),
      sleep: (ms, signal) => time.sleep(ms, signal),
      random: (below) => time.random(below),
    }
  }

  open(): Promise<Client> {
    return this.place.open({ time: this.time, backend: this.#backend })
  }

  /** Connects again: the backend says its clock once a connection. */
  async again(client: Client): Promise<void> {
    this.place.link.down()
    await this.#world.time.until(() => client.state.value.name === 'offline')
    this.place.link.up()
    await this.#world.time.until(() => client.state.value.name === 'online')
  }

  readonly #backend: Backend = (login) => {
    const parts = this.#world.network.backend(this.place.link)(login)
    return {
      ...parts,
      directory: {
        ...parts.directory,
        claim: async (account, device) => {
          const bundle = this.claimed ?? (await parts.directory.claim(account, device))
          this.claims.push(bundle)
          return bundle
        },
      },
      transport: {
        open: async (options) => {
          const connection = await parts.transport.open(options)
          return Object.assign(connection, { aheadMs: this.liesMs - this.aheadMs })
        },
      },
    }
  }
}

for (const [what, aheadMs] of [
  ['a year ahead', yearMs],
  ['a year behind', -yearMs],
] as const) {
  test(`A07 control: a device whose clock is ${what} is set up, starts sessions, and others start some with it`, async () => {
    const world = await World.make()
    const alices = new Skewed(world, 'alice')
    alices.aheadMs = aheadMs
    const alice = await world.online(await alices.open())
    const [bob, carol] = [await world.person('bob'), await world.person('carol')]
    const [atBob, atAlice] = [watch(bob, 'alice'), watch(alice, 'carol')]
    await alice.conversation('bob').send('to Bob')
    await carol.conversation('alice').send('from Carol')
    await world.time.until(() => atBob.texts().length === 1 && atAlice.texts().length === 1)
    assert.deepEqual([atBob.texts(), atAlice.texts()], [['< to Bob'], ['< from Carol']])
    await Promise.all([alice, bob, carol].map((one) => one.close()))
  })

  test(`A07 prekeys of a device whose clock is ${what} serve for as long as those of others, also when its clock is right again`, async () => {
    const world = await World.make()
    const alices = new Skewed(world, 'alice')
    alices.aheadMs = aheadMs
    const alice = await world.online(await alices.open())
    await world.time.settle()
    const isGood = async () => {
      const { madeAt = 0, expiresAt = 0 } = (await handedOut(world, alices.place)) ?? {}
      return Math.abs(madeAt - world.time.now()) < 3 * dayMs && expiresAt === madeAt + limits.signedPreKeyMs
    }
    await world.time.until(isGood)
    alices.aheadMs = 0
    for (let day = 0; day < 40; day += 4) {
      world.time.jump(4 * dayMs)
      await alices.again(alice)
      await world.time.until(isGood)
    }
    await alice.close()
  })
}

test('A07 a device whose clock goes wrong while it is connected starts sessions all the same', async () => {
  const world = await World.make()
  const alices = new Skewed(world, 'alice')
  const alice = await world.online(await alices.open())
  const bob = await world.person('bob')
  const atBob = watch(bob, 'alice')
  alices.aheadMs = yearMs
  await alice.conversation('bob').send('to Bob')
  await world.time.until(() => atBob.texts().length === 1)
  await Promise.all([alice.close(), bob.close()])
})

/** Alice, who has been online and whose clock is right; a bundle of Bob's that has expired since, and is all that she is given. */
async function expired() {
  const world = await World.make()
  const alices = new Skewed(world, 'alice')
  const alice = await world.online(await alices.open())
  const carol = new Skewed(world, 'carol')
  const bobs = new Skewed(world, 'bob')
  const [atCarol, bob] = [await world.online(await carol.open()), await world.online(await bobs.open())]
  await atCarol.conversation('bob').send('for a bundle')
  await world.time.until(() => carol.claims.length > 0)
  const old = carol.claims[0]
  const signedPreKey: Signed | undefined = old?.signedPreKey
  if (signedPreKey === undefined) throw new Error('no bundle')
  world.time.jump(limits.signedPreKeyMs + dayMs)
  await Promise.all([alices.again(alice), bobs.again(bob)])
  alices.claimed = { signedPreKey }
  const atBob = watch(bob, 'alice')
  const close = () => Promise.all([alice, atCarol, bob].map((one) => one.close()))
  return { world, alices, alice, bob, atBob, close }
}

test('A07 a backend that says it is a month earlier than it once said revives no prekey; nothing is sent until it hands out another', async () => {
  const { world, alices, alice, atBob, close } = await expired()
  for (const [aheadMs, liesMs] of [
    // With a clock that is right, and with one that was wrong before: all that is left is what the backend said once.
    [0, -40 * dayMs],
    [yearMs, -40 * dayMs],
    [0, 0],
  ] as const) {
    Object.assign(alices, { aheadMs, liesMs })
    await alices.again(alice)
    const before = alices.claims.length
    if (before === 0) await alice.conversation('bob').send('one')
    await world.time.until(() => alices.claims.length > before)
    await world.time.advance(60_000)
    assert.deepEqual(atBob.texts(), [])
  }
  // The control: an honest answer, by the same device.
  alices.claimed = undefined
  alice.reconnect()
  await world.time.until(() => atBob.texts().length === 1)
  await close()
})
