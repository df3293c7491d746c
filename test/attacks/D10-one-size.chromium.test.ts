import type { CallMedia } from '@sotto/protocol'
import { assert, test } from '#test'
import { BrowserSpy, close, connected, ends, type Side } from '../support/peer-ends.js'
import { until } from '../support/until.js'

interface Encoded {
  readonly data: ArrayBuffer
}
interface Tapped extends RTCRtpSender {
  createEncodedStreams(): { readable: ReadableStream<Encoded>; writable: WritableStream<Encoded> }
}

/** Takes what a sender has encoded on its way out. */
function tap(sender: RTCRtpSender, take: (size: number) => void): void {
  const { readable, writable } = (sender as Tapped).createEncodedStreams()
  const through = new TransformStream<Encoded, Encoded>({
    transform(frame, controller) {
      take(frame.data.byteLength)
      controller.enqueue(frame)
    },
  })
  void readable
    .pipeThrough(through)
    .pipeTo(writable)
    .catch(() => undefined)
}

interface Between {
  /** Somebody on the way between both ends. */
  readonly onTheWay?: (sdp: string, from: Side) => string
  /** A browser that is handed something else than what we wrote. */
  readonly atTheBrowser?: (sdp: string) => string
}

/**
 * The sizes of the audio frames that both ends send: Chromium's own microphone beeps once a second and is silent in between; then both are
 * muted, and not.
 */
async function sizesOf({ onTheWay, atTheBrowser }: Between): Promise<readonly number[]> {
  const Real = globalThis.RTCPeerConnection
  const sizes: number[] = []
  const made: RTCPeerConnection[] = []
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, encodedInsertableStreams: true } as RTCConfiguration)
      made.push(this)
    }

    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const { sdp = '' } = description
      return super.setRemoteDescription({ ...description, sdp: atTheBrowser?.(sdp) ?? sdp })
    }
  }
  try {
    const change = (media: CallMedia, from: Side): CallMedia =>
      'sdp' in media ? { ...media, sdp: onTheWay?.(media.sdp, from) ?? media.sdp } : media
    const { caller, answering } = await ends({}, change)
    const senders = made.filter((one) => one.signalingState !== 'closed').flatMap((one) => one.getSenders())
    for (const sender of senders)
      tap(sender, (size) => {
        if (sender.track?.kind === 'audio') sizes.push(size)
      })
    await connected(caller, answering)
    for (const microphone of [true, false, true]) {
      const before = sizes.length
      await Promise.all([caller.set({ microphone }), answering.set({ microphone })])
      await until(() => sizes.length > before + 300)
    }
    close(caller, answering)
    // The first ones, before bandwidth is known, are the encoder's own.
    return sizes.slice(50)
  } finally {
    globalThis.RTCPeerConnection = Real
  }
}

test('D10: every audio frame has one size, in sound and in silence, muted and not', async () => {
  const sizes = await sizesOf({})
  assert.isAbove(sizes.length, 800)
  assert.lengthOf([...new Set(sizes)], 1)
})

const telling = 'minptime=10;useinbandfec=1;cbr=0;usedtx=1'

test('D10: what is asked of us on the way changes nothing', async () => {
  let asked = 0
  const sizes = await sizesOf({
    onTheWay(sdp) {
      asked++
      assert.include(sdp, 'cbr=1;usedtx=0')
      return sdp.replace(/minptime.*/, telling)
    },
  })
  assert.isAtLeast(asked, 2)
  assert.lengthOf([...new Set(sizes)], 1)
})

test('D10 control: a browser that is handed other settings sends sizes that tell when somebody speaks', async () => {
  const sizes = await sizesOf({ atTheBrowser: (sdp) => sdp.replace(/minptime.*/, telling) })
  assert.isAbove(new Set(sizes).size, 5)
})

/** The extensions that a browser adds to the packets of sound. */
const extensionsOf = (connection: RTCPeerConnection | undefined) =>
  connection
    ?.getSenders()
    .slice(0, 1)
    .flatMap((sender) => sender.getParameters().headerExtensions.map(({ uri }) => uri)) ?? []
const levels = /audio-level/

test('D10: no packet says how loud it is, whatever is asked of us; the control: a browser by itself does', async () => {
  const asking = (sdp: string) =>
    sdp.replace('a=mid:0\r\n', 'a=mid:0\r\na=extmap:9 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n')
  const spy = new BrowserSpy()
  try {
    const { caller, answering } = await ends({}, (media) =>
      'sdp' in media ? { ...media, sdp: asking(media.sdp) } : media,
    )
    await connected(caller, answering)
    for (const connection of spy.connections) {
      const extensions = extensionsOf(connection)
      assert.isAbove(extensions.length, 0)
      assert.notMatch(extensions.join(' '), levels)
    }
    close(caller, answering)
  } finally {
    spy.stop()
  }
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()]
  one.addTransceiver('audio')
  await one.setLocalDescription()
  await other.setRemoteDescription({ type: 'offer', sdp: one.localDescription?.sdp ?? '' })
  await other.setLocalDescription()
  await one.setRemoteDescription({ type: 'answer', sdp: other.localDescription?.sdp ?? '' })
  assert.match(extensionsOf(one).join(' '), levels)
  one.close()
  other.close()
})
