import { decodeBody, encodeBody, type Batch } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { ClientTab } from '../support/client-tab.js'
import { Seeded } from '../support/machine/seeded.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'
import { usedTwice } from '../support/used-twice.js'
import { WatchedRelay } from '../support/watched-relay.js'

const cipher = await createSignalCipher()
const tabCount = 8

/** Alice with eight tabs and Bob with one write to each other; `isDeadly`: each round some of hers are closed or crash while they write. */
async function write(context: TestContext, seed: number, rounds: number, isDeadly: boolean) {
  const browser = await openChromium(context)
  if (browser === undefined) return undefined
  const relay = await WatchedRelay.start(context)
  const chance = new Seeded(seed)
  const [hers, his] = [await browser.createBrowserContext(), await browser.createBrowserContext()]
  const open = () => ClientTab.open(hers, relay, ['alice', 'bob'])
  const bob = await ClientTab.open(his, relay, ['bob', 'alice'])
  let tabs = [await open()]
  for (const one of [bob, ...tabs]) await until(async () => (await one.do('isOnline()')) === true)
  const said: string[] = []
  let [killed, leaders] = [0, 0]
  const say = async (tab: ClientTab, text: string) => {
    if ((await tab.do(`say('${text}').then(() => true)`)) === true) said.push(text)
  }
  for (let round = 1; round <= rounds; round++) {
    while (tabs.length < tabCount) tabs.push(await open())
    const saying = [...tabs.map((tab, i) => say(tab, `alice ${round} tab ${i}`)), say(bob, `bob ${round}`)]
    if (isDeadly) {
      await new Promise((resolve) => setTimeout(resolve, chance.below(60)))
      for (const tab of chance.shuffled(tabs).slice(0, 2 + chance.below(3)))
        await (chance.below(2) === 0 ? tab.crash() : tab.close())
    }
    await Promise.all(saying)
    killed += tabs.filter((tab) => tab.isGone).length
    tabs = tabs.filter((tab) => !tab.isGone)
    leaders = Math.max(leaders, (await (tabs[0] ?? bob).do<number>('leaders()')) ?? 0)
  }
  const [writer = await open()] = tabs
  if (!tabs.includes(writer)) tabs.push(writer)
  await say(writer, 'alice last')
  await say(bob, 'bob last')
  const all = [bob, ...tabs]
  const threads = async () => Promise.all(all.map(async (tab) => (await tab.do<string[]>('texts()')) ?? []))
  await until(async () => (await threads()).every((thread) => said.every((text) => thread.includes(text))))
  return {
    said,
    threads: await threads(),
    killed,
    leaders,
    twice: usedTwice(cipher, relay.batches),
    ledTwice: relay.ledTwice,
    sockets: new Set(relay.senders.flatMap(({ socket, account }) => (account === 'alice' ? [socket] : [])))
      .size,
    batches: relay.batches,
  }
}

/** Everything that is said is there once, in the order of the rounds, in the same order in all of her tabs, and nothing else but what a tab that went may have said. */
function judge({ said, threads, twice, ledTwice }: NonNullable<Awaited<ReturnType<typeof write>>>): void {
  const [, first] = threads
  for (const [i, thread] of threads.entries()) {
    assert.sameMembers(thread, [...new Set(thread)], 'nothing is there twice')
    assert.notInclude(thread, 'gap')
    assert.includeMembers(thread, said)
    assert.sameMembers(thread, first ?? [], 'all show the same')
    if (i > 0) assert.deepEqual(thread, first, 'one thread in all tabs')
    for (const sender of ['alice', 'bob']) {
      const rounds = thread.flatMap(
        (text) => (new RegExp(`^${sender} (\\d+)`).exec(text)?.[1] ?? []) as string,
      )
      const numbers = rounds.map(Number)
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
        `${sender} in order`,
      )
    }
  }
  assert.deepEqual(twice, [])
  assert.deepEqual(ledTwice, [], 'who leads no more sends no more')
}

test('B07 control: eight tabs of one account write and read, and none is closed', async (context) => {
  const seen = await write(context, 1, 2, false)
  if (seen === undefined) return
  judge(seen)
  assert.equal(seen.killed, 0)
  assert.equal(seen.leaders, 1)
  assert.lengthOf(seen.threads, tabCount + 1)
  assert.lengthOf(seen.said, 2 * (tabCount + 1) + 2)
  // What is looked for on the wire would be seen: the same key and counter with other bytes.
  assert.isNotEmpty(usedTwice(cipher, [...seen.batches, ...seen.batches.map(withOtherBytes)]))
})

function withOtherBytes(batch: Batch): Batch {
  const envelopes = batch.envelopes.map((envelope) => {
    if (envelope.body === undefined) return envelope
    const { suite, body } = decodeBody(envelope.body)
    const last = body.ciphertext.length - 1
    const ciphertext = body.ciphertext.map((byte, i) => (i === last ? byte ^ 1 : byte))
    return { ...envelope, body: encodeBody(suite, { ...body, ciphertext }) }
  })
  return { ...batch, envelopes }
}

test('B07 eight tabs of one account, closed and crashed while they write: one leads, all show one thread, its peer reads each message once, and no key serves twice (seed 7)', async (context) => {
  const seen = await write(context, 7, 5, true)
  if (seen === undefined) return
  judge(seen)
  assert.isAtLeast(seen.killed, 10)
  assert.equal(seen.leaders, 1)
  assert.isAtLeast(seen.sockets, 2, 'the lead has passed on')
})
