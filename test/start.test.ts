import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, test } from '#test'
import { openChromium } from './support/chromium.js'
import { DemoSite } from './support/demo-site.js'
import { MessengerPage, preparePage } from './support/messenger-page.js'
import { root } from './support/sources.js'

test('npm start on a clone of what is committed builds, prints one address, and two people write to each other there', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'sotto-start-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  execFileSync('git', ['clone', '--quiet', root, folder])
  assert.isFalse(existsSync(join(folder, 'packages/sotto/dist')))
  // Installing is what the tests themselves have begun with; here the very same files stand in for it.
  execFileSync('cp', ['-al', join(root, 'node_modules'), join(folder, 'node_modules')])
  for (const name of ['core', 'elements', 'protocol', 'relay', 'signal', 'sotto']) {
    const own = join(root, 'packages', name, 'node_modules')
    if (existsSync(own)) cpSync(own, join(folder, 'packages', name, 'node_modules'), { recursive: true })
  }
  const site = await DemoSite.start(context, { folder, command: ['npm', 'start'] })
  const page = await browser.newPage()
  await preparePage(page)
  await page.goto(site.url)
  const [alice, bob] = await MessengerPage.all(page)
  if (alice === undefined || bob === undefined) throw new Error('two people are expected')
  await alice.startWith(bob.account)
  await alice.write('Lunch?')
  await bob.shows('Wants to write to you')
  await bob.open('Alice')
  await bob.accept()
  await bob.write('At one')
  await alice.shows('At one')
})
