import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { build } from 'esbuild'
import { launch, type Browser, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser, firefoxPreferences, type BrowserName } from '../../tools/browsers.mjs'
import type { MediaOptions } from '@sotto/core/ports'
import type { CallMedia } from '@sotto/protocol'
import type { TestContext } from './test-body.js'
import { until } from './until.js'

/** What is put on the page: one end, by itself, and what it says, for whoever carries it. */
const script = `
  import { peerMedia } from '@sotto/core/peer'
  import { loudness, shades } from './test/support/seen-and-heard.ts'
  globalThis.peerMedia = peerMedia
  globalThis.said = []
  globalThis.failures = []
  const Real = RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration) {
      super(configuration)
      globalThis.connection = this
    }
  }
  globalThis.way = async () =>
    [...(await connection.getStats()).values()]
      .filter((one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded')
      .map((one) => one.id)
      .join(' ')
  globalThis.agreed = () =>
    [connection.currentLocalDescription, connection.currentRemoteDescription]
      .map(({ sdp }) => /a=ice-ufrag:(\\S+)/.exec(sdp)[1])
  globalThis.openEnd = async (options) => {
    globalThis.end = await peerMedia().open({ ...options, onsignal: (media) => said.push(media) })
  }
  globalThis.take = (media) => end.take(media).catch((error) => failures.push(error.code ?? String(error)))
  globalThis.seen = () => shades(end.streams.value.remote, 10)
  globalThis.heard = () => loudness(end.streams.value.remote)
`

/** Serves an empty page with the adapter on it, until the test ends. */
export async function servePeerPage(test: TestContext): Promise<string> {
  const bundled = await build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@sotto/source'],
  })
  const code = bundled.outputFiles[0]?.text ?? ''
  const server = createServer((request, response) => {
    const isScript = request.url === '/peer.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(
      isScript ? code : '<!doctype html><title>peer</title><script type="module" src="/peer.js"></script>',
    )
  }).listen(0, '127.0.0.1')
  test.after(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** One end in a browser of its own. */
export class PeerPage {
  readonly page: Page
  /** Everything that this end said so far. */
  readonly said: CallMedia[] = []

  private constructor(page: Page) {
    this.page = page
  }

  /** `undefined`, and the test skipped, where there is no such browser. */
  static async open(test: TestContext, name: BrowserName, url: string): Promise<PeerPage | undefined> {
    const executablePath = findBrowser(name)
    if (executablePath === undefined) {
      test.skip(`there is no ${name} here`)
      return undefined
    }
    const browser: Browser =
      name === 'firefox'
        ? await launch({ executablePath, browser: 'firefox', extraPrefsFirefox: firefoxPreferences() })
        : await launch({ executablePath, args: chromiumFlags() })
    test.after(() => browser.close())
    const page = await browser.newPage()
    await page.goto(url)
    const opened = new PeerPage(page)
    await opened.until(`typeof globalThis.heard === 'function'`)
    return opened
  }

  /** Waits for an expression to be true. */
  until(expression: string): Promise<void> {
    return until(() => this.do<boolean>(expression))
  }

  do<T>(expression: string): Promise<T> {
    return this.page.evaluate(`(async () => (${expression}))()`) as Promise<T>
  }

  open(options: Omit<MediaOptions, 'onsignal'>): Promise<void> {
    return this.do(`openEnd(${JSON.stringify(options)})`)
  }

  /** Which pairs of addresses are in use. */
  way(): Promise<string> {
    return this.do('way()')
  }

  /** The ICE names that were agreed upon: they change with each way that is looked for, while an old pair of addresses may serve on. */
  agreed(): Promise<readonly [ours: string, theirs: string]> {
    return this.do('agreed()')
  }

  link(): Promise<string> {
    return this.do('end.link.value')
  }

  /** Hands on what was said since the last time. `change`: somebody between them. */
  async tell(other: PeerPage, change: (media: CallMedia) => CallMedia = (media) => media): Promise<void> {
    const said = await this.do<CallMedia[]>('said.splice(0)')
    this.said.push(...said)
    for (const media of said) await other.do(`take(${JSON.stringify(change(media))})`)
  }
}

/** Carries what both say until `done`. */
export async function carry(
  one: PeerPage,
  other: PeerPage,
  done: () => Promise<boolean>,
  change?: (media: CallMedia) => CallMedia,
): Promise<void> {
  await until(async () => {
    await one.tell(other)
    await other.tell(one, change)
    return done()
  }, 240_000)
}

export const bothConnected = (one: PeerPage, other: PeerPage) => async () =>
  (await one.link()) === 'connected' && (await other.link()) === 'connected'
