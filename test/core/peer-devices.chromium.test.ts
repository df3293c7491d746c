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
