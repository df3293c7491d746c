import type { Client } from '@sotto/core'
import type { Backend, PreKeyUpload, Time } from '@sotto/core/ports'
import { limits, SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { handedOut } from '../support/handed-out.js'
import { World, type Installation } from '../support/people.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A device that stays connected for weeks. */
class Lasting {
  /** Connections that were opened, how often it was asked what is left, and what was published, with the hour. */
  opened = 0
  counts = 0
  readonly uploads: (PreKeyUpload & { readonly at: number })[] = []
  readonly warned: string[] = []
  /** What the next uploads end with: one that is refused, or one that came although the answer did not. */
  readonly failures: { readonly error: SottoError; readonly came: boolean }[] = []
  /** Once it is online nothing that it repeats comes sooner than this, such as the beat of its tab, so that a test gets through weeks. */
  leastMs = 0
  readonly place: Installation
  readonly world: World

  constructor(world: World) {
    this.world = world
    this.place = world.installation('alice')
  }

  async open(): Promise<Client> {
    const client = await this.place.open({ time: this.#time, backend: this.#backend })
    client.addEventListener('warning', ({ error }) => this.warned.push(error.code))
    return client
  }

  async online(): Promise<Client> {
    const client = await this.world.online(await this.open())
    await this.world.time.until(() => this.counts > 0)
    this.leastMs = 6 * hourMs
    return client
  }

  /** Somebody takes one-time prekeys until `left` are left. */
  async drain(left: number): Promise<void> {
    const { accounts } = this.world.network
    const { account, accountId, device } = (await this.world.deviceOn(this.place)).address
    const caller = { account, accountId, device }
    for (let i = 0; accounts.countKeys(caller).preKeys > left; i++)
      accounts.claim({ account: 'nobody', accountId: `${this.counts} ${i}`, device: 'd' }, account, device)
  }

  async left(): Promise<number> {
    const { account, accountId, device } = (await this.world.deviceOn(this.place)).address
    return this.world.network.accounts.countKeys({ account, accountId, device }).preKeys
  }

  /** Lets time pass, and then has done what it began: a hundred keys take longer to make than a turn of the clock. */
  async pass(ms: number): Promise<void> {
    await this.world.time.advance(ms)
    for (let i = 0; i < 40; i++) await this.world.time.settle()
  }

  get #time(): Time {
    const { time } = this.world
    return {
      now: () => time.now(),
      monotonic: () => time.monotonic(),
      sleep: (ms, signal) => time.sleep(Math.max(ms, this.leastMs), signal),
      random: (below) => time.random(below),
    }
  }

  readonly #backend: Backend = (login) => {
    const parts = this.world.network.backend(this.place.link)(login)
    const { directory, transport } = parts
    return {
      ...parts,
      transport: {
        open: async (options) => {
          const connection = await transport.open(options)
          this.opened++
          // What a backend says may be lost, or it never says it.
          Object.defineProperty(connection, 'onwake', { get: () => undefined, set: () => undefined })
          return connection
        },
      },
      directory: {
        ...directory,
        countKeys: () => {
          this.counts++
          return directory.countKeys()
        },
        publishKeys: async (keys) => {
          this.uploads.push({ ...keys, at: this.world.time.monotonic() / hourMs })
          const failure = this.failures.shift()
          if (failure === undefined || failure.came) await directory.publishKeys(keys)
          if (failure !== undefined) throw failure.error
        },
      },
    }
  }
}

test('a connection that lasts for 40 days hands out a signed prekey of the last days all the time', async () => {
  const alices = new Lasting(await World.make())
  const { world } = alices
  const alice = await alices.online()
  const ids = new Set<number>()
  for (let day = 0; day < 40; day++) {
    await world.time.advance(dayMs)
    const { id = 0, madeAt = 0 } = (await handedOut(world, alices.place)) ?? {}
    assert.isBelow(world.time.now() - madeAt, 3 * dayMs, `day ${day}`)
    ids.add(id)
  }
  assert.isAtLeast(ids.size, 12)
  assert.deepEqual([alices.opened, alice.state.value.name], [1, 'online'])
  assert.isAtLeast(alices.counts, 40)
  assert.isAtMost(alices.counts, 160)
  await alice.close()
})

test('one-time prekeys that run low on a connection that lasts are made anew, although nobody said so', async () => {
  const alices = new Lasting(await World.make())
  const alice = await alices.online()
  await alices.drain(limits.preKeysLow - 1)
  await alices.pass(dayMs)
  assert.equal(await alices.left(), limits.preKeysLow - 1 + limits.preKeys)
  await alices.drain(limits.preKeysLow)
  await alices.pass(dayMs)
  assert.equal(await alices.left(), limits.preKeysLow, 'none is made before')
  assert.equal(alices.opened, 1)
  await alice.close()
})

test('prekeys that could not be published are tried again ever more seldom, the same ones, on the same connection', async () => {
  const alices = new Lasting(await World.make())
  const alice = await alices.online()
  await alices.drain(0)
  const before = alices.uploads.length
  const error = new SottoError('backend-failed', {})
  alices.failures.push(...Array.from({ length: 6 }, () => ({ error, came: false })))
  alices.leastMs = 20_000
  await alices.world.time.until(() => alices.uploads.length > before, 3 * dayMs)
  await alices.world.time.until(async () => (await alices.left()) > 0, 3 * hourMs)
  const tries = alices.uploads.slice(before)
  assert.equal(tries.length, 7)
  const gaps = tries.slice(1).map(({ at }, i) => 60 * (at - (tries[i]?.at ?? 0)))
  gaps.forEach((minutes, i) => {
    assert.isAtLeast(minutes, 0.5 * 2 ** i)
    assert.isBelow(minutes, 1.5 * 2 ** i)
  })
  const [wanted, ...again] = tries.map(({ preKeys }) => preKeys)
  assert.equal(wanted?.length, limits.preKeys)
  for (const one of again) assert.deepEqual(one, wanted)
  assert.equal(await alices.left(), limits.preKeys)
  assert.deepEqual(alices.warned, Array<string>(6).fill('backend-failed'))
  assert.deepEqual([alices.opened, alice.state.value.name], [1, 'online'])
  await alice.close()
})

test('a backend that names a time is not asked before it', async () => {
  const alices = new Lasting(await World.make())
  const alice = await alices.online()
  await alices.drain(0)
  alices.failures.push({ error: new SottoError('rate-limited', { retryAfterMs: 5 * dayMs }), came: false })
  const before = alices.uploads.length
  await alices.world.time.until(() => alices.uploads.length > before, 3 * dayMs)
  const asked = alices.counts
  await alices.pass(5 * dayMs - hourMs)
  assert.equal(alices.counts, asked)
  await alices.pass(2 * dayMs)
  assert.equal(await alices.left(), limits.preKeys)
  await alice.close()
})

test('prekeys that came although the answer did not are not made twice', async () => {
  const alices = new Lasting(await World.make())
  const alice = await alices.online()
  await alices.drain(0)
  alices.failures.push({ error: new SottoError('offline'), came: true })
  const before = alices.uploads.length
  await alices.world.time.until(() => alices.uploads.length > before, 3 * dayMs)
  await alices.pass(dayMs)
  assert.equal(await alices.left(), limits.preKeys)
  assert.equal(alices.uploads.filter(({ preKeys }) => preKeys.length > 0).length, 1)
  // They are not taken for those that have not come: what is made next is new.
  await alices.drain(0)
  await alices.pass(dayMs)
  assert.equal(await alices.left(), limits.preKeys)
  await alice.close()
})

test('only the tab that leads sees to prekeys', async () => {
  const alices = new Lasting(await World.make())
  const [leads, follows] = [await alices.online(), await alices.open()]
  const before = alices.counts
  await alices.pass(4 * dayMs)
  const asked = alices.counts - before
  assert.isAtLeast(asked, 4)
  // From six hours to eighteen lie between two.
  assert.isAtMost(asked, 16)
  assert.equal(alices.opened, 1)
  await Promise.all([leads.close(), follows.close()])
})
