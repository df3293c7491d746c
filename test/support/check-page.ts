import type { ElementHandle, Page } from 'puppeteer-core'
import { until } from './until.js'

/** A track that a page was given, as it is now. */
export interface GivenTrack {
  readonly kind: 'audio' | 'video'
  readonly device: string
  readonly state: 'live' | 'ended'
}

/** Has a page note how often it asks its browser, and every track that it is given, copies too. As text: a compiler's helpers are not there in the page. */
export async function noteTracks(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(`
    Object.assign(globalThis, { givenTracks: [], timesAsked: 0 })
    const note = (track) => (givenTracks.push(track), track)
    const { getUserMedia } = MediaDevices.prototype
    MediaDevices.prototype.getUserMedia = async function (wanted) {
      timesAsked++
      const stream = await getUserMedia.call(this, wanted)
      stream.getTracks().forEach(note)
      return stream
    }
    const { clone } = MediaStreamTrack.prototype
    MediaStreamTrack.prototype.clone = function () { return note(clone.call(this)) }
  `)
}

/** The check of devices in its dialog, with a real browser below it. */
export class CheckPage {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async tracks(): Promise<readonly GivenTrack[]> {
    return (await this.#page.evaluate(`givenTracks.map((track) => (
      { kind: track.kind, device: track.getSettings().deviceId, state: track.readyState }))`)) as GivenTrack[]
  }

  /** How often the page asked its browser for anything. */
  async timesAsked(): Promise<number> {
    return (await this.#page.evaluate('timesAsked')) as number
  }

  async live(kind?: GivenTrack['kind']): Promise<readonly GivenTrack[]> {
    return (await this.tracks()).filter((one) => one.state === 'live' && (kind ?? one.kind) === one.kind)
  }

  /** What the meter says for a while: the quietest and the loudest, from 0 to 100. */
  async levels(ms: number): Promise<readonly [least: number, most: number]> {
    const meter = await this.#find('[role=meter]')
    return meter.evaluate(async (element, forMs) => {
      const end = performance.now() + forMs
      let [least, most] = [100, 0]
      while (performance.now() < end) {
        const level = Number(element.getAttribute('aria-valuenow'))
        least = Math.min(least, level)
        most = Math.max(most, level)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return [least, most] as const
    }, ms)
  }

  /** The shades that the person sees of themselves: one where the picture is black. */
  async shades(): Promise<number> {
    const video = (await this.#find('video')) as ElementHandle<HTMLVideoElement>
    return video.evaluate(async (element) => {
      await new Promise((resolve) => element.requestVideoFrameCallback(resolve))
      const context = new OffscreenCanvas(64, 48).getContext('2d')
      context?.drawImage(element, 0, 0, 64, 48)
      return new Set(context?.getImageData(0, 0, 64, 48).data).size
    })
  }

  /** The device that a list names, and the names of all. */
  async listed(label: string): Promise<{ readonly value: string; readonly names: readonly string[] }> {
    const select = await this.#select(label)
    return select.evaluate((element) => ({
      value: element.value,
      names: [...element.options].map((one) => one.label.trim()),
    }))
  }

  /** Chooses the device that a list has next, by keyboard. */
  async next(label: string): Promise<void> {
    await (await this.#select(label)).focus()
    await this.#page.keyboard.press('ArrowDown')
  }

  async text(): Promise<string> {
    const check = await this.#find('h2')
    return check.evaluate((element) => {
      const root = element.getRootNode() as ShadowRoot
      const said = [...root.querySelectorAll('h2, p, button, label > span')]
      return said.map((one) => one.textContent?.replace(/\s+/g, ' ').trim()).join(' | ')
    })
  }

  async press(name: string): Promise<void> {
    const button = await this.#find(`button::-p-text(${name})`)
    await (button as ElementHandle<HTMLButtonElement>).focus()
    await this.#page.keyboard.press('Enter')
  }

  async isOpen(): Promise<boolean> {
    return (await this.#page.$('>>> sotto-device-check')) !== null
  }

  async #select(label: string): Promise<ElementHandle<HTMLSelectElement>> {
    await this.#find('select')
    for (const select of await this.#page.$$('>>> sotto-device-check >>> select')) {
      const named = select
      const name = await named.evaluate((element) => element.labels[0]?.textContent.trim())
      if (name?.startsWith(label) === true) return named
    }
    throw new Error(`no list called ${label}`)
  }

  async #find(selector: string): Promise<ElementHandle> {
    let found: ElementHandle | null = null
    await until(
      async () => (found = await this.#page.$(`>>> sotto-device-check >>> ${selector}`)) !== null,
    ).catch((cause: unknown) => {
      throw new Error(`no ${selector} in the check`, { cause })
    })
    if (found === null) throw new Error(`no ${selector}`)
    return found
  }
}
