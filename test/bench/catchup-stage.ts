import { createServer, type Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSignalCipher } from '@sotto/signal'
import { build } from 'esbuild'
import { launch, type Browser, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import { RelayProcess } from '../support/relay-process.js'
import { Site } from '../support/signing-site.js'
import { until } from '../support/until.js'
import type { CatchUp } from './catchup-page.js'
import { WritingDevice } from './writing-device.js'
import { MatrixWriter, type PublishedKeys } from './matrix-device.js'

const peers = fileURLToPath(new URL('./node_modules/', import.meta.url))

interface Parts {
  readonly server: Server
  readonly relay: RelayProcess
  readonly browser: Browser
  readonly page: Page
  readonly writers: readonly WritingDevice[]
  readonly matrixWriters: readonly MatrixWriter[]
}

/** A relay, a Chromium whose page is the reader, and who writes to it: clients of ours in this process, and machines of the Matrix SDK. */
export class CatchUpStage {
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  static async open(folder: string, count: number): Promise<CatchUpStage> {
    const site = new Site()
    const server = await servePage()
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const relay = new RelayProcess([], {
      SOTTO_REALM: site.realm,
      SOTTO_TOKEN_SECRET: site.secret,
      SOTTO_ALLOWED_ORIGINS: origin,
      SOTTO_DATABASE: join(folder, 'relay.sqlite'),
      SOTTO_LOG: '0',
      PORT: '0',
    })
    const executablePath = findBrowser('chromium')
    if (executablePath === undefined) throw new Error('there is no chromium: set CHROME_PATH')
    const browser = await launch({ executablePath, args: chromiumFlags(), protocolTimeout: 600_000 })
    try {
      const url = await relay.url()
      const page = await browser.newPage()
      page.on('pageerror', (error) => console.error(error))
      await page.exposeFunction('siteToken', () => site.token('reader'))
      await page.goto(origin)
      const names = Array.from({ length: count }, (_, i) => `writer-${i}`)
      const writers = await ourWriters(url, site, page, names)
      const matrixWriters = await startMatrix(page, count)
      return new CatchUpStage({ server, relay, browser, page, writers, matrixWriters })
    } catch (error) {
      await browser.close()
      server.close()
      await relay.stop()
      throw error
    }
  }

  /** Every writer writes `each` messages to a reader who is away, and waits until the relay has them; then the reader comes. */
  async ours(round: number, each: number): Promise<CatchUp> {
    const { page, writers } = this.#parts
    const before = (await page.evaluate('ours.unread()')) as number
    await page.evaluate('ours.close()')
    await Promise.all(writers.map((writer) => writer.write(textsOf(round, each))))
    const caughtUp = (await page.evaluate(`ours.catchUp(${before}, ${each * writers.length})`)) as CatchUp
    for (const { account } of writers.map((writer) => writer.own.address)) {
      const texts = (await page.evaluate(`ours.texts('${account}')`)) as readonly string[]
      if (texts.slice(-each).join() !== textsOf(round, each).join())
        throw new Error(`${account}: not what was written`)
    }
    return caughtUp
  }

  async matrix(round: number, each: number): Promise<CatchUp> {
    const { page, matrixWriters } = this.#parts
    const events: object[] = []
    // In turns, as our relay has them.
    for (const text of textsOf(round, each))
      for (const writer of matrixWriters) events.push(await writer.write(text))
    await page.evaluate(`globalThis.events = ${JSON.stringify(events)}`)
    return (await page.evaluate('catchup.matrixCatchUp(matrix, events)')) as CatchUp
  }

  async close(): Promise<void> {
    const { server, relay, browser, writers } = this.#parts
    for (const writer of writers) writer.close()
    await browser.close()
    server.close()
    await relay.stop()
  }
}

const textsOf = (round: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `Message ${i} of round ${round}, as long as a line.`)

/** Devices that have written to the reader once and were answered. */
async function ourWriters(
  url: string,
  site: Site,
  page: Page,
  names: readonly string[],
): Promise<readonly WritingDevice[]> {
  await page.evaluate(
    `globalThis.ours = new catchup.OurReader('${url}', siteToken, ${JSON.stringify(names)}); ours.start()`,
  )
  const cipher = await createSignalCipher()
  const writers: WritingDevice[] = []
  for (const account of names)
    writers.push(await WritingDevice.start(cipher, { url, site }, { account, reader: 'reader' }))
  await page.evaluate('ours.accept()')
  await until(() => writers.every(({ heard }) => heard > 0))
  return writers
}

async function startMatrix(page: Page, count: number): Promise<readonly MatrixWriter[]> {
  await page.evaluate(`catchup.matrixReader().then((reader) => { globalThis.matrix = reader })`)
  const to = (await page.evaluate('matrix.publish()')) as PublishedKeys
  const started = []
  for (let i = 0; i < count; i++) started.push(await MatrixWriter.start(`@writer-${i}:example.com`, to, i))
  await page.evaluate(`matrix.learn(${JSON.stringify(started.map(({ keys }) => keys))})`)
  for (const { writer, keys } of started) {
    await page.evaluate(`matrix.take(${JSON.stringify([await writer.write('hello')])})`)
    await writer.hear((await page.evaluate(`matrix.answer(${JSON.stringify(keys)})`)) as object)
  }
  await page.evaluate('matrix.close()')
  return started.map(({ writer }) => writer)
}

/** Both are bundled from their sources into one page, which is served from this machine. */
async function servePage(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./catchup-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['@sotto/source'],
    external: ['fs', 'path'],
    logLevel: 'error',
    minify: true,
  })
  const html = `<!doctype html><script type="module">import * as catchup from '/catchup.js'; globalThis.catchup = catchup</script>`
  const script = outputFiles[0]?.text ?? ''
  const wasm = await readFile(`${peers}@matrix-org/matrix-sdk-crypto-wasm/pkg/matrix_sdk_crypto_wasm_bg.wasm`)
  const served: Readonly<Record<string, readonly [string, string | Buffer]>> = {
    '/': ['text/html; charset=utf-8', html],
    '/catchup.js': ['text/javascript; charset=utf-8', script],
    '/pkg/matrix_sdk_crypto_wasm_bg.wasm': ['application/wasm', wasm],
  }
  const server = createServer((request, response) => {
    const found = served[request.url ?? '']
    if (found === undefined) return void response.writeHead(404).end()
    response.setHeader('content-type', found[0])
    response.end(found[1])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
