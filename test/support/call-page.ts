import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, type Browser, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import type { DemoSite } from './demo-site.js'
import { fakeMediaFlags, type FakeMedia } from './fake-media.js'
import type { TestContext } from './test-body.js'
import { until } from './until.js'

/** One person with a browser of their own, who calls by the API of the bundle. */
export class CallPage {
  readonly page: Page
  readonly account: string

  private constructor(page: Page, account: string) {
    this.page = page
    this.account = account
  }

  /** `undefined`, and the test skipped, where there is no Chromium. */
  static async open(
    test: TestContext,
    site: DemoSite,
    name: string,
    media: FakeMedia,
  ): Promise<CallPage | undefined> {
    const executablePath = findBrowser('chromium')
    if (executablePath === undefined) {
      test.skip('there is no Chromium here')
      return undefined
    }
    const folder = mkdtempSync(join(tmpdir(), `sotto-${name}-`))
    const browser: Browser = await launch({
      executablePath,
      userDataDir: join(folder, 'profile'),
      args: [...chromiumFlags(), ...fakeMediaFlags(folder, media)],
    })
    test.after(async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const page = await browser.newPage()
    await page.goto(`${site.url}/?as=${name}`)
    const account = await connect(page, name)
    return new CallPage(page, account)
  }

  /** In a browser that others are in too, with an own profile each: all of them look and sound alike. */
  static async beside(browser: Browser, site: DemoSite, name: string): Promise<CallPage> {
    const page = await (await browser.createBrowserContext()).newPage()
    await page.goto(`${site.url}/?as=${name}`)
    return new CallPage(page, await connect(page, name))
  }

  /** Comes back to the page: the same device, a new tab. */
  async again(site: DemoSite, name: string): Promise<void> {
    await this.page.goto(`${site.url}/?as=${name}`)
    await connect(this.page, name)
  }

  do<T>(script: string): Promise<T> {
    return this.page.evaluate(`(async () => { ${script} })()`) as Promise<T>
  }

  /** Waits for what a script returns to be true. */
  until(script: string): Promise<void> {
    return until(() => this.do<boolean>(`return ${script}`))
  }

  /** What is on the screen, which in a browser without one is black: two halves again, painted anew all the time. */
  async screenShows({ left, right }: Pick<FakeMedia, 'left' | 'right'>): Promise<void> {
    await this.do(`
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 640, height: 480 })
      const context = canvas.getContext('2d')
      setInterval(() => {
        for (const [x, shade] of [[0, ${left}], [320, ${right}]]) {
          context.fillStyle = 'rgb(' + [shade, shade, shade].join() + ')'
          context.fillRect(x, 0, 320, 480)
        }
      }, 50)
      navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(15)`)
  }

  /** Notes every track that the page is given from now on, and the connection that was made last. */
  async watch(): Promise<void> {
    await this.do(`
      globalThis.tracks = []
      const { getUserMedia } = MediaDevices.prototype
      MediaDevices.prototype.getUserMedia = async function (wanted) {
        const stream = await getUserMedia.call(this, wanted)
        tracks.push(...stream.getTracks())
        return stream
      }
      const Real = RTCPeerConnection
      globalThis.RTCPeerConnection = class extends Real {
        constructor(configuration) {
          super(configuration)
          globalThis.connection = Object.assign(this, { offers: 0 })
        }
        async setLocalDescription(description) {
          await super.setLocalDescription(description)
          if (this.localDescription?.type === 'offer') this.offers++
        }
      }`)
  }

  /** Its connections from now on reach TURN servers at this port. `watch` comes first. */
  async reachTurnAt(port: number): Promise<void> {
    await this.do(`
      const led = ({ iceServers = [], ...rest } = {}) => ({
        ...rest,
        iceServers: iceServers.map((one) => ({ ...one, urls: one.urls.map((url) => url.replace(/:\\d+(?=[?]|$)/, ':${port}')) })),
      })
      const Watched = RTCPeerConnection
      globalThis.RTCPeerConnection = class extends Watched {
        constructor(configuration) {
          super(led(configuration))
        }
        setConfiguration(configuration) {
          super.setConfiguration(led(configuration))
        }
      }`)
  }

  /** How many offers it made. */
  async offers(): Promise<number> {
    return this.do('return connection.offers')
  }

  /** How many devices that the page was given it still has. */
  async liveTracks(): Promise<number> {
    return this.do(`return tracks.filter((one) => one.readyState === 'live').length`)
  }

  /** Of which kind the addresses are that media go between: ours, theirs. */
  async way(): Promise<readonly [string, string]> {
    return this.do(`
      const stats = await connection.getStats()
      const { selectedCandidatePairId } = [...stats.values()].find((one) => one.type === 'transport')
      const { localCandidateId, remoteCandidateId } = stats.get(selectedCandidatePairId)
      return [localCandidateId, remoteCandidateId].map((id) => stats.get(id).candidateType)`)
  }

  /** Puts the element for calls on the page. */
  async showCalls(): Promise<void> {
    await this.do(
      `document.querySelector('main').append(Object.assign(document.createElement('sotto-call'), { client }))`,
    )
  }

  /** Presses an item of the menu of that element. */
  async choose(label: string): Promise<void> {
    await this.press('[aria-label="More"]')
    await this.press('[role="menuitem"]', label)
  }

  /** Presses the first button in that element that has these words, where a person would: a browser gives its screen to nobody else. */
  async press(selector: string, words = ''): Promise<void> {
    const middle = () =>
      this.do<readonly [x: number, y: number] | null>(`
        const { shadowRoot } = document.querySelector('sotto-call')
        const found = [...shadowRoot.querySelectorAll('${selector}')].find((one) => one.textContent.includes('${words}'))
        const { x, y, width, height } = found?.getBoundingClientRect() ?? {}
        return width > 0 ? [Math.round(x + width / 2), Math.round(y + height / 2)] : null`)
    let before: string | undefined
    let at = await middle()
    // What comes in moves: it is pressed where it has come to rest.
    await until(async () => {
      before = String(at)
      at = await middle()
      return at !== null && String(at) === before
    })
    await this.page.mouse.click(...(at ?? [0, 0]))
  }

  /** What that element says. */
  async says(): Promise<string> {
    return this.do(`
      const { shadowRoot } = document.querySelector('sotto-call')
      const spoken = [...shadowRoot.querySelectorAll('h2, h3, p, button')].map((one) => one.textContent.trim())
      return spoken.join(' | ')`)
  }

  /** Calls, is answered, and connected. */
  async call(other: CallPage, { video = false } = {}): Promise<void> {
    await this.do(`await client.placeCall('${other.account}', { video: ${video}, direct: true })`)
    await other.phase('rung')
    await other.do(`await last.answer({ video: ${video}, direct: true })`)
    await Promise.all([this.phase('connected'), other.phase('connected')])
  }

  phase(phase: string): Promise<void> {
    return this.until(`last?.state.value.phase === '${phase}'`)
  }

  /** From now on each phase of the call is noted, however short it is. */
  async notesPhases(): Promise<void> {
    await this.do('window.phases = []; last.state.subscribe(({ phase }) => window.phases.push(phase))')
  }

  hasBeen(phase: string): Promise<void> {
    return this.until(`window.phases.includes('${phase}')`)
  }

  outcome(): Promise<string> {
    return this.do('return last?.state.value.outcome')
  }

  /** The shades of both halves of the other's picture, as an element of the test's own shows it. */
  async seen(stream: 'remote' | 'remoteScreen' = 'remote'): Promise<Shades> {
    return this.do(`
      const video = document.createElement('video')
      video.muted = true
      video.srcObject = last.streams.value.${stream}
      await video.play()
      ${readShades}
      video.srcObject = null
      return shades`)
  }

  /** The same of a new frame in the element for calls, which plays the sound too. `undefined` where none comes within a second. */
  async shown(): Promise<Shades | undefined> {
    return this.do(`
      const { shadowRoot } = document.querySelector('sotto-call')
      const video = shadowRoot.querySelector('video.their')
      const audio = shadowRoot.querySelector('audio')
      if (video === null || audio.paused || audio.muted || audio.srcObject !== last.streams.value.remote) return
      const second = new Promise((resolve) => setTimeout(resolve, 1000, true))
      const frame = new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(false)))
      if (await Promise.race([second, frame])) return
      ${readShades}
      return shades`)
  }

  /**
   * The frequency of what is heard of the other, in hertz; 0 where it is silent for five seconds.
   * The middle of nine windows: a single one may hold the beginning, or a patch over lost packets, whose loudest frequency is another.
   */
  async heard(): Promise<number> {
    return this.do(`
      const element = document.createElement('audio')
      element.muted = true
      element.srcObject = last.streams.value.remote
      const context = new AudioContext({ sampleRate: 48000 })
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
      context.createMediaStreamSource(new MediaStream(last.streams.value.remote.getAudioTracks())).connect(analyser)
      const bins = new Float32Array(analyser.frequencyBinCount)
      const loudest = []
      for (let i = 0; i < 50 && loudest.length < 9; i++) {
        await new Promise((resolve) => setTimeout(resolve, 200))
        analyser.getFloatFrequencyData(bins)
        const most = Math.max(...bins)
        if (most > -60) loudest.push(bins.indexOf(most))
        else if (i >= 25 && loudest.length === 0) break
      }
      await context.close()
      element.srcObject = null
      loudest.sort((one, other) => one - other)
      return (loudest[loudest.length >> 1] ?? 0) * 48000 / 8192`)
  }
}

type Shades = readonly [left: number, right: number]

/** Of the next frame of `video`. */
const readShades = `
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve))
  const context = new OffscreenCanvas(64, 48).getContext('2d')
  context.drawImage(video, 0, 0, 64, 48)
  const shades = [16, 48].map((x) => context.getImageData(x, 24, 1, 1).data[0])`

/** A client of its own on the page, in the place of the messenger there. `last` is the call that there is, or was. */
async function connect(page: Page, name: string): Promise<string> {
  return (await page.evaluate(`(async () => {
    document.querySelector('main').replaceChildren()
    const { connect } = await import('/vendor/sotto/sotto.js')
    const { people: [{ account }], relay } = await (await fetch('/api/me?as=${name}')).json()
    const token = async () => (await fetch('/api/sotto-token?account=' + account)).text()
    globalThis.last = undefined
    globalThis.client = await connect({ account, relay, token })
    client.call.subscribe((call) => { if (call !== undefined) globalThis.last = call })
    await new Promise((resolve) => client.state.subscribe(({ name }) => { if (name === 'online') resolve() }))
    return account
  })()`)) as string
}

/** Writes once and is accepted, so that both may call. */
export async function introduce(one: CallPage, other: CallPage): Promise<void> {
  await one.do(`await client.conversation('${other.account}').send('hello')`)
  await other.until(`client.conversations.value.length > 0`)
  await other.do(`await client.conversation('${one.account}').accept()`)
}
