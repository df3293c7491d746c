import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { launch } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** The policy under which everything of ours runs. */
const policy = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html sotto 'allow-duplicates'",
].join('; ')

/**
 * Serves a folder under the strict policy, opens its index.html in Chromium, and resolves with what `read`, which runs in the page, returns, and
 * with all that the page complained of: errors, console output, violations of the policy, requests that failed.
 */
export async function openPage<T>(
  folder: string,
  read: () => Promise<T>,
): Promise<{ result: T; complaints: string[] }> {
  const complaints: string[] = []
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    const file = join(folder, path === '/' ? 'index.html' : path)
    response.setHeader('content-security-policy', policy)
    readFile(file).then(
      (bytes) => response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(bytes),
      () => response.writeHead(path === '/favicon.ico' ? 204 : 404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) throw new Error('there is no chromium: set CHROME_PATH')
  const browser = await launch({ executablePath, args: chromiumFlags(), protocolTimeout: 30_000 })
  try {
    const page = await browser.newPage()
    page.on('console', (message) => complaints.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(`error: ${String(error)}`))
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
    page.on(
      'response',
      (one) => void (one.status() >= 400 && complaints.push(`${one.status()}: ${one.url()}`)),
    )
    await page.evaluateOnNewDocument(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`violation of ${violatedDirective}: ${blockedURI}`)
      })
    })
    const { port } = server.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'load' })
    return { result: await page.evaluate(read), complaints }
  } finally {
    await browser.close()
    server.close()
    server.closeAllConnections()
  }
}
