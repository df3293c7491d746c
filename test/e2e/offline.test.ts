import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'
import { until } from '../support/until.js'

test('what is written without a network waits and says so, can be deleted, and comes once when the network is back', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const site = await DemoSite.start(context)
  const open = async (as: string) => {
    const page = await (await browser.createBrowserContext()).newPage()
    await preparePage(page)
    await page.goto(`${site.url}/?as=${as}`)
    const [person] = await MessengerPage.all(page)
    if (person === undefined) throw new Error('nobody is there')
    return person
  }
  const [hugo, gina] = [await open('hugo'), await open('gina')]
  await gina.startWith('hugo')
  await gina.write('there is a network')
  await hugo.open('Gina')
  await hugo.accept()
  await hugo.shows('there is a network')
  await until(async () => /Delivered|Read/.test(await gina.text()))
  assert.notInclude(await gina.text(), 'Waiting for network', 'the control')

  await site.stop('SIGKILL')
  await gina.shows('No connection')
  await gina.write('in a tunnel')
  await gina.shows('Waiting for network')
  await gina.write('better not')
  await gina.shows('better not')
  const message = await gina.page.$('sotto-messenger >>> sotto-message-list >>> ::-p-text(better not)')
  await message?.evaluate((one) => (one.closest('[tabindex]') as HTMLElement).focus())
  await gina.page.keyboard.press('Enter')
  await gina.choose('Delete', '[role="menu"]')
  await gina.choose('Delete', 'dialog button')
  await until(async () => !(await gina.text()).includes('better not'))

  await site.run()
  // The page is told that the network is back; by itself it would wait up to a minute.
  await gina.page.evaluate(() => dispatchEvent(new Event('online')))
  await hugo.page.evaluate(() => dispatchEvent(new Event('online')))
  await hugo.shows('in a tunnel')
  await until(async () => !(await gina.text()).includes('Waiting for network'))
  await gina.write('out again')
  await hugo.shows('out again')
  const bubbles = await hugo.page.$$eval('sotto-messenger >>> [part~="bubble"]', (all) =>
    all.map((one) => (one.textContent ?? '').replace(/\s+/g, ' ').trim()),
  )
  const texts = ['there is a network', 'in a tunnel', 'better not', 'out again']
  assert.deepEqual(
    bubbles.map((bubble) => texts.find((text) => bubble.includes(text))),
    ['there is a network', 'in a tunnel', 'out again'],
  )
})
