import { assert, test } from '#test'
import { PeerPage, bothConnected, carry, servePeerPage } from '../support/peer-pages.js'
import type { TestContext } from '../support/test-body.js'

const options = { video: false, servers: [], relayOnly: false }

/** In Chromium: takes the sizes of frames as they come, before anybody decodes them. */
const tapping = `
  globalThis.sizes = []
  const Plain = RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(configuration) {
      super({ ...configuration, encodedInsertableStreams: true })
      this.addEventListener('track', ({ receiver, track }) => {
        const { readable, writable } = receiver.createEncodedStreams()
        const take = new TransformStream({
          transform(frame, controller) {
            if (track.kind === 'audio') sizes.push(frame.data.byteLength)
            controller.enqueue(frame)
          },
        })
        readable.pipeThrough(take).pipeTo(writable).catch(() => undefined)
      })
    }
  }
`
/** In Firefox: it says that it heard of a constant bit rate, which it did not. */
const boasting = `
  const browsers = Object.getPrototypeOf(RTCPeerConnection.prototype)
  const { get } = Object.getOwnPropertyDescriptor(browsers, 'remoteDescription')
  Object.defineProperty(RTCPeerConnection.prototype, 'remoteDescription', {
    get() {
      const described = get.call(this)
      return described && { type: described.type, sdp: described.sdp + 'a=x:cbr=1' }
    },
  })
`

/** The sizes of what Firefox says, as Chromium gets them: its tone, then nothing, then its tone. */
async function sizesFromFirefox(
  context: TestContext,
  boasts = false,
): Promise<readonly number[] | undefined> {
  const url = await servePeerPage(context)
  const chromium = await PeerPage.open(context, 'chromium', url)
  const firefox = await PeerPage.open(context, 'firefox', url)
  if (chromium === undefined || firefox === undefined) return undefined
  await chromium.page.evaluate(tapping)
  if (boasts) await firefox.page.evaluate(boasting)
  await firefox.open({ ...options, offers: true })
  await chromium.open({ ...options, offers: false })
  await carry(chromium, firefox, bothConnected(chromium, firefox))
  for (const microphone of [true, false, true]) {
    await firefox.do(`end.set({ microphone: ${microphone} })`)
    const now = await chromium.do<number>('sizes.length')
    // Where silence is left out there are few.
    await Promise.race([
      chromium.until(`sizes.length > ${now + 200}`),
      new Promise((resolve) => setTimeout(resolve, 8_000)),
    ])
  }
  return chromium.do<number[]>('sizes.slice(50)')
}

test('D10: what Firefox sends has one size too, in its tone and muted, though its Opus has many', async (context) => {
  const sizes = await sizesFromFirefox(context)
  if (sizes === undefined) return
  assert.isAbove(sizes.length, 400)
  assert.lengthOf([...new Set(sizes)], 1)
})

test('D10 control: a Firefox that claims to send Opus at a constant rate tells when somebody speaks', async (context) => {
  const sizes = await sizesFromFirefox(context, true)
  if (sizes === undefined) return
  assert.isAbove(new Set(sizes).size, 1)
})
