import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, type Page } from 'puppeteer-core'
import { assert, test } from '#test'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import { complaintsOf, openChromium } from '../support/chromium.js'
import { DemoSite, readFolder } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'

const canary = 'canary-7d21-lunch'
const answer = 'canary-90be-yes'

async function openPage(page: Page, url: string) {
  await preparePage(page)
  await page.goto(url)
  return MessengerPage.all(page)
}

test('Alice and Bob write to each other on the page of npm start, by keyboard, and both see it after a reload and a restart', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const site = await DemoSite.start(context)
  const page = await browser.newPage()
  const said = await complaintsOf(page)
  const [alice, bob] = await openPage(page, site.url)
  if (alice === undefined || bob === undefined) throw new Error('two people are expected')
  await alice.startWith(bob.account)
  await alice.write('Lunch?')
  await bob.shows('Wants to write to you')
  await bob.open('Alice')
  await bob.shows('Lunch?')
  await bob.accept()
  await bob.write('At one')
  await alice.shows('At one')
  await page.reload()
  await alice.open('Bob')
  await alice.shows('At one')
  await bob.open('Alice')
  await bob.shows('Lunch?')
  assert.deepEqual(said, [])
  await site.stop('SIGKILL')
  await alice.write('while it was away')
  await alice.shows('while it was away')
  await site.run()
  await bob.shows('while it was away')
})

test('two people in two browsers: what they write is nowhere in the relay’s files and logs, on the wire, or in a profile', async (context) => {
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) return context.skip('there is no Chromium here')
  const site = await DemoSite.start(context)
  const profiles = ['carol', 'dave'].map((name) => ({
    name,
    folder: mkdtempSync(join(tmpdir(), `sotto-${name}-`)),
  }))
  const wire: string[] = []
  const people: MessengerPage[] = []
  const browsers = []
  for (const { name, folder } of profiles) {
    const browser = await launch({ executablePath, args: chromiumFlags(), userDataDir: folder })
    browsers.push(browser)
    context.after(async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const page = await browser.newPage()
    const session = await page.createCDPSession()
    await session.send('Network.enable')
    for (const kind of ['Network.webSocketFrameSent', 'Network.webSocketFrameReceived'] as const) {
      session.on(kind, ({ response }) =>
        wire.push(Buffer.from(response.payloadData, 'base64').toString('latin1')),
      )
    }
    session.on('Network.webSocketCreated', ({ url }) => wire.push(url))
    page.on(
      'request',
      (request) => void request.fetchPostData().then((body) => wire.push(`${request.url()} ${body ?? ''}`)),
    )
    const [person] = await openPage(page, `${site.url}/?as=${name}`)
    if (person !== undefined) people.push(person)
  }
  const [carol, dave] = people
  if (carol === undefined || dave === undefined) throw new Error('two people are expected')
  await carol.startWith('dave')
  await carol.write(canary)
  await dave.open('Carol')
  await dave.shows(canary)
  await dave.accept()
  await dave.write(answer)
  await carol.shows(answer)
  for (const browser of browsers) await browser.close()
  await site.stop('SIGTERM')
  const places = {
    wire: wire.join('\n'),
    relay: site.files(),
    logs: site.printed,
    carol: readFolder(profiles[0]?.folder ?? ''),
    dave: readFolder(profiles[1]?.folder ?? ''),
  }
  // Control: what is not secret is found in the very places that are searched.
  assert.match(places.wire, /^ws:.*socket$/m)
  assert.isTrue(
    wire.some((frame) => !frame.includes('http') && frame.includes('carol') && frame.includes('dave')),
  )
  assert.include(places.relay, 'carol')
  assert.include(places.carol, 'localhost')
  for (const [place, text] of Object.entries(places)) {
    for (const secret of [canary, answer]) {
      const wide = [...secret].join('\0')
      assert.isFalse(text.includes(secret) || text.includes(wide), `${secret} in ${place}`)
    }
  }
})

test('a browser without keys says that the account is set up on another device, and starts nothing', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const site = await DemoSite.start(context)
  const [first] = await openPage(
    await (await browser.createBrowserContext()).newPage(),
    `${site.url}/?as=erin`,
  )
  await first?.shows('No messages yet')
  await first?.find('button', 'New message')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const [second] = await openPage(
    await (await browser.createBrowserContext()).newPage(),
    `${site.url}/?as=erin`,
  )
  await second?.shows('another device')
})
