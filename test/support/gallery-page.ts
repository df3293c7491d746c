import { launch, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import { serveGallery } from './gallery-server.mjs'
import type { TestContext } from './test-body.js'

/** Opens the gallery in Chromium, under the strict policy. What the page says or refuses is collected in `said`. */
export async function openGallery(
  context: TestContext,
): Promise<{ readonly page: Page; readonly address: string; readonly said: string[] } | undefined> {
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) {
    context.skip('there is no Chromium')
    return undefined
  }
  const { address, stop } = await serveGallery()
  context.after(stop)
  const browser = await launch({ executablePath, args: chromiumFlags() })
  context.after(() => browser.close())
  const page = await browser.newPage()
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  return { page, address, said }
}
