import type { Page } from 'puppeteer-core'
import { test, assert } from '#test'
import { openGallery } from '../support/gallery-page.js'

/** What can be pressed on the page and is smaller than a finger, and headers whose words do not fit. A link within a text is as high as its line. */
const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const found = []
    const look = (root) => {
      for (const one of root.querySelectorAll('*')) {
        if (one.shadowRoot !== null) look(one.shadowRoot)
        const { width, height } = one.getBoundingClientRect()
        if (width === 0 || !one.checkVisibility({ visibilityProperty: true })) continue
        const pressed = one.matches('button, input, textarea, [role=menuitem]')
        if (pressed && (width < 43.5 || height < 43.5))
          found.push(one.className + ' ' + (one.ariaLabel ?? one.textContent.trim()) + ' ' + width + ' x ' + height)
        if (one.matches('[part=subtitle]') && height > 20) found.push('a subtitle of several lines')
      }
    }
    look(document)
    return found
  })()`) as Promise<string[]>

test('everything that is pressed is large enough for a finger', async (context) => {
  const gallery = await openGallery(context)
  if (gallery === undefined) return
  const { page, address } = gallery
  await page.setViewport({ width: 390, height: 760, hasTouch: true, isMobile: true })
  await page.goto(address)
  const scenes = (await page.evaluate('scenes')) as string[]
  const found: string[] = []
  for (const scene of scenes) {
    await page.goto(`${address}?scene=${scene}`)
    await page.waitForSelector('html[data-ready]')
    for (const one of await tooSmall(page)) found.push(`${scene}: ${one}`)
  }
  assert.deepEqual(found, [])
})
