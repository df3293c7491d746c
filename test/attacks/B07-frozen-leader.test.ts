import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import type { Client } from '@sotto/core'
import type { Batch } from '@sotto/protocol'
import { FreezingTab, type FreezeIn } from '../support/freezing-tab.js'
import { World, watch, type Installation } from '../support/people.js'
import { usedTwice } from '../support/used-twice.js'

const cipher = await createSignalCipher()

/** Alice, with a tab that leads and one that follows, and Bob. What is said is said in the one that follows, so that the other only leads. */
class TwoTabs {
  readonly world = new World(cipher)
  readonly #place: Installation = this.world.installation('alice')
  readonly #sent: (readonly Batch[])[] = []
  readonly #said: string[] = []
  leader!: FreezingTab
  follower!: FreezingTab
  bob!: Client

  async setUp(): Promise<void> {
    this.bob = await this.world.person('bob')
    this.leader = await this.#open()
    await this.world.online(this.leader.client)
    this.follower = await this.#open()
    await this.say('hello')
  }

  async #open(): Promise<FreezingTab> {
    const tab = await new FreezingTab(this.world, this.#place).open()
    this.#sent.push(tab.sent)
    return tab
  }

  /** Both sides write at once; resolves when all of it is there and delivered, whoever leads then. */
  async say(what: string): Promise<void> {
    const texts = [`${what}?`, `${what}!`] as const
    this.#said.push(...texts)
    await Promise.all([
      this.follower.client.conversation('bob').send(texts[0]),
      this.bob.conversation('alice').send(texts[1]),
    ])
    const [hers, his] = [watch(this.follower.client, 'bob'), watch(this.bob, 'alice')]
    await this.world.time.until(() =>
      [hers, his].every(
        (one) =>
          texts.every((text) => one.texts().some((shown) => shown.endsWith(text))) && one.allDelivered(),
      ),
    )
    hers.stop()
    his.stop()
  }

  /** Resolves when the tab that follows has taken the lead. */
  stolen(): Promise<void> {
    return this.world.time.until(() => this.follower.opened > 0)
  }

  /** The tab that led goes, and another follows the one that leads now. */
  async change(): Promise<void> {
    await this.leader.client.close()
    this.leader = this.follower
    this.follower = await this.#open()
    await this.world.online(this.leader.client)
  }

  /** All of a thread, as it is stored, without its order. */
  async #thread(client: Client, account: string): Promise<readonly string[]> {
    const conversation = client.conversation(account)
    const watched = watch(client, account)
    do await conversation.loadEarlier()
    while (conversation.earlier.value !== 'none')
    watched.stop()
    return watched.items.map((one) => (one.kind === 'text' ? one.text : one.kind)).sort()
  }

  async end(): Promise<void> {
    const said = [...this.#said].sort()
    assert.deepEqual(await this.#thread(this.follower.client, 'bob'), said)
    assert.deepEqual(await this.#thread(this.bob, 'alice'), said)
    assert.deepEqual(usedTwice(cipher, this.#sent.flat()), [])
    await Promise.all([this.leader.client, this.follower.client, this.bob].map((one) => one.close()))
  }
}

test('B07 control: two tabs of one person, one of whom leads, and nobody freezes', async () => {
  const two = new TwoTabs()
  await two.setUp()
  const before = { ...two.leader.asked }
  await two.say('one')
  assert.isAbove(two.leader.asked['a read'] - before['a read'], 30)
  assert.isAbove(two.leader.asked['a commit'] - before['a commit'], 5)
  assert.isAbove(two.leader.sent.length, 0)
  assert.lengthOf(two.follower.sent, 0)
  await two.end()
})

/** Of the reads each third: the tab does nothing between one and the next that anybody could see. */
const steps = { 'before a read': 3, 'before a commit': 1, 'after a commit': 1 } as const satisfies Record<
  FreezeIn,
  number
>

for (const [when, step] of Object.entries(steps) as [FreezeIn, number][]) {
  test(`B07 a leader that freezes ${when}, whichever it is, and thaws when another leads, commits and sends nothing; all is there once, and no key serves twice`, async () => {
    const two = new TwoTabs()
    await two.setUp()
    let nth = 1
    for (; ; nth += step) {
      const { leader } = two
      leader.freezeIn(nth, when)
      await two.say(String(nth))
      if (!leader.isFrozen) break
      await two.stolen()
      leader.thaw()
      await two.say(`${nth} again`)
      assert.deepEqual(leader.late, [], `number ${nth}`)
      await two.change()
    }
    assert.isAbove(nth, when === 'before a read' ? 30 : 5)
    await two.end()
  })
}
