import { assert, test } from '#test'
import { connected, ends } from '../support/peer-ends.js'
import { until } from '../support/until.js'

interface Encoded {
  readonly data: ArrayBuffer
}
interface Tapped extends RTCRtpSender {
  createEncodedStreams(): { readable: ReadableStream<Encoded>; writable: WritableStream<Encoded> }
}

/** The sizes of the audio frames that leave this page: Chromium's own microphone beeps once a second and is silent in between. */
async function sizesOf(change: (sdp: string) => string): Promise<readonly number[]> {
  const Real = globalThis.RTCPeerConnection
  const sizes: number[] = []
  const made: RTCPeerConnection[] = []
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, encodedInsertableStreams: true } as RTCConfiguration)
      made.push(this)
    }

    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      return super.setRemoteDescription({ ...description, sdp: change(description.sdp ?? '') })
    }
  }
  try {
    const { caller, answering } = await ends()
    for (const connection of made) {
      for (const sender of connection.getSenders() as unknown as readonly Tapped[]) {
        const { readable, writable } = sender.createEncodedStreams()
        const isAudio = sender.track?.kind === 'audio'
        const tap = new TransformStream<Encoded, Encoded>({
          transform(frame, controller) {
            if (isAudio) sizes.push(frame.data.byteLength)
            controller.enqueue(frame)
          },
        })
        void readable
          .pipeThrough(tap)
          .pipeTo(writable)
          .catch(() => undefined)
      }
    }
    await connected(caller, answering)
    await until(() => sizes.length > 300)
    caller.close()
    answering.close()
    // The first ones, before bandwidth is known, are the encoder's own.
    return sizes.slice(50)
  } finally {
    globalThis.RTCPeerConnection = Real
  }
}

test('D10: every audio frame has one size, in sound and in silence', async () => {
  const sizes = await sizesOf((sdp) => sdp)
  assert.isAbove(sizes.length, 200)
  assert.lengthOf([...new Set(sizes)], 1)
})

test('D10 control: without our rules for sound, the sizes tell when somebody speaks', async () => {
  const sizes = await sizesOf((sdp) => sdp.replace('cbr=1;usedtx=0', 'cbr=0;usedtx=1'))
  assert.isAbove(new Set(sizes).size, 5)
})
