import { build } from 'esbuild'
import type { BrowserContext, Page } from 'puppeteer-core'
import type { WatchedRelay } from './watched-relay.js'

/** A client as a site opens it, with the browser's own store, locks and channels, and the thread with one account. */
const script = `
  import { connect } from './packages/sotto/src/connect.ts'

  globalThis.sayTo = async (account, text) => { await client.conversation(account).send(text) }
  globalThis.threadWith = async (account) => {
    const thread = client.conversation(account)
    let items = []
    const stop = thread.messages.subscribe((shown) => { items = shown })
    do await thread.loadEarlier()
    while (thread.earlier.value !== 'none')
    stop()
    return items.flatMap((one) => one.kind === 'text'
      ? [{ kind: 'text', text: one.text, mine: one.mine }]
      : one.kind === 'gap' ? [{ kind: 'gap', count: one.count }] : [])
  }

  globalThis.open = async (account, peer) => {
    const client = await connect({ account, realm: 'example.com', relay: location.origin, token: siteToken, calls: false })
    globalThis.client = client
    const thread = client.conversation(peer)
    thread.messages.subscribe((shown) => { globalThis.shown = shown })
    globalThis.say = async (text) => { await thread.send(text) }
    globalThis.isOnline = () => client.state.value.name === 'online'
    globalThis.texts = async () => {
      do await thread.loadEarlier()
      while (thread.earlier.value !== 'none')
      return shown.map((one) => one.kind === 'text' ? one.text : one.kind === 'gap' ? 'gap' : '').filter((text) => text !== '')
    }
    // The lock that leads is the one that is held under the client's name: eight tabs share it.
    globalThis.leaders = async () => (await navigator.locks.query()).held.filter((one) => /^sotto-[0-9a-f]{32}$/.test(one.name)).length
  }
`

let bundled: Promise<string> | undefined

const bundle = (): Promise<string> =>
  (bundled ??= build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['@sotto/source'],
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? ''))

/** A tab of an account, which can be closed and crash at any moment: what is asked of it then is answered with `undefined`. */
export class ClientTab {
  readonly page: Page
  readonly #gone: Promise<undefined>
  #isGone = false

  private constructor(page: Page) {
    this.page = page
    this.#gone = new Promise((resolve) => {
      const go = () => {
        this.#isGone = true
        resolve(undefined)
      }
      page.once('error', go)
      page.once('close', go)
    })
  }

  /** `wrongMs`: how far its clock is ahead. */
  static async open(
    context: BrowserContext,
    relay: WatchedRelay,
    [account, peer]: readonly [string, string],
    { wrongMs = 0 } = {},
  ): Promise<ClientTab> {
    const page = await context.newPage()
    const tab = new ClientTab(page)
    // So that it is known whose a socket is.
    await page.setUserAgent({ userAgent: account })
    const clock = `{ const right = Date.now; Date.now = () => right() + ${wrongMs} }`
    if (wrongMs !== 0) await page.evaluateOnNewDocument(clock)
    await page.exposeFunction('siteToken', () => relay.site.token(account))
    await page.goto(`${relay.url}/page`)
    await page.evaluate(await bundle())
    await page.evaluate(`open('${account}', '${peer}')`)
    return tab
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** Resolves with what it evaluates to, and with `undefined` where the tab went meanwhile. */
  async do<T>(expression: string): Promise<T | undefined> {
    const answered = (this.page.evaluate(expression) as Promise<T>).catch((error: unknown) => {
      if (this.#isGone || /closed|crashed|detached|destroyed/i.test(String(error))) return undefined
      throw error
    })
    return Promise.race([answered, this.#gone])
  }

  /** Closes without a word, as a person does it. */
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: false }).catch(() => undefined)
  }

  /** Its process dies. */
  async crash(): Promise<void> {
    const session = await this.page.createCDPSession()
    session.send('Page.crash').catch(() => undefined)
    await this.#gone
    await this.close()
  }
}
