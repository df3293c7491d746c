// Takes a picture of every scene of the gallery: node test/support/gallery-shots.mjs [folder] [part of a name]
import { mkdir } from 'node:fs/promises'
import { startDevServer } from '@web/dev-server'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import puppeteer from 'puppeteer-core'

const [folder = '/tmp/shots', wanted = ''] = process.argv.slice(2)
const sizes = { wide: { width: 1100, height: 720 }, narrow: { width: 390, height: 760 } }
const scenes =
  'chat unread written inbox inbox-empty loading connecting error no-connect wrong-attribute offline changed verified request blocked elsewhere removed stopped new-conversation long days safety safety-verified menu message-menu new-message new-message-wrong search-nothing not-stored many'.split(
    ' ',
  )
const variants = { light: '', dark: '&dark', de: '&lang=de', rtl: '&dir=rtl' }

const server = await startDevServer({
  readCliArgs: false,
  readFileConfig: false,
  logStartMessage: false,
  config: {
    rootDir: process.cwd(),
    port: 0,
    hostname: '127.0.0.1',
    watch: false,
    nodeResolve: { exportConditions: ['@sotto/source', 'browser', 'production'] },
    plugins: [esbuildPlugin({ ts: true, target: 'es2022', tsconfig: 'tsconfig.base.json' })],
  },
})
const port = server.server.address().port
const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-prefers-reduced-motion'],
})
try {
  await mkdir(folder, { recursive: true })
  const page = await browser.newPage()
  page.on('console', (message) => console.log('console:', message.text()))
  page.on('pageerror', (error) => console.log('error:', error.message))
  for (const scene of scenes) {
    for (const [variant, query] of Object.entries(variants)) {
      for (const [size, viewport] of Object.entries(sizes)) {
        const name = `${scene}-${size}-${variant}`
        if (!name.includes(wanted)) continue
        await page.setViewport(viewport)
        await page.goto(`http://127.0.0.1:${port}/test/support/gallery.html?scene=${scene}${query}`)
        await new Promise((resolve) => setTimeout(resolve, scene.includes('wrong') ? 1200 : 700))
        if (scene === 'offline') await new Promise((resolve) => setTimeout(resolve, 900))
        await page.screenshot({ path: `${folder}/${name}.png` })
      }
    }
  }
} finally {
  await browser.close()
  await server.stop()
}
