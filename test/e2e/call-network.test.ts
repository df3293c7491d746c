import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { DemoSite } from '../support/demo-site.js'
import { until } from '../support/until.js'

const carols = { left: 60, right: 200, hertz: 880 }
const daves = { left: 180, right: 90, hertz: 440 }

test('when one side’s network changes in a call over a real relay, both look for another way, and picture and sound go on', async (context) => {
  const site = await DemoSite.start(context)
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  const both = [carol, dave]
  for (const one of both) await one.watch()
  // What both ends said of the way that is used: it changes with each that is looked for, while an old one that still works may stay in use.
  const ways = () =>
    Promise.all(
      both.map((one) =>
        one.do<string>(`
          const said = [connection.currentLocalDescription, connection.currentRemoteDescription]
          return said.map(({ sdp }) => /a=ice-ufrag:(.*)/.exec(sdp)[1]).join(' ')`),
      ),
    )
  await carol.call(dave, { video: true })
  for (const changing of both) {
    const before = await ways()
    await changing.do(`dispatchEvent(new Event('online'))`)
    await until(async () => (await ways()).every((way, at) => way !== before[at]))
    for (const one of both) await one.until(`last.link.value === 'connected'`)
    for (const [one, other] of [
      [carol, daves],
      [dave, carols],
    ] as const) {
      const [left, right] = await one.seen()
      assert.closeTo(left, other.left, 24)
      assert.closeTo(right, other.right, 24)
      assert.closeTo(await one.heard(), other.hertz, 12)
    }
  }
  await carol.do('await last.hangUp()')
  await dave.phase('over')
})
