import { pathToFileURL } from 'node:url'
import type { TestContext } from '../support/test-body.js'
import { PeerPage, servePeerPage } from '../support/peer-pages.js'

/** Milliseconds from the question for devices to a call that stands, ours beside two bare connections of the browser, in one run. */
export interface Row {
  readonly what: string
  readonly ours: number
  readonly bare: number
  readonly ratio: number
  readonly raw: { readonly ours: readonly number[]; readonly bare: readonly number[] }
}

interface Times {
  readonly connected: number
  readonly picture: number
}

const rounds = 9

/**
 * Two ends on one page of Chromium, with its own camera and microphone; what one says the other one takes at once. *connected*: both ends say
 * so. *picture*: each shows a frame of the other. Bare: the same sections and devices, and nothing checked.
 */
const script = `
  const firstFrame = (stream) => new Promise((resolve) => {
    const video = document.createElement('video')
    video.muted = true
    video.srcObject = stream
    video.requestVideoFrameCallback(() => { video.srcObject = null; resolve() })
    void video.play()
  })
  const both = (one, other, ready) => Promise.all([one, other].map(ready))
  globalThis.benchOurs = async () => {
    const start = performance.now()
    const ends = {}
    const waiting = []
    const pass = (to) => (media) => ends[to] ? void ends[to].take(media) : waiting.push([to, media])
    const options = { video: true, servers: [], relayOnly: false }
    ends.b = await peerMedia().open({ ...options, offers: true, onsignal: pass('a') })
    ends.a = await peerMedia().open({ ...options, offers: false, onsignal: pass('b') })
    for (const [to, media] of waiting) void ends[to].take(media)
    await both(ends.a, ends.b, (end) => new Promise((resolve) =>
      end.link.subscribe((link) => { if (link === 'connected') resolve() })))
    const connected = performance.now() - start
    await both(ends.a, ends.b, (end) => firstFrame(end.streams.value.remote))
    const picture = performance.now() - start
    ends.a.close()
    ends.b.close()
    return { connected, picture }
  }
  globalThis.benchBare = async () => {
    const start = performance.now()
    const asked = { audio: true, video: { width: { ideal: 1280 }, height: { ideal: 720 } } }
    const configuration = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' }
    const [a, b] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)]
    const streams = []
    for (const one of [b, a]) {
      one.createDataChannel('end', { negotiated: true, id: 0 })
      const stream = await navigator.mediaDevices.getUserMedia(asked)
      streams.push(stream)
      for (const track of stream.getTracks()) one.addTrack(track, stream)
    }
    const waiting = []
    const pass = (other) => ({ candidate }) => {
      if (candidate === null) return
      if (other.remoteDescription === null) waiting.push([other, candidate])
      else void other.addIceCandidate(candidate)
    }
    a.onicecandidate = pass(b)
    b.onicecandidate = pass(a)
    const remote = (one) => new MediaStream(one.getReceivers().map(({ track }) => track))
    const connected = both(a, b, (one) => new Promise((resolve) => {
      one.onconnectionstatechange = () => { if (one.connectionState === 'connected') resolve() }
    }))
    await b.setLocalDescription()
    await a.setRemoteDescription(b.localDescription)
    await a.setLocalDescription()
    await b.setRemoteDescription(a.localDescription)
    for (const [other, candidate] of waiting) void other.addIceCandidate(candidate)
    await connected
    const connectedAt = performance.now() - start
    await both(a, b, (one) => firstFrame(remote(one)))
    const picture = performance.now() - start
    for (const one of [a, b]) one.close()
    for (const stream of streams) for (const track of stream.getTracks()) track.stop()
    return { connected: connectedAt, picture }
  }
`

export async function run(): Promise<readonly Row[]> {
  const cleaning: (() => unknown)[] = []
  const context: TestContext = {
    after: (clean) => void cleaning.unshift(clean),
    skip: (reason) => {
      throw new Error(reason)
    },
  }
  try {
    const page = await PeerPage.open(context, 'chromium', await servePeerPage(context))
    if (page === undefined) return []
    await page.page.evaluate(script)
    const raw = { ours: [] as Times[], bare: [] as Times[] }
    // The first of each pays for what the browser loads once.
    for (let round = 0; round <= rounds; round++) {
      const ours = await page.do<Times>('benchOurs()')
      const bare = await page.do<Times>('benchBare()')
      if (round === 0) continue
      raw.ours.push(ours)
      raw.bare.push(bare)
    }
    return (['connected', 'picture'] as const).map((what) => {
      const [ours, bare] = [raw.ours.map((one) => one[what]), raw.bare.map((one) => one[what])]
      return {
        what,
        ours: median(ours),
        bare: median(bare),
        ratio: median(ours) / median(bare),
        raw: { ours, bare },
      }
    })
  } finally {
    for (const clean of cleaning) await clean()
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, ours, bare, ratio } of await run()) {
    console.log(
      `call, ${what}: ${Math.round(ours)} ms, bare connections ${Math.round(bare)} ms, ratio ${ratio.toFixed(2)}`,
    )
  }
}
