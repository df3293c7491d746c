import type { MediaStreams } from '@sotto/core/ports'
import { assert, test } from '#test'
import { connected, ends } from '../support/peer-ends.js'
import { until } from '../support/until.js'

/** How many different shades a stream shows over some frames: a picture that moves has many, a black one has one. */
async function shades(stream: MediaStream | undefined): Promise<number> {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = stream ?? null
  await video.play()
  const canvas = new OffscreenCanvas(32, 24)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const seen = new Set<number>()
  await until(() => {
    context?.drawImage(video, 0, 0, 32, 24)
    const { data } = context?.getImageData(0, 0, 32, 24) ?? { data: [] }
    for (const one of data) seen.add(one)
    return seen.size > 40
  }, 20_000).catch(() => undefined)
  video.srcObject = null
  return seen.size
}

/** The loudest that a stream gets within some seconds. */
async function loudness(stream: MediaStream | undefined): Promise<number> {
  if (stream === undefined) return 0
  // Chromium feeds a remote stream into an AudioContext only while an element plays it.
  const element = document.createElement('audio')
  element.muted = true
  element.srcObject = stream
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  let loudest = 0
  await until(() => {
    analyser.getFloatTimeDomainData(samples)
    loudest = Math.max(loudest, ...samples.map(Math.abs))
    return loudest > 0.05
  }, 10_000).catch(() => undefined)
  await context.close()
  return loudest
}

const tracksOf = ({ local, localScreen }: MediaStreams) =>
  [local, localScreen].flatMap((one) => one?.getTracks() ?? [])

test('a voice call connects, each end hears the other, and no camera is on', async () => {
  const { caller, answering, refused } = await ends(false)
  await connected(caller, answering)
  assert.deepEqual(refused, [])
  assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  assert.isAbove(await loudness(answering.streams.value.remote), 0.05)
  assert.deepEqual(caller.sources.value, { microphone: true, camera: false, screen: false })
  caller.close()
  answering.close()
})

test('a video call shows each end the other’s picture', async () => {
  const { caller, answering } = await ends(true)
  await connected(caller, answering)
  assert.isAbove(await shades(caller.streams.value.remote), 40)
  assert.isAbove(await shades(answering.streams.value.remote), 40)
  caller.close()
  answering.close()
})

test('a camera is turned on in a voice call, and off, and its device is let go', async () => {
  const { caller, answering, said } = await ends(false)
  await connected(caller, answering)
  const before = said.filter((one) => one.type !== 'candidates').length
  await caller.set({ camera: true })
  assert.isAbove(await shades(answering.streams.value.remote), 40)
  const [track] = tracksOf(caller.streams.value)
  await caller.set({ camera: false })
  assert.equal(track?.readyState, 'ended')
  assert.isFalse(caller.sources.value.camera)
  assert.equal(said.filter((one) => one.type !== 'candidates').length, before, 'nothing is negotiated again')
  caller.close()
  answering.close()
})

test('who hangs up is gone at once, and every device is let go', async () => {
  const { caller, answering } = await ends(true)
  await connected(caller, answering)
  const tracks = [...tracksOf(caller.streams.value), ...tracksOf(answering.streams.value)]
  answering.close()
  await until(() => caller.link.value === 'left', 5_000)
  assert.isTrue(tracks.every((one) => one.readyState === 'ended'))
})

test('both look for another way at once, and stay connected', async () => {
  const { caller, answering, refused } = await ends(false)
  await connected(caller, answering)
  await Promise.all([caller.restart(), answering.restart()])
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  await connected(caller, answering)
  assert.deepEqual(refused, [])
  assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  caller.close()
  answering.close()
})

test('what is muted is silent', async () => {
  const { caller, answering } = await ends(false)
  await connected(caller, answering)
  await caller.set({ microphone: false })
  assert.isFalse(caller.sources.value.microphone)
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.isBelow(await loudness(answering.streams.value.remote), 0.01)
  caller.close()
  answering.close()
})
