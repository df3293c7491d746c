import type { Browser, BrowserContext } from 'puppeteer-core'
import { ClientTab } from '../client-tab.js'
import type { Seeded } from '../machine/seeded.js'
import type { Shown } from '../machine/history.js'
import { until } from '../until.js'
import type { WatchedRelay } from '../watched-relay.js'

const mostTabs = 3
const yearMs = 365 * 86_400_000

/** A person with one browser profile and some tabs of one account, which close, crash, and have wrong clocks. */
export class ChaosTabs {
  readonly account: string
  readonly #context: BrowserContext
  readonly #relay: WatchedRelay
  readonly #chance: Seeded
  #tabs: ClientTab[] = []
  #wrongMs = 0
  /** How many tabs have gone. */
  killed = 0

  private constructor(account: string, context: BrowserContext, world: World) {
    this.account = account
    this.#context = context
    this.#relay = world.relay
    this.#chance = world.chance
  }

  static async start(account: string, world: World): Promise<ChaosTabs> {
    const tabs = new ChaosTabs(account, await world.browser.createBrowserContext(), world)
    await tabs.openOne()
    await until(async () => (await tabs.one().then((tab) => tab.do('isOnline()'))) === true)
    return tabs
  }

  /** One more tab, where there is room. */
  async openOne(): Promise<void> {
    this.#tabs = this.#tabs.filter((tab) => !tab.isGone)
    if (this.#tabs.length >= mostTabs) return
    const other = this.account === 'alice' ? 'bob' : 'alice'
    const { account } = this
    this.#tabs.push(
      await ClientTab.open(this.#context, this.#relay, [account, other], { wrongMs: this.#wrongMs }),
    )
  }

  /** Tabs that are opened from now on have a clock that is a year off, or right again. */
  turnClock(): void {
    this.#wrongMs = this.#chance.one([-yearMs, 0, 0, yearMs])
  }

  /** Some of its tabs close or crash; one is there again afterwards. */
  async kill(): Promise<void> {
    const tabs = this.#chance.shuffled(this.#tabs)
    for (const tab of tabs.slice(0, 1 + this.#chance.below(tabs.length))) {
      this.killed++
      await (this.#chance.below(2) === 0 ? tab.crash() : tab.close())
    }
  }

  /** One that is there. */
  async one(): Promise<ClientTab> {
    this.#tabs = this.#tabs.filter((tab) => !tab.isGone)
    if (this.#tabs.length === 0) await this.openOne()
    return this.#chance.one(this.#tabs)
  }

  /** Writes. Where the tab goes meanwhile, its person looks in another one whether the text is there, and writes again where it is not. */
  async send(to: string, text: string): Promise<void> {
    for (;;) {
      const tab = await this.one()
      if ((await tab.do<boolean>(`sayTo('${to}', '${text}').then(() => true)`)) === true) return
      const shown = await this.thread(to)
      if (shown.some((one) => one.kind === 'text' && one.text === text)) return
    }
  }

  async thread(of: string): Promise<readonly Shown[]> {
    for (;;) {
      const shown = await (await this.one()).do<Shown[]>(`threadWith('${of}')`)
      if (shown !== undefined) return shown
    }
  }

  /** What each of its tabs shows. */
  async threads(of: string): Promise<readonly (readonly Shown[])[]> {
    const all = await Promise.all(this.#tabs.map((tab) => tab.do<Shown[]>(`threadWith('${of}')`)))
    return all.filter((one) => one !== undefined)
  }

  /** All is well again: as many tabs as there may be, all of them with the right clock, and online. */
  async heal(): Promise<void> {
    this.#wrongMs = 0
    for (const tab of this.#tabs) await tab.close()
    this.#tabs = []
    for (let i = 0; i < mostTabs; i++) await this.openOne()
    for (const tab of this.#tabs) await until(async () => (await tab.do('isOnline()')) === true)
  }
}

interface World {
  readonly browser: Browser
  readonly relay: WatchedRelay
  readonly chance: Seeded
}
