import type { Page } from 'puppeteer-core'
import { assert, test, type TestContext } from '#test'
import { complaintsOf, openChromium } from './support/chromium.js'
import { serveSite } from './support/site.js'

const page = (body: string, script = '/sotto/sotto.js') => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>site</title>
    <link rel="icon" href="data:," />
    <script type="module" src="${script}"></script>
  </head>
  <body>${body}</body>
</html>`

const pages = {
  '/': page(
    '<sotto-messenger account="alice" relay="http://127.0.0.1:9" token-url="/token"></sotto-messenger>',
  ),
  '/parts': page(
    '<sotto-provider><sotto-inbox></sotto-inbox><sotto-thread with="bob"></sotto-thread></sotto-provider>',
  ),
  '/twice': page(
    '<sotto-messenger></sotto-messenger><script type="module" src="/sotto/sotto.js?again"></script>',
  ),
  '/forbidden': page('<p></p>', '/forbidden.js'),
  '/forbidden.js': "document.querySelector('p').innerHTML = '<b>bold</b>'",
}

async function open(
  test: TestContext,
  path: string,
): Promise<{ page: Page; said: readonly string[] } | undefined> {
  const browser = await openChromium(test)
  if (browser === undefined) return undefined
  const page = await browser.newPage()
  const said = await complaintsOf(page)
  await page.goto((await serveSite(test, pages)) + path, { waitUntil: 'networkidle0' })
  return { page, said }
}

/** Whether an element is defined and has come to life. */
function isAlive(page: Page, name: string): Promise<boolean> {
  return page.evaluate((selector) => Boolean(document.querySelector(selector)?.shadowRoot), name)
}

// There is no relay at that address, and the browser says so.
const isExpected = (said: string) => said.startsWith('console error: Failed to load resource')

for (const [path, names] of [
  ['/', ['sotto-messenger']],
  ['/parts', ['sotto-provider', 'sotto-inbox', 'sotto-thread']],
  ['/twice', ['sotto-messenger']],
] as const) {
  test(`under the strict policy ${path} brings to life ${names.join(', ')}, and nothing is refused`, async (context) => {
    const opened = await open(context, path)
    if (opened === undefined) return
    for (const name of names) assert.isTrue(await isAlive(opened.page, name), name)
    assert.deepEqual(
      opened.said.filter((line) => !isExpected(line)),
      [],
    )
  })
}

test('the strict policy is in force: markup made of a string is refused', async (context) => {
  const opened = await open(context, '/forbidden')
  if (opened === undefined) return
  assert.match(opened.said.join('\n'), /violation: require-trusted-types-for/)
  assert.equal(await opened.page.$eval('p', (p) => p.childElementCount), 0)
})
