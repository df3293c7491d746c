import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { DemoSite } from '../support/demo-site.js'
import { until } from '../support/until.js'

const carols = { left: 60, right: 200, hertz: 880 }
const daves = { left: 180, right: 90, hertz: 440 }
const screen = { left: 220, right: 20 }

test('a screen is shown in a call over a real relay: the other one sees what is on it, and the camera beside it, until it is shown no more', async (context) => {
  const site = await DemoSite.start(context)
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  await carol.call(dave, { video: true })
  await carol.screenShows(screen)
  await carol.do('await last.set({ screen: true })')
  await dave.until('last.theirSources.value.screen')
  await shown('remoteScreen', screen)
  await shown('remote', carols)
  await carol.do('await last.set({ screen: false, camera: false })')
  await dave.until('!last.theirSources.value.screen && !last.theirSources.value.camera')
  assert.isTrue(await carol.do('return last.streams.value.localScreen === undefined'))
  await dave.do('await last.hangUp()')
  await carol.phase('over')
  assert.equal(await carol.outcome(), 'answered')

  /** What a lossy way makes of a shade stays near it, once the first frames have come. */
  async function shown(stream: 'remote' | 'remoteScreen', { left, right }: Omit<typeof carols, 'hertz'>) {
    await until(async () => {
      const seen = await dave?.seen(stream)
      return seen !== undefined && Math.abs(seen[0] - left) < 24 && Math.abs(seen[1] - right) < 24
    })
  }
})
