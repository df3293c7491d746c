import { launch, type Browser, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import type { TestContext } from './test-body.js'

/** Starts a Chromium of this test's own, gone when the test has ended; undefined, and the test skipped, where there is none. */
export async function openChromium(
  test: TestContext,
  flags: readonly string[] = [],
): Promise<Browser | undefined> {
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) {
    test.skip('there is no Chromium here')
    return undefined
  }
  const browser = await launch({ executablePath, args: [...chromiumFlags(), ...flags] })
  test.after(() => browser.close())
  return browser
}

/** What a page complains of: console output, uncaught errors, violations of its policy, dialogs. A sound page says nothing. */
export async function complaintsOf(page: Page): Promise<readonly string[]> {
  const said: string[] = []
  page.on('console', (message) => said.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => said.push(`error: ${String(error)}`))
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.exposeFunction('complain', (text: string) => said.push(text))
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { complain } = globalThis as unknown as { complain(text: string): void }
      complain(`violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  return said
}
