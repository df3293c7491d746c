import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'

test('two tabs of one person show one thread, and the one that is left goes on when the leading one is closed', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const site = await DemoSite.start(context)
  const [hers, his] = [await browser.createBrowserContext(), await browser.createBrowserContext()]
  const open = async (within: typeof hers, as: string) => {
    const page = await within.newPage()
    await preparePage(page)
    await page.goto(`${site.url}/?as=${as}`)
    const [person] = await MessengerPage.all(page)
    if (person === undefined) throw new Error('nobody is there')
    return person
  }
  const hugo = await open(his, 'hugo')
  const first = await open(hers, 'gina')
  await first.startWith('hugo')
  await first.write('from the first tab')
  await hugo.shows('Wants to write to you')
  await hugo.open('Gina')
  await hugo.accept()
  await hugo.shows('from the first tab')
  const second = await open(hers, 'gina')
  await second.open('Hugo')
  await second.shows('from the first tab')
  await second.write('from the second tab')
  await first.shows('from the second tab')
  await hugo.shows('from the second tab')
  await first.page.close()
  await second.write('after the first was closed')
  await hugo.shows('after the first was closed')
  await hugo.write('seen')
  await second.shows('seen')
  const text = await hugo.text()
  for (const once of ['from the first tab', 'from the second tab', 'after the first was closed']) {
    assert.isAtMost(text.split(once).length - 1, 2, `${once}: in the thread and in the inbox at most`)
  }
})
