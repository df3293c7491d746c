import { peerMedia } from '@sotto/core/peer'
import type { MediaOptions, MediaStreams } from '@sotto/core/ports'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'
import { BrowserSpy, close, connected, descriptionOf, ends, pause } from '../support/peer-ends.js'
import { framesWithin, loudness, shades } from '../support/seen-and-heard.js'
import { until } from '../support/until.js'

const nothing = { microphone: false, camera: false, screen: false }
const video = { video: true }

const tracksOf = ({ local, localScreen }: MediaStreams) =>
  [local, localScreen].flatMap((one) => one?.getTracks() ?? [])

test('a voice call connects, each end hears the other, and no camera is on', async () => {
  const { caller, answering, refused } = await ends()
  await connected(caller, answering)
  assert.deepEqual(refused, [])
  assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  assert.isAbove(await loudness(answering.streams.value.remote), 0.05)
  for (const one of [caller, answering]) {
    assert.deepEqual(one.sources.value, { ...nothing, microphone: true })
    assert.isUndefined(one.streams.value.local)
    assert.equal(await framesWithin(one.streams.value.remote, 500), 0)
  }
  close(caller, answering)
})

test('a video call shows each end the other’s picture', async () => {
  const { caller, answering } = await ends(video)
  await connected(caller, answering)
  assert.isAbove(await shades(caller.streams.value.remote), 40)
  assert.isAbove(await shades(answering.streams.value.remote), 40)
  assert.isAbove(await shades(caller.streams.value.local), 40)
  close(caller, answering)
})

test('a camera is turned on in a voice call, and off, and its device is let go; nothing is negotiated again', async () => {
  const { caller, answering, said } = await ends()
  await connected(caller, answering)
  const descriptions = () => said.filter(({ media }) => 'sdp' in media).length
  const before = descriptions()
  for (let i = 0; i < 2; i++) {
    await caller.set({ camera: true })
    assert.isAbove(await shades(answering.streams.value.remote), 40)
    const [track] = tracksOf(caller.streams.value)
    await caller.set({ camera: false })
    assert.equal(track?.readyState, 'ended')
    assert.isFalse(caller.sources.value.camera)
    assert.isUndefined(caller.streams.value.local)
    await pause(300)
    assert.isBelow(await framesWithin(answering.streams.value.remote, 500), 2)
  }
  assert.equal(descriptions(), before)
  close(caller, answering)
})

test('a screen is shown beside the camera, and reads off when the browser’s own "stop" ends it', async () => {
  const { caller, answering } = await ends(video)
  await connected(caller, answering)
  await answering.set({ screen: true })
  assert.isTrue(answering.sources.value.screen)
  await until(async () => (await framesWithin(caller.streams.value.remoteScreen, 500)) > 0, 20_000)
  assert.isAbove(await shades(caller.streams.value.remote), 40)
  const [track] = answering.streams.value.localScreen?.getTracks() ?? []
  track?.stop()
  track?.dispatchEvent(new Event('ended'))
  assert.isFalse(answering.sources.value.screen)
  assert.isUndefined(answering.streams.value.localScreen)
  close(caller, answering)
})

test('a microphone that is pulled out reads off, and can be turned on again', async () => {
  const spy = new BrowserSpy()
  const { caller, answering } = await ends()
  spy.stop()
  await connected(caller, answering)
  const sender = spy.connections[0]?.getSenders()[0]
  const track = sender?.track
  track?.stop()
  track?.dispatchEvent(new Event('ended'))
  assert.deepEqual(answering.sources.value, nothing)
  await until(() => sender?.track === null)
  await answering.set({ microphone: true })
  assert.isTrue(answering.sources.value.microphone)
  assert.notEqual(sender?.track, track)
  assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  close(caller, answering)
})

