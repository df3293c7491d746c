import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { DemoSite } from '../support/demo-site.js'

const carols = { left: 60, right: 200, hertz: 880 }
const daves = { left: 180, right: 90, hertz: 440 }

test('when one side’s network changes in a call over a real relay, both find another way, and picture and sound go on', async (context) => {
  const site = await DemoSite.start(context)
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  const both = [carol, dave]
  // Which pair of addresses a connection uses, of the last one that was made.
  for (const one of both)
    await one.do(`
      const Real = RTCPeerConnection
      globalThis.RTCPeerConnection = class extends Real {
        constructor(configuration) {
          super(configuration)
          globalThis.connection = this
        }
      }
      globalThis.way = async () => {
        const stats = [...(await connection.getStats()).values()]
        return stats.find((one) => one.type === 'transport')?.selectedCandidatePairId
      }`)
  await carol.call(dave, { video: true })
  for (const changing of both) {
    for (const one of both) await one.do('globalThis.before = await way()')
    await changing.do(`dispatchEvent(new Event('online'))`)
    for (const one of both)
      await one.until(`last.link.value === 'connected' && ![undefined, before].includes(await way())`)
    assert.closeTo((await carol.seen())[0], daves.left, 24)
    assert.closeTo(await dave.heard(), carols.hertz, 12)
    assert.closeTo(await carol.heard(), daves.hertz, 12)
  }
  await carol.do('await last.hangUp()')
  await dave.phase('over')
})
