import { launch, type Page } from 'puppeteer-core'
import { assert, test } from '#test'
import { findBrowser, firefoxPreferences } from '../../tools/browsers.mjs'
import { serveGallery } from '../support/gallery-server.mjs'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

/** The messenger in Firefox, in a video call, with devices to choose from. */
async function inVideoCall(context: TestContext): Promise<FirefoxCall | undefined> {
  const executablePath = findBrowser('firefox')
  if (executablePath === undefined) {
    context.skip('there is no firefox here')
    return undefined
  }
  const gallery = await serveGallery()
  context.after(() => gallery.stop())
  const options = { executablePath, browser: 'firefox', extraPrefsFirefox: firefoxPreferences() } as const
  const browser = await launch(options)
  context.after(() => browser.close())
  const page = await browser.newPage()
  await page.evaluateOnNewDocument(`
    const device = (kind, label) => ({ kind, label, deviceId: label, groupId: '' })
    navigator.mediaDevices.enumerateDevices = async () =>
      [device('audioinput', 'Headset'), device('videoinput', 'Camera'), device('audiooutput', 'Speaker')]
    // What was asked of the browser, and what it answered.
    const asked = (globalThis.asked = [])
    const { requestFullscreen } = Element.prototype
    Element.prototype.requestFullscreen = function () {
      const now = { of: this.localName, answer: 'none', active: navigator.userActivation?.isActive, focus: document.hasFocus() }
      asked.push(now)
      const answered = requestFullscreen.call(this)
      answered.then(() => (now.answer = 'yes'), (error) => (now.answer = String(error)))
      return answered
    }
  `)
  await page.goto(`${gallery.address}?scene=call-video`)
  await page.waitForSelector('html[data-ready]')
  return new FirefoxCall(page)
}

class FirefoxCall {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  see<T>(expression: string): Promise<T> {
    return this.page.evaluate(`(() => {
      const messenger = document.querySelector('sotto-messenger')
      const call = messenger.shadowRoot.querySelector('sotto-call')
      const root = call.shadowRoot
      return ${expression}
    })()`) as Promise<T>
  }

  until(expression: string): Promise<void> {
    return until(() => this.see<boolean>(expression))
  }

  /** Presses, as a person does, what has this role and these words; whatever lies before it takes the press. */
  async press(selector: string, words = ''): Promise<void> {
    const found = `[...root.querySelectorAll('${selector}')].find((one) => one.textContent.includes('${words}'))`
    await this.until(`${found} !== undefined`)
    const [x, y] = await this.see<[number, number]>(
      `(({ x, y, width, height }) => [x + width / 2, y + height / 2])(${found}.getBoundingClientRect())`,
    )
    await this.page.mouse.click(x, y)
  }

  async choose(words: string): Promise<void> {
    await this.press('.controls [aria-haspopup]')
    await this.press('[role=menuitem]', words)
  }

  /** The press must get to the browser; one that says no, as a busy one may, is asked again as a person would. */
  async fillsScreen(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = await this.see<number>('asked.length')
      await this.choose('Full screen')
      await this.until(`asked.length === ${before + 1}`)
      const filled = () => this.see<boolean>(`call.matches(':fullscreen')`)
      const [error] = await until(filled, 15_000).then(
        () => [],
        (thrown: unknown) => [thrown],
      )
      if (error === undefined) break
      const said = await this.see<string>('JSON.stringify(asked)')
      if (tries === 3) throw new Error(`the browser was asked, and did not: ${said}`, { cause: error })
    }
    await this.until(
      `((at) => at.x === 0 && at.y === 0 && at.width === innerWidth && at.height === innerHeight)(root.querySelector('.call-screen').getBoundingClientRect())`,
    )
  }
}

test('a call fills the screen of Firefox, where its menu and its dialogs are used as before, and leaves it by menu, by Escape, as a bar, and when it is over', async (context) => {
  const call = await inVideoCall(context)
  if (call === undefined) return
  await call.fillsScreen()

  await call.choose('Microphone, camera and speaker')
  await call.until(`root.querySelector('dialog[open]') !== null`)
  await call.press('dialog .buttons button', 'Close')
  await call.until(`root.querySelector('dialog[open]') === null`)
  assert.isTrue(await call.see(`call.matches(':fullscreen')`))

  await call.choose('Leave full screen')
  await call.until(`document.fullscreenElement === null`)

  await call.fillsScreen()
  await call.press('.controls [aria-haspopup]')
  await call.until(`root.querySelector('[role=menu]:popover-open') !== null`)
  await call.page.keyboard.press('Escape')
  await call.until(`document.fullscreenElement === null`)
  // What it offered was for a call that fills the screen.
  await call.until(`root.querySelector('[role=menu]') === null`)
  assert.equal(await call.see(`call.getAttribute('shows')`), 'full')

  await call.fillsScreen()
  await call.press('[part=minimise]')
  await call.until(`document.fullscreenElement === null && call.getAttribute('shows') === 'bar'`)
  await call.press('.call-bar .who')

  await call.fillsScreen()
  await call.see(`messenger.client.endCall(messenger.client.call.value, 'answered')`)
  await call.until(`document.fullscreenElement === null && call.getAttribute('shows') === 'end'`)
})

test('Tab stops in a call of Firefox at what can be pressed, and not at pictures', async (context) => {
  const call = await inVideoCall(context)
  if (call === undefined) return
  const stops = new Set<string>()
  for (let i = 0; i < 10; i++) {
    await call.page.keyboard.press('Tab')
    stops.add(await call.see(`root.activeElement?.localName ?? 'none'`))
  }
  // And beside the call at what else there is of the messenger.
  stops.delete('none')
  assert.deepEqual([...stops], ['button'])
})
