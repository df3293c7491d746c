import type { Browser, BrowserContext, Page } from 'puppeteer-core'
import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

/** How much the site may keep in a person's browser; all that there is without a number. */
async function setQuota(page: Page, quotaSize?: number): Promise<void> {
  const session = await page.createCDPSession()
  const { origin } = new URL(page.url())
  await session.send('Storage.overrideQuotaForOrigin', {
    origin,
    ...(quotaSize === undefined ? {} : { quotaSize }),
  })
}

async function open(within: BrowserContext, site: DemoSite, account: string): Promise<MessengerPage> {
  const page = await within.newPage()
  await preparePage(page)
  await page.goto(`${site.url}/?as=${account}`)
  const [person] = await MessengerPage.all(page)
  if (person === undefined) throw new Error('nobody is there')
  return person
}

/** What stands in the field where she writes. */
const written = (person: MessengerPage): Promise<string> =>
  person.find('textbox').then((field) => field.evaluate((element) => (element as HTMLTextAreaElement).value))

/** Gina and Hugo, each in a browser profile of their own, have written to each other. */
async function acquainted(context: TestContext, browser: Browser) {
  const site = await DemoSite.start(context)
  const hers = await browser.createBrowserContext()
  const hugo = await open(await browser.createBrowserContext(), site, 'hugo')
  const gina = await open(hers, site, 'gina')
  await gina.startWith('hugo')
  await gina.write('while there is room')
  await hugo.shows('Wants to write to you')
  await hugo.open('Gina')
  await hugo.accept()
  await hugo.shows('while there is room')
  return { site, hers, gina, hugo }
}

/** Chromium believes for some time in the room that it saw last: one writes until there is none. */
async function writeUntilRefused(person: MessengerPage) {
  const taken: string[] = []
  for (let i = 0; ; i++) {
    const text = `filling ${i}.`
    await person.write(text)
    const isTaken = async () => (await person.text()).includes(text) && (await written(person)) === ''
    const isRefused = async () => (await person.text()).includes('This browser has no space left')
    await until(async () => (await isRefused()) || (await isTaken()))
    await new Promise((resolve) => setTimeout(resolve, 3000))
    if (await isRefused()) return { taken, refused: text }
    taken.push(text)
  }
}

test('E06 a browser without room: what is written stays in the field and is not sent, what comes stays with the relay, history can be read', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const { site, hers, gina, hugo } = await acquainted(context, browser)
  await setQuota(gina.page, 1)
  const { taken, refused } = await writeUntilRefused(gina)
  const last = taken.at(-1) ?? 'while there is room'
  assert.equal(await written(gina), refused)
  assert.notInclude(await hugo.text(), refused)
  await hugo.write('does this reach you?')

  // A page that is opened now shows what is there, and says why it does not go on.
  const again = await open(hers, site, 'gina')
  await again.open('Hugo')
  await again.shows(last)
  await again.shows('Look whether there is space left')
  assert.notInclude(await again.text(), 'does this reach you?')

  // With room, and a page that is opened anew, it goes on: the same device, and nothing is lost.
  await setQuota(gina.page)
  await again.page.close()
  await gina.page.close()
  const healed = await open(hers, site, 'gina')
  await healed.open('Hugo')
  await healed.shows('does this reach you?')
  await healed.write('now there is')
  await hugo.shows('now there is')
  await hugo.shows(last)
  const text = await hugo.text()
  assert.notInclude(text, refused)
  assert.notMatch(text, /safety number/i)
})
