import type { Page } from 'puppeteer-core'
import { test, assert } from '#test'
import { openGallery } from '../support/gallery-page.js'

const tags = [
  'sotto-messenger',
  'sotto-inbox',
  'sotto-thread',
  'sotto-message-list',
  'sotto-composer',
  'sotto-safety',
  'sotto-call',
  'sotto-calls',
  'sotto-device-check',
]

/** How many elements of each tag are alive, after everything that can be collected was. */
async function alive(page: Page): Promise<number[]> {
  const session = await page.createCDPSession()
  await session.send('HeapProfiler.collectGarbage')
  const counts: number[] = []
  for (const tag of tags) {
    const prototype = await page.evaluateHandle((name) => customElements.get(name)?.prototype as object, tag)
    const found = await page.queryObjects(prototype)
    counts.push(await found.evaluate((all) => (all as unknown as unknown[]).length))
    await found.dispose()
    await prototype.dispose()
  }
  await session.detach()
  return counts
}

test('lets go of everything when it is mounted and unmounted ten times', async (context) => {
  const gallery = await openGallery(context)
  if (gallery === undefined) return
  const { page, address, said } = gallery
  await page.goto(`${address}?scene=thread`)
  await page.waitForSelector('html[data-ready]')
  const before = await alive(page)
  assert.deepEqual(before, [0, 0, 1, 1, 1, 0, 0, 0, 0], 'the thread that is shown, and what stands in it')
  for (const scene of [
    'chat',
    'safety',
    'message-menu',
    'inbox',
    'offline',
    'ring',
    'call-video',
    'call-bar',
    'calls',
    'check',
  ]) {
    for (let i = 0; i < 10; i++) {
      await page.evaluate(async (name) => {
        const element = await (globalThis as unknown as Gallery).showScene(name)
        element.remove()
        await new Promise((resolve) => setTimeout(resolve))
      }, scene)
    }
  }
  assert.deepEqual(await alive(page), before, tags.join(' '))
  const listeners = await page.evaluate(() => (globalThis as unknown as Gallery).listening())
  assert.deepEqual(listeners, 1, 'conversations that are still listened to: the one that is shown')
  assert.deepEqual(said, [])
})

interface Gallery {
  showScene(name: string): Promise<{ remove(): void }>
  listening(): number
}
