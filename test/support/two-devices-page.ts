import { build } from 'esbuild'
import type { Browser, Page } from 'puppeteer-core'
import type { DemoSite } from './demo-site.js'
import { until } from './until.js'

/** Two devices of one account on one page, each with a store of its own: `phone` made the account, `tablet` was added to it. */
const script = `
  import { addDevice, openClient, openSealedStore, prepareJoining, readDevice, run } from '@sotto/core'
  import { systemTime } from '@sotto/core/browser'
  import { MemoryDisk, memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
  import { peerMedia } from '@sotto/core/peer'
  import { relayBackend } from '@sotto/core/relay'
  import { createSignalCipher } from '@sotto/signal'

  const realm = 'localhost'
  const time = systemTime()

  class Device {
    disk = new MemoryDisk()
    sealed() {
      return openSealedStore(memoryStore(this.disk), { name: 'device' })
    }
    async open(account, backend, cipher) {
      this.opened = 0
      const peer = peerMedia()
      const media = { open: (options) => (this.opened++, peer.open(options)) }
      const ours = { store: memoryStore(this.disk), locks: memoryLocks(), channels: memoryChannels() }
      this.client = await openClient({
        ...ours, account, realm, backend, token: siteToken, cipher, time, media, name: 'device',
      })
      this.client.call.subscribe((call) => { if (call !== undefined) this.last = call })
      await new Promise((resolve) => this.client.state.subscribe(({ name }) => { if (name === 'online') resolve() }))
    }
  }

  globalThis.openBoth = async (account, relay) => {
    const [phone, tablet] = [new Device(), new Device()]
    const [cipher, backend] = [await createSignalCipher(), relayBackend({ url: relay })]
    await phone.open(account, backend, cipher)
    const [store, next] = [await phone.sealed(), await tablet.sealed()]
    const own = await run(store, readDevice)
    const runIn = (one) => (work) => run(one, work)
    const joining = await prepareJoining(own.chain, { cipher, policy: 'crypto-key', run: runIn(next), now: Date.now() })
    const { directory } = backend(() => ({ ...own.address, epoch: 1, sends: 0, token: siteToken, sign: own.sign }))
    const chain = await addDevice(own, joining.device, joining.keys, { directory, run: runIn(store), now: Date.now() })
    await joining.finish(chain)
    await tablet.open(account, backend, cipher)
    Object.assign(globalThis, { phone, tablet })
  }
`

export class TwoDevicesPage {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async open(browser: Browser, site: DemoSite, account: string): Promise<TwoDevicesPage> {
    const bundled = await build({
      stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      conditions: ['@sotto/source'],
    })
    const page = await (await browser.createBrowserContext()).newPage()
    await page.exposeFunction('siteToken', async () =>
      (await fetch(`${site.url}/api/sotto-token?account=${account}`)).text(),
    )
    await page.goto(`${site.url}/page.css`)
    await page.evaluate(bundled.outputFiles[0]?.text ?? '')
    const opened = new TwoDevicesPage(page)
    await opened.do(`await openBoth('${account}', (await (await fetch('/api/me')).json()).relay)`)
    return opened
  }

  do<T>(script: string): Promise<T> {
    return this.page.evaluate(`(async () => { ${script} })()`) as Promise<T>
  }

  until(expression: string): Promise<void> {
    return until(() => this.do<boolean>(`return ${expression}`))
  }
}