test('what is muted is silent', async () => {
  const { caller, answering } = await ends()
  await connected(caller, answering)
  await caller.set({ microphone: false })
  assert.isFalse(caller.sources.value.microphone)
  await pause(500)
  assert.isBelow(await loudness(answering.streams.value.remote, 3_000), 0.01)
  await caller.set({ microphone: true })
  assert.isAbove(await loudness(answering.streams.value.remote), 0.05)
  close(caller, answering)
})

for (const who of ['caller', 'answering'] as const)
  test(`the ${who} end hangs up: the other one knows at once, and every device is let go`, async () => {
    const both = await ends(video)
    const { caller, answering } = both
    await connected(caller, answering)
    await both.answering.set({ screen: true })
    const tracks = [caller, answering].flatMap((one) => tracksOf(one.streams.value))
    assert.lengthOf(tracks, 3)
    const other = who === 'caller' ? answering : caller
    both[who].close()
    await until(() => other.link.value === 'left', 2_000)
    assert.equal(both[who].link.value, 'connected', 'nothing is said of one’s own')
    assert.isTrue(tracks.every((one) => one.readyState === 'ended'))
    for (const one of [caller, answering]) {
      assert.deepEqual(one.sources.value, nothing)
      assert.isUndefined(one.streams.value.remote)
      assert.equal(await codeOf(one.set({ camera: true })), 'call-over')
      assert.equal(await codeOf(one.take(descriptionOf(both, who))), 'call-over')
      assert.equal(await codeOf(one.restart()), 'call-over')
      one.close()
    }
  })

test('a page that goes says so', async () => {
  const { caller, answering } = await ends()
  await connected(caller, answering)
  dispatchEvent(new Event('pagehide'))
  // Both are on this page: neither is left to hear of it, but both are closed.
  assert.equal(await codeOf(caller.restart()), 'call-over')
  assert.equal(await codeOf(answering.restart()), 'call-over')
})

/** A page that hangs: what it should say on the channel is not said. */
function mute(channels: () => readonly RTCDataChannel[]): () => void {
  const real = RTCDataChannel.prototype.send
  RTCDataChannel.prototype.send = function (data: unknown) {
    if (!channels().includes(this)) real.call(this, data as never)
  }
  return () => (RTCDataChannel.prototype.send = real)
}

/** The channel of each end, in the order in which they are made. */
function channelsMade(): { readonly all: RTCDataChannel[]; stop(): void } {
  const all: RTCDataChannel[] = []
  const real = RTCPeerConnection.prototype.createDataChannel
  RTCPeerConnection.prototype.createDataChannel = function (label, init) {
    const channel = real.call(this, label, init)
    all.push(channel)
    return channel
  }
  return { all, stop: () => (RTCPeerConnection.prototype.createDataChannel = real) }
}

test('a page that hangs is noticed within seconds, and comes back; what else comes on the channel is nothing', async () => {
  const made = channelsMade()
  const { caller, answering } = await ends()
  made.stop()
  await connected(caller, answering)
  const [ours] = made.all
  const unmute = mute(() => made.all.slice(0, 1))
  try {
    await until(() => caller.link.value === 'lost', 10_000)
    assert.equal(answering.link.value, 'connected')
  } finally {
    unmute()
  }
  await until(() => caller.link.value === 'connected', 5_000)
  for (const odd of ['', 'bye ', 'BYE', '{"bye":true}', new Uint8Array([98, 121, 101]), 'x'.repeat(1_000)])
    ours?.send(odd as string)
  await pause(500)
  assert.equal(caller.link.value, 'connected')
  close(caller, answering)
})

test('a last word is enough, also where nothing closes', async () => {
  const made = channelsMade()
  const { caller, answering } = await ends()
  made.stop()
  await connected(caller, answering)
  made.all[0]?.send('bye')
  await until(() => caller.link.value === 'left', 5_000)
  assert.equal(made.all[0]?.readyState, 'open')
  close(answering)
})

