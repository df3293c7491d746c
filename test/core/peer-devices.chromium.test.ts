import type { MediaOptions } from '@sotto/core/ports'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'
import { BrowserSpy, close, connected, ends } from '../support/peer-ends.js'
import { loudness, shades } from '../support/seen-and-heard.js'

const video: Partial<MediaOptions> = { video: true }

async function idsOf(kind: MediaDeviceKind): Promise<readonly string[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter((one) => one.kind === kind).map(({ deviceId }) => deviceId)
}

test('another microphone takes the place of the one before, muted where that was, and is heard', async () => {
  const spy = new BrowserSpy()
  const { caller, answering } = await ends()
  spy.stop()
  await connected(caller, answering)
  const sender = spy.connections[0]?.getSenders()[0]
  const before = sender?.track
  const other = (await idsOf('audioinput')).find((id) => id !== before?.getSettings().deviceId)
  if (other === undefined) throw new Error('this browser has one microphone only')
  await answering.set({ microphone: false })
  await answering.set({}, { microphone: other })
  assert.equal(before?.readyState, 'ended')
  assert.equal(sender?.track?.getSettings().deviceId, other)
  assert.isFalse(answering.sources.value.microphone)
  await answering.set({ microphone: true })
  assert.isAbove(await loudness(caller.streams.value.remote), 0.05)
  close(caller, answering)
})

test('a camera that is not there leaves the call without one, and no light on', async () => {
  const { caller, answering } = await ends(video)
  await connected(caller, answering)
  const before = answering.streams.value.local?.getVideoTracks()[0]
  assert.equal(before?.readyState, 'live')
  assert.equal(await codeOf(answering.set({}, { camera: 'none' })), 'no-camera')
  assert.isFalse(answering.sources.value.camera)
  assert.isTrue(answering.sources.value.microphone)
  assert.equal(before?.readyState, 'ended')
  const [camera] = await idsOf('videoinput')
  await answering.set({ camera: true }, camera === undefined ? {} : { camera })
  assert.isAbove(await shades(caller.streams.value.remote), 40)
  close(caller, answering)
})

test('while the browser asks for the camera, the microphone can be muted, and what is on be turned off', async () => {
  const { caller, answering } = await ends(video)
  await connected(caller, answering)
  await answering.set({ camera: false })
  const asked = heldBack()
  const turning = answering.set({ camera: true })
  await asked.begun
  await within(answering.set({ microphone: false }))
  assert.isFalse(answering.sources.value.microphone)
  assert.isFalse(answering.streams.value.voice?.getAudioTracks()[0]?.enabled)
  // Who thinks better of it while they are asked is not seen afterwards.
  const off = answering.set({ camera: false })
  asked.give()
  await Promise.all([turning, off])
  assert.deepEqual(answering.sources.value, { microphone: false, camera: false, screen: false })
  close(caller, answering)
})

test('while the browser asks for the screen, the camera can be turned off', async () => {
  const { caller, answering } = await ends(video)
  await connected(caller, answering)
  const camera = answering.streams.value.local?.getVideoTracks()[0]
  const real = navigator.mediaDevices.getDisplayMedia
  const begun = new Promise<void>((resolve) => {
    navigator.mediaDevices.getDisplayMedia = () => {
      resolve()
      return new Promise(() => undefined)
    }
  })
  void answering.set({ screen: true })
  await begun
  navigator.mediaDevices.getDisplayMedia = real
  await within(answering.set({ camera: false }))
  assert.isFalse(answering.sources.value.camera)
  assert.equal(camera?.readyState, 'ended')
  close(caller, answering)
})

/** A browser that has yet to be told whether a page may capture. */
function heldBack(): { readonly begun: Promise<void>; readonly give: () => void } {
  const devices = navigator.mediaDevices
  const real = devices.getUserMedia.bind(devices)
  let give = (): void => undefined
  const given = new Promise<void>((resolve) => (give = resolve))
  const begun = new Promise<void>((resolve) => {
    devices.getUserMedia = async (wanted) => {
      devices.getUserMedia = real
      resolve()
      await given
      return real(wanted)
    }
  })
  return { begun, give }
}

async function within(work: Promise<void>, ms = 2_000): Promise<void> {
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), ms))
  assert.notEqual(await Promise.race([work, late]), 'late')
}
