import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import { assert, test } from '#test'
import { DemoSite, readFolder } from '../support/demo-site.js'
import { spellingsOf } from '../support/spellings.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

const names = ['zephyrine.quaxl', 'bartolo.ixtlan'] as const
const texts = ['canary-7c1f: the attic at nine', 'canary-8d2e: bring the ladder, Ångström'] as const
/** Written by the page itself, as a site might: what the search has to find. */
const planted = { narrow: 'planted-4b9a by the site', wide: 'planted-5ca0 ≠ by the site' }

/** A person in a browser of their own. The page they are on, and its address, know nothing of them. */
class Profile {
  readonly folder: string
  readonly page: Page
  readonly #close: () => Promise<void>

  private constructor(folder: string, page: Page, close: () => Promise<void>) {
    this.folder = folder
    this.page = page
    this.#close = close
  }

  static async open(context: TestContext, site: DemoSite, account: string): Promise<Profile> {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-profile-'))
    const executablePath = findBrowser('chromium')
    if (executablePath === undefined) throw new Error('no Chromium')
    const browser = await launch({ executablePath, args: chromiumFlags(), userDataDir: folder })
    context.after(async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    const page = await browser.newPage()
    await page.exposeFunction('siteToken', async () =>
      (await fetch(`${site.url}/api/sotto-token?account=${account}`)).text(),
    )
    await page.goto(`${site.url}/page.css`)
    const profile = new Profile(folder, page, () => browser.close())
    await profile.do(`
      const { connect } = await import('/vendor/sotto/sotto.js')
      const { relay } = await (await fetch('/api/me')).json()
      globalThis.client = await connect({ account: '${account}', relay, token: siteToken })
      client.call.subscribe((call) => { if (call !== undefined) globalThis.last = call })`)
    await profile.until(`client.state.value.name === 'online'`)
    return profile
  }

  do<T>(script: string): Promise<T> {
    return this.page.evaluate(`(async () => { ${script} })()`) as Promise<T>
  }

  until(expression: string): Promise<void> {
    return until(() => this.do<boolean>(`return ${expression}`))
  }

  /** All files that the browser leaves behind. */
  async left(): Promise<string> {
    await this.#close()
    return readFolder(this.folder)
  }
}

test('E01: after messages and calls the browser’s profile holds no text and no name, in any spelling, neither of messages nor of records of calls; the control: what a page stores itself is found', async (context) => {
  if (findBrowser('chromium') === undefined) return context.skip('there is no Chromium here')
  const site = await DemoSite.start(context)
  const [one, other] = [
    await Profile.open(context, site, names[0]),
    await Profile.open(context, site, names[1]),
  ]
  await one.do(`await client.conversation('${names[1]}').send(${JSON.stringify(texts[0])})`)
  await other.until('client.conversations.value.length > 0')
  await other.do(`await client.conversation('${names[0]}').accept()`)
  await other.do(`await client.conversation('${names[0]}').send(${JSON.stringify(texts[1])})`)
  await one.until(`client.conversations.value[0]?.last?.text === ${JSON.stringify(texts[1])}`)

  for (const [from, to, called] of [
    [one, other, names[1]],
    [other, one, names[0]],
  ] as const) {
    const gone = 'client.call.value === undefined'
    await Promise.all([from.until(gone), to.until(gone)])
    await from.do(`await client.placeCall('${called}', { direct: true })`)
    await to.until(`client.call.value?.state.value.phase === 'rung'`)
    if (from === one) {
      await to.do('await last.answer({ direct: true })')
      for (const side of [one, other]) await side.until(`last.state.value.phase === 'connected'`)
      await from.do('await last.hangUp()')
    } else await to.do('await last.decline()')
    for (const side of [one, other]) await side.until(`last.state.value.phase === 'over'`)
  }
  for (const side of [one, other]) {
    await side.do(`client.callHistory.subscribe((state) => { globalThis.records = state.records })`)
    await side.until('globalThis.records?.length === 2')
    await side.do(`
      localStorage.setItem('narrow', ${JSON.stringify(planted.narrow)})
      localStorage.setItem('wide', ${JSON.stringify(planted.wide)})
      localStorage.setItem('base64', btoa('x' + ${JSON.stringify(planted.narrow)}))
      await new Promise((resolve, reject) => {
        const opening = indexedDB.open('planted')
        opening.onupgradeneeded = () => opening.result.createObjectStore('planted')
        opening.onerror = reject
        opening.onsuccess = () => {
          const writing = opening.result.transaction('planted', 'readwrite')
          writing.objectStore('planted').put({ account: 'indexed-${planted.narrow}' }, 1)
          writing.oncomplete = resolve
        }
      })
      await client.close()`)
  }

  for (const side of [one, other]) {
    const left = await side.left()
    const holds = (spelled: string) => left.includes(spelled)
    const [narrow = '', ...rest] = spellingsOf(planted.narrow)
    assert.isTrue(holds(narrow) && holds(`indexed-${planted.narrow}`), 'what was stored as it is')
    assert.isTrue(rest.some(holds), 'what was stored in base64')
    assert.isTrue(spellingsOf(planted.wide).some(holds), 'what was stored in UTF-16')
    // A call's row says with whom it was: by the names in it the records would show too.
    for (const secret of [...names, ...texts])
      for (const spelled of spellingsOf(secret))
        assert.isFalse(holds(spelled), `${secret} in the profile, as ${spelled}`)
  }
})