test('a channel that closes is an end that goes', async () => {
  const made = channelsMade()
  const { caller, answering } = await ends()
  made.stop()
  await connected(caller, answering)
  made.all[0]?.close()
  await until(() => caller.link.value === 'left', 5_000)
  close(answering)
})

/** What was negotiated of ICE so far, as the browser has it. */
const ufragOf = (connection: RTCPeerConnection | undefined) =>
  /a=ice-ufrag:(.*)/.exec(connection?.remoteDescription?.sdp ?? '')?.[1]

test('another way is looked for with new credentials, by either end, and the sound goes on', async () => {
  const spy = new BrowserSpy()
  const { caller, answering, refused } = await ends()
  spy.stop()
  await connected(caller, answering)
  for (const one of [answering, caller]) {
    const before = spy.connections.map(ufragOf)
    await one.restart()
    await until(() => spy.connections.every((other, i) => ufragOf(other) !== before[i]), 10_000)
    await connected(caller, answering)
    assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  }
  assert.deepEqual(refused, [])
  close(caller, answering)
})

test('who looks for another way while it is looking looks once more', async () => {
  const { caller, answering, said } = await ends()
  await connected(caller, answering)
  const offers = () => said.filter(({ from, media }) => from === 'answering' && media.type === 'offer').length
  await Promise.all([answering.restart(), answering.restart()])
  await until(() => offers() === 3, 10_000)
  close(caller, answering)
})

test('both look for another way at once, again and again, and stay connected', async () => {
  const spy = new BrowserSpy()
  const { caller, answering, refused } = await ends(video)
  spy.stop()
  await connected(caller, answering)
  for (let i = 0; i < 5; i++) {
    const before = spy.connections.map(ufragOf)
    await Promise.all([caller.restart(), answering.restart(), answering.set({ camera: i % 2 === 1 })])
    await until(() => spy.connections.every((one, at) => ufragOf(one) !== before[at]), 10_000)
    await until(() => spy.connections.every((one) => one.signalingState === 'stable'), 10_000)
  }
  await answering.set({ camera: true })
  await pause(500)
  assert.deepEqual(refused, [])
  assert.deepEqual([caller.link.value, answering.link.value], ['connected', 'connected'])
  for (const one of [caller, answering]) {
    assert.isAbove(await loudness(one.streams.value.remote), 0.05)
    assert.isAbove(await shades(one.streams.value.remote), 40)
  }
  close(caller, answering)
})

test('one end makes the offers, and the other one asks for them: what comes the wrong way round is refused', async () => {
  const both = await ends()
  const { caller, answering, said } = both
  await connected(caller, answering)
  const { sdp } = descriptionOf(both, 'answering')
  const stranger = { type: 'offer', sdp } as const
  assert.equal(await codeOf(answering.take(stranger)), 'call-refused')
  assert.equal(await codeOf(caller.take({ type: 'restart' })), 'call-refused')
  const before = said.length
  await caller.restart()
  await until(() => said.slice(before).some(({ media }) => media.type === 'answer'), 10_000)
  const kinds = said
    .slice(before)
    .flatMap(({ from, media }) => (media.type === 'candidates' ? [] : `${from} ${media.type}`))
  assert.deepEqual(kinds, ['caller restart', 'answering offer', 'caller answer'])
  close(caller, answering)
})

test('when there is a network again, both look for another way by themselves', async () => {
  const { caller, answering, said } = await ends()
  await connected(caller, answering)
  const before = said.length
  dispatchEvent(new Event('online'))
  await until(() => said.slice(before).some(({ media }) => media.type === 'answer'), 10_000)
  await connected(caller, answering)
  assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  close(caller, answering)
})

/** A browser whose devices do not do what is asked of them. */
async function withDevices(
  getUserMedia: (asked: MediaStreamConstraints, real: typeof MediaDevices.prototype.getUserMedia) => unknown,
  work: () => Promise<void>,
): Promise<void> {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = (asked = {}) =>
    Promise.resolve().then(() => getUserMedia(asked, real)) as Promise<MediaStream>
  try {
    await work()
  } finally {
    navigator.mediaDevices.getUserMedia = real
  }
}

