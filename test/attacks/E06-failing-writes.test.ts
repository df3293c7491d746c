import type { Client } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { FrailPlan, frailStore } from '../support/frail-store.js'
import { World, watch, type Installation } from '../support/people.js'
import { BackendWatch } from '../support/watched-backend.js'

/** Alice, whose store may fail, as a person uses it: what was refused is written again, a page that stopped is reloaded. */
class Frail {
  readonly plan: FrailPlan
  readonly watch: BackendWatch
  readonly installation: Installation
  readonly #world: World
  client: Client | undefined

  constructor(world: World, plan: FrailPlan) {
    this.#world = world
    this.plan = plan
    this.installation = world.installation('alice')
    this.watch = new BackendWatch(() => this.installation.sealed())
  }

  /** Opens her page; once more where the store would not have it. */
  async open(): Promise<void> {
    const { installation, plan } = this
    const backend = this.watch.backend(this.#world.network.backend(installation.link))
    this.client = await this.persist(() =>
      installation.open({ store: frailStore(memoryStore(installation.disk), plan), backend }),
    )
  }

  /** Does it, and again as long as the store says that it failed. Anything else that it says is wrong. */
  async persist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!SottoError.is(error) || !this.plan.is(error.code)) throw error
      }
    }
  }

  /** Lets time pass until it is so. Who reads that messages have stopped reloads the page. */
  until(condition: (alice: Client) => boolean): Promise<void> {
    return this.#world.time.until(async () => {
      const state = this.client?.state.value
      if (state?.name === 'stopped') {
        assert.isTrue(this.plan.is(state.code), state.code)
        await this.client?.close()
        await this.open()
      }
      return this.client !== undefined && condition(this.client)
    })
  }

  do<T>(work: (alice: Client) => Promise<T>): Promise<T> {
    return this.persist(() => work(this.client as Client))
  }
}

const textsOf = (client: Client, account: string) => watch(client, account).texts()

/** Both write, read, accept, remove and verify; then both close and look again. */
async function converse(plan: FrailPlan) {
  const world = await World.make()
  const bobs = world.installation('bob')
  const bob = await world.online(await bobs.open())
  const his = watch(bob, 'alice')
  const alice = new Frail(world, plan)
  await alice.open()
  await alice.until(({ state }) => state.value.name === 'online')
  const { address } = await world.deviceOn(alice.installation)
  await alice.do((one) => one.conversation('bob').send('one'))
  await alice.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await alice.until((one) => textsOf(one, 'bob').length === 2)
  await alice.do((one) => one.conversation('bob').markRead(watch(one, 'bob').items.at(-1)?.key ?? ''))
  const { id } = await alice.do((one) => one.conversation('bob').send('removed here'))
  await alice.until(() => his.texts().length === 3)
  await alice.do((one) => one.conversation('bob').remove(id))
  await alice.do(async (one) =>
    one.conversation('bob').markVerified(await one.conversation('bob').safetyNumber()),
  )
  for (const text of ['three', 'four']) await bob.conversation('alice').send(text)
  await alice.until((one) => textsOf(one, 'bob').includes('< four'))
  await alice.do((one) => one.conversation('bob').send('five'))
  await alice.until(() => his.texts().includes('< five'))
  await alice.until((one) => [his, watch(one, 'bob')].flatMap(ownStates).every(hasArrived))
  await alice.until(({ state }) => state.value.name === 'online')
  const { client } = alice
  if (client === undefined) throw new Error('she is not there')
  const trust: string = client.conversation('bob').trust.value.name
  const states = [his, watch(client, 'bob')].map(ownStates)
  const seen = { hers: textsOf(client, 'bob'), his: his.texts(), trust, states }
  assert.equal((await world.deviceOn(alice.installation)).address.device, address.device, 'the same device')
  assert.deepEqual(alice.watch.early, [])
  await client.close()
  await bob.close()
  return { seen, watch: alice.watch }
}

const ownStates = (thread: ReturnType<typeof watch>): readonly (string | undefined)[] =>
  thread.items.flatMap((one) => (one.kind === 'text' && one.mine ? [one.state?.name] : []))
const hasArrived = (state: string | undefined) => state === 'delivered' || state === 'read'

const undisturbed = {
  hers: ['> one', '< two', '< three', '< four', '> five'],
  his: ['< one', '> two', '< removed here', '> three', '> four', '< five'],
  trust: 'verified',
  states: [
    ['read', 'delivered', 'delivered'],
    ['delivered', 'delivered'],
  ],
}

let commits: Promise<number> | undefined

/** How many commits the conversation takes where none fails. */
function countCommits(): Promise<number> {
  return (commits ??= (async () => {
    const plan = new FrailPlan()
    await converse(plan)
    return plan.commits
  })())
}

test('E06 control: a conversation over a store that does not fail; what is sent and acknowledged was stored before', async () => {
  const plan = new FrailPlan()
  const { seen, watch: watched } = await converse(plan)
  assert.deepEqual(seen, undisturbed)
  assert.equal(plan.failed, 0)
  assert.isAbove(watched.sent, 3)
  assert.isAbove(watched.acked, 3)
})

for (const [code, inARow] of [
  ['store-full', 1],
  ['store-failed', 3],
] as const) {
  test(`E06 every commit fails with ${code}, ${inARow} in a row: nothing is sent or acknowledged before it is stored, and nothing is lost or twice`, async () => {
    const count = await countCommits()
    for (let at = 1; at <= count; at++) {
      const plan = new FrailPlan(code, (commit) => commit >= at && commit < at + inARow)
      const { seen } = await converse(plan).catch((error: unknown) => {
        throw new Error(`commit ${at} of ${count}`, { cause: error })
      })
      assert.deepEqual(seen, undisturbed, `commit ${at} of ${count}`)
      assert.equal(plan.failed, inARow)
    }
  })
}
