import type { ElementHandle, Page } from 'puppeteer-core'
import { until } from './until.js'

/** One messenger on a page, used as a person uses it: by role and label, and by keyboard. */
export class MessengerPage {
  readonly page: Page
  readonly account: string

  constructor(page: Page, account: string) {
    this.page = page
    this.account = account
  }

  /** All messengers of a page, once they are there. */
  static async all(page: Page): Promise<readonly MessengerPage[]> {
    await page.waitForSelector('sotto-messenger')
    const accounts = await page.$$eval('sotto-messenger', (all) =>
      all.map((one) => one.getAttribute('account') ?? ''),
    )
    return accounts.map((account) => new MessengerPage(page, account))
  }

  get #within(): string {
    return `sotto-messenger[account="${this.account}"]`
  }

  find(role: string, name?: string): Promise<ElementHandle> {
    const named = name === undefined ? '' : `[name="${name}"]`
    return this.#find(`::-p-aria([role="${role}"]${named})`)
  }

  /** Starts a conversation by typing an account name. */
  async startWith(account: string): Promise<void> {
    await this.press('New message')
    await until(() => this.#isFocused('input'))
    await this.page.keyboard.type(account)
    // Somebody whose page was opened a moment ago may not be set up yet: then it says so, and one asks again.
    await until(async () => {
      if (await this.#isFocused('textarea')) return true
      if (await this.#isFocused('input')) await this.page.keyboard.press('Enter')
      await new Promise((resolve) => setTimeout(resolve, 500))
      return this.#isFocused('textarea')
    }, 60_000)
  }

  /** Opens the conversation whose row begins with a name: a row that was drawn anew under the pointer is pressed again. */
  async open(name: string): Promise<void> {
    await until(async () => {
      const row = await this.#find(`button.row ::-p-text(${name})`)
      await row.evaluate((element) => (element as HTMLElement).click())
      return (await this.page.$(`${this.#within} >>> button.row[aria-current]`)) !== null
    }, 60_000)
  }

  /** Answers a stranger's request with yes. */
  async accept(): Promise<void> {
    await this.press('Accept')
    await this.#find('textarea')
  }

  async write(text: string): Promise<void> {
    await (await this.#find('textarea')).focus()
    await this.page.keyboard.type(text)
    await this.page.keyboard.press('Enter')
  }

  /** Everything the messenger shows, as text. */
  text(): Promise<string> {
    return this.page.evaluate((within) => {
      const seen: string[] = []
      const walk = (node: Node): void => {
        if (node instanceof Element && node.shadowRoot !== null) walk(node.shadowRoot)
        if (node.nodeType === Node.TEXT_NODE) seen.push(node.textContent ?? '')
        for (const child of node.childNodes) if (!(child instanceof HTMLStyleElement)) walk(child)
      }
      const element = document.querySelector(within)
      if (element !== null) walk(element)
      return seen.join(' ').replace(/\s+/g, ' ')
    }, this.#within)
  }

  shows(text: string): Promise<void> {
    // A link in the middle of a text is a node of its own: what stands between words does not count.
    const bare = (seen: string) => seen.replace(/\s+/g, '')
    return until(async () => bare(await this.text()).includes(bare(text)), 60_000)
  }

  /** Which of its parts fills the screen, by its tag. */
  fills(): Promise<string | undefined> {
    return this.page.$eval(this.#within, (element) => element.shadowRoot?.fullscreenElement?.localName)
  }

  /** What a question is answered with, by keyboard. A browser tells what asks for roles nothing of what lies within a modal dialog. */
  async choose(answer: string, within = 'dialog'): Promise<void> {
    const label = await this.#find(`${within} ::-p-text(${answer})`)
    await label.evaluate((element) => (element.closest('button') ?? (element as HTMLElement)).focus())
    await this.page.keyboard.press('Enter')
  }

  /** A button, by keyboard. */
  async press(name: string): Promise<void> {
    await (await this.find('button', name)).focus()
    await this.page.keyboard.press('Enter')
  }

  /** Asked again and again, because what a page is told of changes ends at shadow roots. */
  async #find(selector: string): Promise<ElementHandle> {
    let found: ElementHandle | null = null
    const look = async () => (found = await this.page.$(`${this.#within} >>> ${selector}`)) !== null
    await until(look, 60_000).catch(async (cause: unknown) => {
      throw new Error(`no ${selector} in: ${await this.text()}`, { cause })
    })
    if (found === null) throw new Error(`no ${selector}`)
    return found
  }

  #isFocused(name: string): Promise<boolean> {
    return this.page.evaluate((localName) => deepActive()?.localName === localName, name)
  }
}

declare function deepActive(): Element | null

/** Lets `evaluate` see what has the focus, through every shadow root. As text: a compiler's helpers are not there in the page. */
export async function preparePage(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(`
    globalThis.__name = (named) => named
    globalThis.deepActive = () => {
      let active = document.activeElement
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
      return active
    }
  `)
}