const options: MediaOptions = {
  offers: true,
  video: true,
  servers: [],
  relayOnly: false,
  onsignal: () => undefined,
}
const failing = (name: string) => () => {
  throw new DOMException('', name)
}

const reasons = [
  ['NotFoundError', 'no-microphone', 'no-camera'],
  ['OverconstrainedError', 'no-microphone', 'no-camera'],
  ['NotAllowedError', 'media-denied', 'media-denied'],
  ['SecurityError', 'media-denied', 'media-denied'],
  ['NotReadableError', 'media-in-use', 'media-in-use'],
  ['AbortError', 'media-in-use', 'media-in-use'],
] as const

for (const [name, microphone, camera] of reasons)
  test(`${name} of a microphone is ${microphone}, of a camera ${camera}: without a camera the call goes on`, async () => {
    const spy = new BrowserSpy()
    try {
      await withDevices(failing(name), async () => {
        assert.equal(await codeOf(peerMedia().open(options)), microphone)
        assert.lengthOf(spy.connections, 0)
      })
      const without = (asked: MediaStreamConstraints, real: typeof MediaDevices.prototype.getUserMedia) =>
        asked.video === undefined ? real(asked) : failing(name)()
      await withDevices(without, async () => {
        const session = await peerMedia().open(options)
        assert.deepEqual(session.sources.value, { ...nothing, microphone: true })
        assert.equal(await codeOf(session.set({ camera: true })), camera)
        assert.isFalse(session.sources.value.camera)
        session.close()
      })
    } finally {
      spy.stop()
    }
  })

/** Opens, with what fails in it, and looks whether everything was let go. */
async function failingToOpen(onsignal: () => void, message: string): Promise<void> {
  const tracks: MediaStreamTrack[] = []
  const spy = new BrowserSpy()
  const asking = async (asked: MediaStreamConstraints, real: typeof MediaDevices.prototype.getUserMedia) => {
    const stream = await real(asked)
    tracks.push(...stream.getTracks())
    return stream
  }
  await withDevices(asking, async () => {
    assert.equal(await codeOf(peerMedia().open({ ...options, onsignal })), `Error: ${message}`)
  })
  spy.stop()
  assert.lengthOf(tracks, 2)
  assert.isTrue(tracks.every((one) => one.readyState === 'ended'))
  assert.equal(spy.connections[0]?.signalingState, 'closed')
}

test('whatever fails when a call begins, every device is let go', async () => {
  await failingToOpen(() => {
    throw new Error('no way to say it')
  }, 'no way to say it')
  const { replaceTrack } = RTCRtpSender.prototype
  RTCRtpSender.prototype.replaceTrack = () => Promise.reject(new Error('no sender'))
  try {
    await failingToOpen(() => undefined, 'no sender')
  } finally {
    RTCRtpSender.prototype.replaceTrack = replaceTrack
  }
})

test('a camera that comes after the call is over is let go', async () => {
  const session = await peerMedia().open({ ...options, video: false })
  let track: MediaStreamTrack | undefined
  await withDevices(
    async (asked, real) => {
      const stream = await real(asked)
      track = stream.getTracks()[0]
      session.close()
      return stream
    },
    async () => assert.equal(await codeOf(session.set({ camera: true })), 'call-over'),
  )
  assert.equal(track?.readyState, 'ended')
})

test('with servers alone, and none, nobody is asked for a microphone', async () => {
  let asked = false
  await withDevices(
    () => {
      asked = true
    },
    async () =>
      assert.equal(await codeOf(peerMedia().open({ ...options, relayOnly: true })), 'wrong-argument'),
  )
  assert.isFalse(asked)
})
