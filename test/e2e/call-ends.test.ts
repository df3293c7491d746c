import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { openChromium } from '../support/chromium.js'
import { Coturn } from '../support/coturn.js'
import { DemoSite } from '../support/demo-site.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

const secret = 'what the relay and its TURN server share'

/** What tells a site of a TURN server that has begun to run. `undefined`, and the test skipped, where there is none. */
async function turn(context: TestContext) {
  const coturn = await Coturn.start(context, secret)
  return coturn && { TURN_URLS: coturn.url, TURN_SECRET: secret }
}

async function people(
  context: TestContext,
  settings: Readonly<Record<string, string>>,
  ...names: readonly string[]
) {
  const browser = await openChromium(context)
  if (browser === undefined) return undefined
  const site = await DemoSite.start(context, { settings })
  return Promise.all(names.map((name) => CallPage.beside(browser, site, name)))
}

const place = (from: CallPage, to: CallPage) =>
  from.do(`await client.placeCall('${to.account}', { direct: true })`)
const free = (...pages: readonly CallPage[]) =>
  Promise.all(pages.map((page) => page.until('client.call.value === undefined')))
const outcomes = (...pages: readonly CallPage[]) => Promise.all(pages.map((page) => page.outcome()))

/** The ways that media can go, and whether the addresses at both ends of them are a server's. */
const ways = {
  'peer to peer': false,
  'through a TURN server alone': true,
} as const

for (const [name, relayed] of Object.entries(ways)) {
  test(`over a real relay and ${name}, who is in a call is busy for a third and goes on talking, either side hangs up or declines, and both who call at once are in one call`, async (context) => {
    const settings = relayed ? await turn(context) : {}
    if (settings === undefined) return
    const [carol, dave, erin] = (await people(context, settings, 'carol', 'dave', 'erin')) ?? []
    if (carol === undefined || dave === undefined || erin === undefined) return
    await introduce(carol, dave)
    await introduce(erin, dave)
    const both = [carol, dave]
    for (const one of both) await one.watch()
    // Both have agreed to direct calls: where there is a TURN server, that must change nothing. What comes from an address before it was told of
    // is of no kind yet (`prflx`), which with a host's may stay so.
    const goes = async () => {
      for (const one of both)
        await until(async () => (await one.way()).every((kind) => (kind === 'relay') === relayed))
    }

    await carol.call(dave)
    await goes()
    await place(erin, dave)
    await erin.phase('over')
    assert.equal(await erin.outcome(), 'busy')
    for (const one of both) assert.equal(await one.do('return last.state.value.phase'), 'connected')
    assert.isAbove(await carol.heard(), 0)
    await carol.do('await last.hangUp()')
    await Promise.all([carol.phase('over'), dave.phase('over')])
    assert.deepEqual(await outcomes(carol, dave), ['answered', 'answered'])

    await free(carol, dave, erin)
    await carol.call(dave)
    await goes()
    await dave.do('await last.hangUp()')
    await Promise.all([carol.phase('over'), dave.phase('over')])
    assert.deepEqual(await outcomes(carol, dave), ['answered', 'answered'])

    await free(carol, dave)
    await place(carol, dave)
    await dave.phase('rung')
    await dave.do('await last.decline()')
    await Promise.all([carol.phase('over'), dave.phase('over')])
    assert.deepEqual(await outcomes(carol, dave), ['declined', 'declined'])

    await free(carol, dave)
    await Promise.all([place(carol, dave), place(dave, carol)])
    await Promise.all([carol.phase('connected'), dave.phase('connected')])
    const ids = await Promise.all(both.map((one) => one.do<string>('return client.call.value.id')))
    assert.equal(ids[0], ids[1])
    await goes()
    await dave.do('await last.hangUp()')
    await Promise.all([carol.phase('over'), dave.phase('over')])
    for (const one of both) await until(async () => (await one.liveTracks()) === 0)
  })
}

test('over a real relay, a call that nobody answers is given up, and is a missed one that is unread at the other side', async (context) => {
  const [carol, dave] = (await people(context, {}, 'carol', 'dave')) ?? []
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  // Her patience passes in a second: the page's clock then jumps.
  await carol.do(`
    const [later, now] = [globalThis.setTimeout, performance.now.bind(performance)]
    let aheadMs = 0
    performance.now = () => now() + aheadMs
    globalThis.setTimeout = (work, ms) => {
      if (ms !== 45_000) return later(work, ms)
      return later(() => { aheadMs += ms; work() }, 1_000)
    }`)
  // Her first message.
  await dave.until('client.unread.value === 1')
  await place(carol, dave)
  await Promise.all([carol.phase('over'), dave.phase('over')])
  assert.deepEqual(await outcomes(carol, dave), ['no-answer', 'missed'])
  await dave.until('client.unread.value === 2')
})

test('over a real relay, a page that is closed while the call it placed rings is a missed call within seconds', async (context) => {
  const [carol, dave] = (await people(context, {}, 'carol', 'dave')) ?? []
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  await dave.until('client.unread.value === 1')
  // It is not that it has rung for as long as a ring can: no long wait ends here.
  await dave.do(`
    const later = globalThis.setTimeout
    globalThis.setTimeout = (work, ms) => (ms > 20_000 ? 0 : later(work, ms))`)
  await place(carol, dave)
  await dave.phase('rung')
  await carol.until('last.state.value.alerting')
  await carol.page.close()
  await dave.phase('over')
  assert.equal(await dave.outcome(), 'missed')
  await dave.until('client.unread.value === 2')
})
