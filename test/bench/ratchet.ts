import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'
import { contest, type Contest } from './ratchet-contest.js'

/**
 * Ours beside the library as shipped, measured in one run. Milliseconds are medians of the rounds; `ratio` is
 * how many times faster ours is.
 */
export interface Row {
  readonly what: string
  readonly where: 'chromium' | 'node'
  readonly oursMs: number
  readonly libraryMs: number
  readonly ratio: number
  readonly raw: Pick<Contest, 'ours' | 'library'>
}

export async function run(): Promise<readonly Row[]> {
  return [...rowsOf('chromium', await inChromium()), ...rowsOf('node', await contest())]
}

function rowsOf(where: Row['where'], contests: readonly Contest[]): readonly Row[] {
  return contests.map(({ what, ours, library }) => {
    const [oursMs, libraryMs] = [median(ours), median(library)]
    return { what, where, oursMs, libraryMs, ratio: libraryMs / oursMs, raw: { ours, library } }
  })
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

/**
 * Both are bundled from their sources into one page, which is served from this machine: X25519 needs a secure
 * context.
 */
async function inChromium(): Promise<readonly Contest[]> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./ratchet-contest.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'ratchet',
    conditions: ['@sotto/source'],
    external: ['fs', 'path'],
    logLevel: 'silent',
    minify: true,
  })
  const script = outputFiles[0]?.text ?? ''
  const server = createServer((request, response) => {
    const isScript = request.url === '/ratchet.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><script src="/ratchet.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await puppeteer.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
    protocolTimeout: 600_000,
  })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return (await page.evaluate('ratchet.contest()')) as readonly Contest[]
  } finally {
    await browser.close()
    server.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, where, oursMs, libraryMs, ratio } of await run()) {
    console.log(
      `${where}: ${what}: ours ${oursMs.toFixed(2)} ms, library ${libraryMs.toFixed(2)} ms, ${ratio.toFixed(1)}×`,
    )
  }
}
