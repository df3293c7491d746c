// Takes pictures of the gallery: node test/support/gallery-shots.mjs [folder] [part of a name]
import { mkdir } from 'node:fs/promises'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import { serveGallery } from './gallery-server.mjs'

const [folder = '/tmp/shots', wanted = ''] = process.argv.slice(2)
const sizes = {
  wide: { width: 1100, height: 720 },
  narrow: { width: 390, height: 760 },
  small: { width: 320, height: 568 },
  low: { width: 667, height: 320 },
}
const variants = { light: '', dark: '&dark', de: '&lang=de', rtl: '&dir=rtl' }

const { address, stop } = await serveGallery()
const browser = await puppeteer.launch({
  executablePath: findBrowser('chromium'),
  args: [...chromiumFlags(), '--force-prefers-reduced-motion'],
})
try {
  await mkdir(folder, { recursive: true })
  const tab = await browser.newPage()
  tab.on('console', (message) => console.log('console:', message.text()))
  tab.on('pageerror', (error) => console.log('error:', error.message))
  await tab.goto(address)
  const scenes = await tab.evaluate(() => globalThis.scenes)
  for (const scene of scenes) {
    for (const [variant, query] of Object.entries(variants)) {
      for (const [size, viewport] of Object.entries(sizes)) {
        const name = `${scene}-${size}-${variant}`
        if (!name.includes(wanted)) continue
        await tab.setViewport(viewport)
        await tab.goto(`${address}?scene=${scene}${query}`)
        // A scene says by this attribute that it stands still.
        await tab.waitForSelector('html[data-ready]')
        await tab.screenshot({ path: `${folder}/${name}.png` })
      }
    }
  }
} finally {
  await browser.close()
  await stop()
}
