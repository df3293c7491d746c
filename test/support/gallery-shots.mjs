// Takes pictures of the gallery: node test/support/gallery-shots.mjs [folder] [part of a name]
import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'

const [folder = '/tmp/shots', wanted = ''] = process.argv.slice(2)
const sizes = { wide: { width: 1100, height: 720 }, narrow: { width: 390, height: 760 } }
const variants = { light: '', dark: '&dark', de: '&lang=de', rtl: '&dir=rtl' }

const here = (name) => new URL(name, import.meta.url)
const bundle = await build({
  entryPoints: [here('./gallery.ts').pathname],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  conditions: ['@sotto/source', 'browser', 'production'],
  define: { 'process.env.NODE_ENV': '"production"' },
  tsconfig: here('../../tsconfig.base.json').pathname,
})
const files = {
  '/gallery.html': ['text/html', await readFile(here('./gallery.html'))],
  '/gallery.ts': ['text/javascript', bundle.outputFiles[0].contents],
}
const server = createServer(({ url }, response) => {
  const [type, body] = files[new URL(url, 'http://localhost').pathname] ?? ['text/plain', '']
  response.writeHead(200, { 'content-type': type }).end(body)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const page = `http://127.0.0.1:${server.address().port}/gallery.html`

const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-prefers-reduced-motion'],
})
try {
  await mkdir(folder, { recursive: true })
  const tab = await browser.newPage()
  tab.on('console', (message) => console.log('console:', message.text()))
  tab.on('pageerror', (error) => console.log('error:', error.message))
  await tab.goto(page)
  const scenes = await tab.evaluate(() => globalThis.scenes)
  for (const scene of scenes) {
    for (const [variant, query] of Object.entries(variants)) {
      for (const [size, viewport] of Object.entries(sizes)) {
        const name = `${scene}-${size}-${variant}`
        if (!name.includes(wanted)) continue
        await tab.setViewport(viewport)
        await tab.goto(`${page}?scene=${scene}${query}`)
        // Until the scene stands still: a scene says when by this attribute.
        await tab.waitForSelector('html[data-ready]')
        if (process.env.PROBE) console.log(name, await tab.evaluate(process.env.PROBE))
        await tab.screenshot({ path: `${folder}/${name}.png` })
      }
    }
  }
} finally {
  await browser.close()
  server.close()
}
