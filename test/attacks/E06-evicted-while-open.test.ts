import type { Browser } from 'puppeteer-core'
import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { ClientTab } from '../support/client-tab.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'
import { WatchedRelay } from '../support/watched-relay.js'

const online = (tab: ClientTab): Promise<void> => until(async () => (await tab.do('isOnline()')) === true)
const shows = (tab: ClientTab, text: string): Promise<void> =>
  until(async () => ((await tab.do<string[]>('texts()')) ?? []).includes(text))
/** What became of writing: `ok`, or the code of the error. */
const writing = (tab: ClientTab, text: string) =>
  tab.do<string>(`say('${text}').then(() => 'ok', (error) => error.code)`)
const standing = (tab: ClientTab) =>
  tab.do<string>('client.state.value.code === undefined ? client.state.value.name : client.state.value.code')

/** Alice with two tabs and, in the same browser, Carol; both have written to Bob, who is elsewhere. */
async function talked(context: TestContext, browser: Browser) {
  const relay = await WatchedRelay.start(context)
  const [theirs, his] = [await browser.createBrowserContext(), await browser.createBrowserContext()]
  const open = (account: string) => ClientTab.open(theirs, relay, [account, 'bob'])
  const bob = await ClientTab.open(his, relay, ['bob', 'alice'])
  const [first, carol] = [await open('alice'), await open('carol')]
  for (const one of [bob, first, carol]) await online(one)
  const second = await open('alice')
  await online(second)
  for (const one of [first, carol]) assert.equal(await writing(one, 'before'), 'ok')
  await shows(bob, 'before')
  await until(() => ['alice', 'carol'].every((one) => relay.senders.some(({ account }) => account === one)))
  return { relay, open, bob, first, second, carol }
}

/** Everything that told the relay of an account or a device. */
const told = ({ calls }: WatchedRelay): readonly string[] =>
  calls.filter((one) => one.startsWith('PUT /devices'))

test('E06 what a browser keeps for a site is thrown away while two tabs are open: both say that they have stopped, nothing is made anew, and what comes waits', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const { relay, open, bob, first, second } = await talked(context, browser)
  // The control: a page that is opened anew goes on.
  const control = await open('alice')
  await online(control)
  await shows(control, 'before')
  await control.close()
  const published = told(relay)
  const session = await first.page.createCDPSession()
  await session.send('Storage.clearDataForOrigin', { origin: relay.url, storageTypes: 'all' })
  for (const one of [first, second]) await until(async () => (await standing(one)) === 'closed')
  const sent = relay.batches.length
  for (const one of [first, second]) assert.equal(await writing(one, 'into nothing'), 'closed')
  assert.lengthOf(relay.batches, sent)
  for (const one of [first, second])
    assert.equal(await one.do(`client.close().then(() => 'done', String)`), 'done')
  assert.equal(await writing(bob, 'does this reach you?'), 'ok')
  const again = await open('alice')
  await until(async () => (await standing(again)) === 'elsewhere')
  assert.equal(await writing(again, 'as somebody new'), 'not-set-up-here')
  assert.deepEqual(await again.do('texts()'), [])
  assert.deepEqual(told(relay), published)
  assert.equal(await bob.do('client.conversation("alice").trust.value.name'), 'unverified')
  assert.deepEqual(await bob.do('texts()'), ['before', 'does this reach you?'])
})

test('E06 of two accounts in one browser one has lost its store: the other goes on as it was', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const { relay, open, first, second, carol } = await talked(context, browser)
  const published = told(relay)
  const names = (tab: ClientTab) =>
    tab.do<string[]>('indexedDB.databases().then((all) => all.map(({ name }) => name))')
  const both = (await names(carol)) ?? []
  assert.lengthOf(both, 2)
  // Whose it is: the one that a tab still leads under when Carol's is closed.
  await carol.close()
  await until(async () => ((await first.do<string[]>(locks)) ?? []).length === 1)
  const [lost = ''] = (await first.do<string[]>(locks)) ?? []
  assert.include(both, lost)
  const session = await first.page.createCDPSession()
  await session.send('IndexedDB.deleteDatabase', { securityOrigin: relay.url, databaseName: lost })
  for (const one of [first, second]) await until(async () => (await standing(one)) === 'closed')
  const alice = await open('alice')
  await until(async () => (await standing(alice)) === 'elsewhere')
  const back = await open('carol')
  await online(back)
  assert.deepEqual(await back.do('texts()'), ['before'])
  assert.equal(await writing(back, 'after'), 'ok')
  assert.deepEqual(told(relay), published)
})

const locks = `navigator.locks.query().then(({ held }) => held.map(({ name }) => name).filter((name) => /^sotto-[0-9a-f]{32}$/.test(name)))`
