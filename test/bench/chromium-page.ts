import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { launch } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'

/**
 * What `expression` comes to in a page of Chromium, where `bench` is what the module `name` of this folder exports. It is bundled from the sources
 * and served from this machine: X25519 needs a secure context.
 */
export async function inChromium<T>(name: string, expression: string): Promise<T> {
  const script = await bundleOf(name)
  const server = createServer((request, response) => {
    const isScript = request.url === '/bench.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><script src="/bench.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) throw new Error('there is no chromium: set CHROME_PATH')
  const browser = await launch({ executablePath, args: chromiumFlags(), protocolTimeout: 1_800_000 })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return (await page.evaluate(expression)) as T
  } finally {
    await browser.close()
    server.close()
  }
}

async function bundleOf(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bench',
    conditions: ['@sotto/source'],
    external: ['fs', 'path'],
    logLevel: 'silent',
    minify: true,
  })
  return outputFiles[0]?.text ?? ''
}
