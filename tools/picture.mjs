// Makes docs/pictures/messenger.png: the page of `npm start` after Alice and Bob have written to each other. Run by `npm run picture`, after a build.
import { mkdirSync } from 'node:fs'
import { launch } from 'puppeteer-core'
import { DemoSite } from '../test/support/demo-site.ts'
import { MessengerPage, preparePage } from '../test/support/messenger-page.ts'
import { chromiumFlags, findBrowser } from './browsers.mjs'

const path = new URL('../docs/pictures/messenger.png', import.meta.url)
const viewport = { width: 1280, height: 720 }

const said = [
  ['alice', 'Are you coming to the market on Saturday?'],
  ['bob', 'Yes! I wanted to ask you the same.'],
  ['bob', 'At ten, by the fountain?'],
  ['alice', 'At ten. I bring the coffee.'],
  ['bob', 'Then I bring the rolls.'],
]

const endings = []
try {
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) throw new Error('there is no Chromium here: set CHROME_PATH')
  const site = await DemoSite.start({ after: (end) => endings.push(end) })
  const browser = await launch({ executablePath, args: chromiumFlags(), defaultViewport: viewport })
  endings.push(() => browser.close())
  const page = await browser.newPage()
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: 'light' },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ])
  await preparePage(page)
  await page.goto(site.url)
  const [alice, bob] = await MessengerPage.all(page)
  const people = { alice, bob }

  await alice.startWith(bob.account)
  const [[, first], ...rest] = said
  await alice.write(first)
  await bob.shows('Wants to write to you')
  await bob.open('Alice')
  await bob.accept()
  for (const [who, text] of rest) {
    await people[who].write(text)
    await alice.shows(text)
    await bob.shows(text)
  }
  // Receipts come within ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 12_000))
  await page.evaluate(() => globalThis.deepActive()?.blur())

  mkdirSync(new URL('.', path), { recursive: true })
  await page.screenshot({ path: path.pathname })
  process.stdout.write(`${path.pathname}\n`)
} finally {
  for (const end of endings.reverse()) await end()
}
