import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { Coturn } from '../support/coturn.js'
import { DemoSite } from '../support/demo-site.js'
import type { TestContext } from '../support/test-body.js'
import { UdpWay } from '../support/udp-way.js'
import { until } from '../support/until.js'

const carols = { left: 60, right: 200, hertz: 880 }
const daves = { left: 180, right: 90, hertz: 440 }
const secret = 'what the relay and its TURN server share'
/** How long a call that has lost its connection looks for another one. */
const patienceMs = 30_000

interface Prepared {
  readonly coturn: Coturn
  readonly carol: CallPage
  readonly dave: CallPage
}

/** Two people of a site with a TURN server, in a video call through it. `undefined`, and the test skipped, where there is none. */
async function talking(context: TestContext, prepare?: (set: Prepared) => Promise<void>) {
  const coturn = await Coturn.start(context, secret)
  if (coturn === undefined) return undefined
  const settings = { TURN_URLS: coturn.url, TURN_SECRET: secret }
  const site = await DemoSite.start(context, { settings })
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return undefined
  await introduce(carol, dave)
  for (const one of [carol, dave]) {
    await one.watch()
    await one.showCalls()
  }
  await prepare?.({ coturn, carol, dave })
  await carol.do(`await client.placeCall('${dave.account}', { video: true })`)
  await dave.phase('rung')
  await dave.do('await last.answer({ video: true })')
  await Promise.all([carol.phase('connected'), dave.phase('connected')])
  return { coturn, carol, dave }
}

/** Each sees the other's picture in the element for calls, as it moves, and hears the other's tone. */
async function meet(carol: CallPage, dave: CallPage) {
  for (const [one, { left, right, hertz }] of [
    [carol, daves],
    [dave, carols],
  ] as const) {
    // What a lossy way makes of a shade stays near it, once the first frames have come.
    await until(async () => {
      const seen = await one.shown()
      return seen !== undefined && Math.abs(seen[0] - left) < 24 && Math.abs(seen[1] - right) < 24
    }, 10_000)
    assert.closeTo(await one.heard(), hertz, 12)
  }
}

test('a video call through a TURN server alone, which is killed and started anew: both lose each other, and picture and sound come back', async (context) => {
  const set = await talking(context)
  if (set === undefined) return
  const { coturn, carol, dave } = set
  const both = [carol, dave]
  await meet(carol, dave)
  for (const one of both) assert.deepEqual(await one.way(), ['relay', 'relay'])

  await coturn.kill()
  await Promise.all(both.map((one) => one.phase('lost')))
  for (const one of both) {
    assert.include(await one.says(), 'Reconnecting…')
    assert.isUndefined(await one.shown(), 'nothing comes')
  }
  await coturn.run()
  const again = Date.now()
  await Promise.all(both.map((one) => one.phase('connected')))
  assert.isBelow(Date.now() - again, patienceMs)
  await meet(carol, dave)
  for (const one of both) assert.deepEqual(await one.way(), ['relay', 'relay'])
  await carol.do('await last.hangUp()')
  await dave.phase('over')
  for (const one of both) assert.equal(await one.liveTracks(), 0)
})

for (const who of ['carol', 'dave'] as const) {
  const whose = who === 'carol' ? 'whoever called' : 'whoever answered'
  test(`in a call through a TURN server the network of ${whose} changes and no packet of the old one comes through: both find another way`, async (context) => {
    const ways = new Map<string, UdpWay>()
    const set = await talking(context, async ({ coturn, carol, dave }) => {
      for (const [name, one] of [['carol', carol] as const, ['dave', dave] as const]) {
        const way = await UdpWay.open(context, coturn.port)
        await one.reachTurnAt(way.port)
        ways.set(name, way)
      }
    })
    const way = ways.get(who)
    if (set === undefined || way === undefined) return
    const { carol, dave } = set
    const both = [carol, dave]
    await meet(carol, dave)
    assert.isAbove(way.flows, 0)

    for (const one of both) await one.notesPhases()
    way.lose()
    const lost = Date.now()
    // Who notices it first helps the other one, who may not even notice.
    await Promise.any(both.map((one) => one.hasBeen('lost')))
    await Promise.all(both.map((one) => one.phase('connected')))
    assert.isBelow(Date.now() - lost, patienceMs)
    assert.isAbove(way.flows, 0)
    await meet(carol, dave)
    for (const one of both) assert.deepEqual(await one.way(), ['relay', 'relay'])
    await dave.do('await last.hangUp()')
    await carol.phase('over')
    for (const one of both) await until(async () => (await one.liveTracks()) === 0)
  })
}

test('a call through a TURN server that does not come back ends by itself at both sides, which say why; no camera stays on', async (context) => {
  const set = await talking(context)
  if (set === undefined) return
  const { coturn, carol, dave } = set
  const both = [carol, dave]
  for (const one of both) assert.equal(await one.liveTracks(), 2)
  await coturn.kill()
  const killed = Date.now()
  await Promise.all(both.map((one) => one.phase('lost')))
  const [carolsBefore, davesBefore] = await Promise.all(both.map((one) => one.offers()))
  await Promise.all(both.map((one) => one.phase('over')))
  assert.isAbove(Date.now() - killed, patienceMs)
  for (const one of both) {
    assert.equal(await one.outcome(), 'lost')
    await until(async () => (await one.says()).includes('Connection lost'))
    await until(async () => (await one.liveTracks()) === 0)
  }
  assert.include(await carol.says(), 'Call again')
  assert.include(await dave.says(), 'Call back')
  // One end makes the offers, and gives each of them its time.
  assert.equal(await carol.offers(), carolsBefore)
  assert.approximately((await dave.offers()) - (davesBefore ?? 0), 6, 2)
})
