import { createServer, type Server } from 'node:http'
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
import type { Account, Start } from './start-page.js'
import { WritingDevice } from './writing-device.js'

/** A relay, a profile of Chromium in which an account has a long thread, and browsers that are started on it. */
export class StartStage {
  readonly #site = new Site()
  readonly #profile: string
  readonly #server: Server
  readonly #relay: RelayProcess
  readonly #account: Account

  private constructor(profile: string, server: Server, relay: RelayProcess, url: string) {
    this.#profile = profile
    this.#server = server
    this.#relay = relay
    this.#account = { relay: url, account: 'reader', realm: this.#site.realm, writer: 'writer' }
  }

  static async open(folder: string, count: number): Promise<StartStage> {
    const server = await servePage()
    const site = new Site()
    const relay = new RelayProcess([], {
      SOTTO_REALM: site.realm,
      SOTTO_TOKEN_SECRET: site.secret,
      SOTTO_ALLOWED_ORIGINS: originOf(server),
      SOTTO_DATABASE: join(folder, 'relay.sqlite'),
      SOTTO_LOG: '0',
      PORT: '0',
    })
    const stage = new StartStage(join(folder, 'profile'), server, relay, await relay.url())
    await stage.#fill(count).catch(async (error: unknown) => {
      await stage.close()
      throw error
    })
    return stage
  }

  /** Starts a browser, and does `what` in its first page, then in its second. */
  async starts(what: 'ours' | 'raw'): Promise<readonly [first: Start, second: Start]> {
    return this.#inBrowser(async (browser) => {
      const start = async () => {
        const page = await this.#page(browser)
        const start = (await this.#evaluate(page, what)) as Start
        await page.close()
        return start
      }
      return [await start(), await start()] as const
    })
  }

  async close(): Promise<void> {
    this.#server.close()
    await this.#relay.stop()
  }

  #fill(count: number): Promise<void> {
    return this.#inBrowser(async (browser) => {
      const page = await this.#page(browser)
      await this.#evaluate(page, 'appear')
      const { relay, writer, account } = this.#account
      const place = { url: relay, site: this.#site }
      const names = { account: writer, reader: account }
      const device = await WritingDevice.start(await createSignalCipher(), place, names)
      await this.#evaluate(page, 'fill', count)
      await until(() => device.heard > 0)
      device.close()
    })
  }

  async #inBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
    const executablePath = findBrowser('chromium')
    if (executablePath === undefined) throw new Error('there is no chromium: set CHROME_PATH')
    const browser = await launch({ executablePath, args: chromiumFlags(), userDataDir: this.#profile })
    try {
      return await work(browser)
    } finally {
      await browser.close()
    }
  }

  async #page(browser: Browser): Promise<Page> {
    const page = await browser.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.exposeFunction('siteToken', () => this.#site.token(this.#account.account))
    await page.goto(originOf(this.#server))
    await page.waitForFunction('globalThis.start !== undefined')
    return page
  }

  #evaluate(page: Page, name: string, ...more: readonly number[]): Promise<unknown> {
    const given = [this.#account, ...more].map((one) => JSON.stringify(one))
    return page.evaluate(`start.${name}(${given.join()})`)
  }
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** The page and its parts, from the sources; what the product loads late is a file of its own here, too. */
async function servePage(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./start-page.ts', import.meta.url))],
    bundle: true,
    splitting: true,
    write: false,
    outdir: '/',
    format: 'esm',
    target: 'es2022',
    conditions: ['@sotto/source'],
    external: ['fs', 'path'],
    logLevel: 'error',
    minify: true,
  })
  const files = new Map(outputFiles.map(({ path, text }) => [path, text]))
  const html = `<!doctype html><script type="module">import * as start from '/start-page.js'; globalThis.start = start</script>`
  const server = createServer((request, response) => {
    const script = files.get(request.url ?? '')
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
    response.end(script ?? html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
