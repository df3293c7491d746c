import { assert, test } from '#test'
import { CallPage, introduce } from '../support/call-page.js'
import { DemoSite } from '../support/demo-site.js'
import { until } from '../support/until.js'

const carols = { left: 60, right: 200, hertz: 880 }
const daves = { left: 180, right: 90, hertz: 440 }

test('the menu of a video call takes clicks: the call fills the screen, goes into a window of its own, and leaves both when it is over', async (context) => {
  const site = await DemoSite.start(context)
  const carol = await CallPage.open(context, site, 'carol', carols)
  const dave = await CallPage.open(context, site, 'dave', daves)
  if (carol === undefined || dave === undefined) return
  await introduce(carol, dave)
  await dave.showCalls()
  await carol.call(dave, { video: true })
  await until(async () => (await dave.shown()) !== undefined)

  await dave.choose('Microphone, camera and speaker')
  await dave.press('dialog .buttons button', 'Close')
  await dave.until(`${root}.querySelector('dialog[open]') === null`)

  await dave.choose('Full screen')
  await dave.until(`document.fullscreenElement?.localName === 'sotto-call'`)
  await near(dave, carols)
  await dave.choose('Leave full screen')
  await dave.until(`document.fullscreenElement === null`)

  await dave.choose('Picture in picture')
  await dave.until(`${root}.pictureInPictureElement?.matches('video.their') === true`)
  await near(dave, carols)
  await dave.choose('Full screen')
  await dave.until(`document.fullscreenElement !== null`)
  await carol.do('await last.hangUp()')
  await dave.phase('over')
  await dave.until(`${root}.pictureInPictureElement === null && document.fullscreenElement === null`)
  assert.equal(await dave.outcome(), 'answered')
})

const root = `document.querySelector('sotto-call').shadowRoot`

/** The other's picture goes on, as it looks. */
const near = (page: CallPage, { left, right }: { readonly left: number; readonly right: number }) =>
  until(async () => {
    const seen = await page.shown()
    return seen !== undefined && Math.abs(seen[0] - left) < 24 && Math.abs(seen[1] - right) < 24
  })
