import { test, assert } from '#test'
import { openGallery } from '../support/gallery-page.js'

test('shows every scene under the strict policy, and says nothing', async (context) => {
  const gallery = await openGallery(context)
  if (gallery === undefined) return
  const { page, address, said } = gallery
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) => {
      console.error(`refused by ${violatedDirective}: ${sourceFile}`)
    })
  })
  await page.goto(address)
  const scenes = await page.evaluate(() => (globalThis as unknown as { scenes: string[] }).scenes)
  assert.isAbove(scenes.length, 30)
  for (const scene of scenes) {
    await page.goto(`${address}?scene=${scene}`)
    await page.waitForSelector('html[data-ready]')
  }
  assert.deepEqual(said, [])
  // Nothing a message says is ever loaded, and nothing else from elsewhere.
  const { origin } = new URL(address)
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(origin) && !url.startsWith('data:')),
    [],
  )
})
