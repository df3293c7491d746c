import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { complaintsOf, openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'
import { until } from '../support/until.js'

const carols = { left: 60, right: 200, hertz: 880 }
const daves = { left: 180, right: 90, hertz: 440 }

/** What a lossy way makes of a shade stays near it. */
function near(
  [left, right]: readonly [number, number],
  wanted: { readonly left: number; readonly right: number },
) {
  assert.closeTo(left, wanted.left, 24)
  assert.closeTo(right, wanted.right, 24)
}

test('a video call over a real relay: each sees the other’s picture and hears the other’s tone, also while the relay is away; a tab that closes ends it', async (context) => {
  const site = await DemoSite.start(context)
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)

  await carol.do(`await client.placeCall('${dave.account}', { video: true, direct: true })`)
  await dave.phase('rung')
  await dave.do('await last.answer({ video: true, direct: true })')
  await Promise.all([carol.phase('connected'), dave.phase('connected')])
  near(await carol.seen(), daves)
  near(await dave.seen(), carols)
  assert.closeTo(await carol.heard(), daves.hertz, 12)
  assert.closeTo(await dave.heard(), carols.hertz, 12)

  await site.stop('SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  near(await carol.seen(), daves)
  assert.closeTo(await dave.heard(), carols.hertz, 12)
  await site.run()
  await carol.until(`client.state.value.name === 'online'`)
  await dave.until(`client.state.value.name === 'online'`)

  await carol.do('await last.hangUp()')
  await dave.phase('over')
  assert.equal(await dave.outcome(), 'answered')
  assert.isTrue(await carol.do(`return last.streams.value.local === undefined`))

  await dave.do(`await client.placeCall('${carol.account}', { direct: true })`)
  await carol.phase('rung')
  await carol.do('await last.answer({ direct: true })')
  await Promise.all([carol.phase('connected'), dave.phase('connected')])
  const closed = Date.now()
  await carol.page.goto('about:blank')
  await dave.phase('over')
  assert.isBelow(Date.now() - closed, 20_000)
  await carol.again(site, 'carol')
  assert.isUndefined(await carol.do('return client.call.value'))
  const lines = await carol.do<readonly string[]>(`
    return new Promise((resolve) => client.callHistory.subscribe(({ records }) => { if (records?.length === 2) resolve(records.map((one) => one.item.outcome)) }))`)
  assert.deepEqual(lines, ['answered', 'answered'])
})

test('Alice calls Bob on the page of npm start, by keyboard, with nothing set up but a yes to a direct call', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const site = await DemoSite.start(context)
  const page = await browser.newPage()
  await page.setViewport({ width: 1500, height: 900 })
  const said = await complaintsOf(page)
  await preparePage(page)
  await page.goto(site.url)
  const [alice, bob] = await MessengerPage.all(page)
  if (alice === undefined || bob === undefined) throw new Error('two people are expected')
  await alice.startWith(bob.account)
  await alice.write('May I call?')
  await bob.open('Alice')
  await bob.accept()
  await alice.open('Bob')
  await alice.press('Start a video call')
  await alice.shows('Bob will learn your network address')
  await alice.choose('Call anyway')
  await alice.shows('Calling')
  await bob.shows('Alice is calling with video')
  await bob.press('Answer with video')
  await bob.shows('Alice will learn your network address')
  await bob.choose('Answer anyway')
  await bob.shows('0:0')
  await alice.shows('0:0')
  // A call within a messenger fills the screen, and leaves it to the rest of the page when it is over.
  await bob.press('More')
  await bob.choose('Full screen', '[role=menu]')
  await until(async () => (await bob.fills()) === 'sotto-call')
  await bob.press('Hang up')
  await until(async () => (await bob.fills()) === undefined)
  await alice.shows('Call ended')
  await alice.shows('Video call, 0:')
  await bob.shows('Video call, 0:')
  assert.deepEqual(said, [])
})

test('a call is declined, missed, busy and cancelled over a real relay, and nobody’s camera was on', async (context) => {
  const site = await DemoSite.start(context)
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  for (const one of [carol, dave])
    await one.do(`
      globalThis.captured = 0
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = (constraints) => { captured++; return real(constraints) }`)
  const ring = async () => {
    await carol.do(`await client.placeCall('${dave.account}', { video: true, direct: true })`)
    await dave.phase('rung')
  }
  await ring()
  await dave.do('await last.decline()')
  await carol.phase('over')
  assert.equal(await carol.outcome(), 'declined')
  await ring()
  await carol.do('await last.hangUp()')
  await dave.phase('over')
  assert.deepEqual([await carol.outcome(), await dave.outcome()], ['cancelled', 'missed'])
  assert.deepEqual([await carol.do('return captured'), await dave.do('return captured')], [0, 0])
})
