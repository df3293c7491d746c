import { assert, test, type TestContext } from '#test'
import { CheckPage, noteTracks } from '../support/check-page.js'
import { complaintsOf, openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'
import { until } from '../support/until.js'

/** Alice, who opens the check from the menu of a conversation. `undefined`, and the test skipped, where there is no Chromium. */
async function opened(context: TestContext, flags: readonly string[]) {
  const browser = await openChromium(context, flags)
  if (browser === undefined) return undefined
  const site = await DemoSite.start(context)
  const page = await browser.newPage()
  await page.setViewport({ width: 1500, height: 900 })
  const said = await complaintsOf(page)
  await preparePage(page)
  await noteTracks(page)
  await page.goto(site.url)
  const [alice, bob] = await MessengerPage.all(page)
  if (alice === undefined || bob === undefined) throw new Error('two people are expected')
  await alice.startWith(bob.account)
  await alice.write('May I call?')
  await bob.open('Alice')
  await bob.accept()
  const check = new CheckPage(page)
  const open = async () => {
    await alice.press('More')
    await (await alice.find('menuitem', 'Check camera and microphone')).focus()
    await page.keyboard.press('Enter')
    await until(() => check.isOpen())
  }
  await open()
  return { page, check, open, said }
}

test('the check shows what camera and microphone of this browser give, takes others that are chosen, and leaves none on', async (context) => {
  const stage = await opened(context, ['--use-fake-device-for-media-stream=device-count=2'])
  if (stage === undefined) return
  const { check, open, page, said } = stage
  await until(async () => (await check.live()).length === 2)
  assert.isAbove(await check.shades(), 8)
  // The browser's own microphone beeps once a second.
  await until(async () => {
    const [least, most] = await check.levels(3_000)
    return most > 30 && most - least > 20
  })

  for (const [label, kind] of [
    ['Microphone', 'audio'],
    ['Camera', 'video'],
  ] as const) {
    const [before] = await check.live(kind)
    const { value, names } = await check.listed(label)
    assert.equal(value, before?.device)
    assert.isAtLeast(names.length, 2)
    assert.equal(new Set(names).size, names.length, names.join())
    await check.next(label)
    await until(async () => (await check.live(kind)).some(({ device }) => device !== before?.device))
    const now = await check.live(kind)
    assert.lengthOf(now, 1, `one ${label} at a time`)
    assert.equal((await check.listed(label)).value, now[0]?.device)
  }
  const [chosen] = await check.live('video')
  assert.isAbove(await check.shades(), 8)
  await until(async () => (await check.levels(3_000))[1] > 30)

  await check.press('Close')
  await until(async () => !(await check.isOpen()))
  assert.deepEqual(await check.live(), [])
  await open()
  await until(async () => (await check.live()).length === 2)
  assert.equal((await check.live('video'))[0]?.device, chosen?.device, 'what was chosen is kept')
  await page.keyboard.press('Escape')
  await until(async () => !(await check.isOpen()))
  assert.deepEqual(await check.live(), [])
  assert.deepEqual(said, [])
})

test('the check says in words that the browser lets the page have neither, and what to do', async (context) => {
  const stage = await opened(context, ['--use-fake-ui-for-media-stream=deny'])
  if (stage === undefined) return
  const { check, said } = stage
  const denied = 'This page may not use your microphone or camera'
  await until(async () => (await check.text()).includes(denied))
  assert.include(await check.text(), 'Allow them beside the address of the page')
  assert.deepEqual(await check.tracks(), [])
  const asked = await check.timesAsked()
  await check.press('Try again')
  await until(async () => (await check.timesAsked()) > asked)
  await until(async () => (await check.text()).includes(denied))
  await check.press('Close')
  await until(async () => !(await check.isOpen()))
  assert.deepEqual(said, [])
})
