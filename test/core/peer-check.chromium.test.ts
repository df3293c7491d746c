import { peerMedia } from '@sotto/core/peer'
import type { MediaCheck } from '@sotto/core/ports'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'
import { close, connected, ends } from '../support/peer-ends.js'
import { loudness, shades } from '../support/seen-and-heard.js'
import { refusing } from '../support/refusing.js'

const tracksOf = ({ streams: { value } }: MediaCheck): readonly MediaStreamTrack[] =>
  [value.voice, value.local].flatMap((stream) => stream?.getTracks() ?? [])

async function idsOf(kind: MediaDeviceKind): Promise<readonly string[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter((one) => one.kind === kind).map(({ deviceId }) => deviceId)
}

test('a check shows the camera and measures the voice, and lets both go when it is closed', async () => {
  const check = await peerMedia().check({ video: true })
  const tracks = tracksOf(check)
  assert.deepEqual(tracks.map(({ kind, readyState }) => `${kind} ${readyState}`).sort(), [
    'audio live',
    'video live',
  ])
  assert.isAbove(await shades(check.streams.value.local), 40)
  assert.isAbove(await loudness(check.streams.value.voice), 0.05)
  assert.lengthOf(check.streams.value.local?.getAudioTracks() ?? [], 0, 'nobody hears themselves')
  check.close()
  assert.deepEqual(
    tracks.map(({ readyState }) => readyState),
    ['ended', 'ended'],
  )
  assert.isEmpty(tracksOf(check))
  assert.deepEqual(check.sources.value, { microphone: false, camera: false })
  assert.equal(await codeOf(check.set({ microphone: true })), 'call-over')
})

test('a check without video asks for no camera', async () => {
  const check = await peerMedia().check({ video: false })
  assert.deepEqual(
    tracksOf(check).map(({ kind }) => kind),
    ['audio'],
  )
  check.close()
})

test('a check goes when its page does', async () => {
  const check = await peerMedia().check({ video: true })
  const tracks = tracksOf(check)
  globalThis.dispatchEvent(new PageTransitionEvent('pagehide'))
  assert.deepEqual(
    tracks.map(({ readyState }) => readyState),
    ['ended', 'ended'],
  )
})

test('devices that were chosen before are captured, and one that is gone leaves the next best', async () => {
  const ids = await idsOf('audioinput')
  const other = ids.at(-1)
  if (other === undefined || ids.length < 2) throw new Error('this browser has one microphone only')
  const check = await peerMedia().check({ video: true, devices: { microphone: other, camera: 'gone' } })
  assert.equal(check.streams.value.voice?.getAudioTracks()[0]?.getSettings().deviceId, other)
  assert.isTrue(check.sources.value.camera)
  check.close()
  const { caller, answering } = await ends({ devices: { microphone: other, camera: 'gone' }, video: true })
  assert.equal(answering.streams.value.voice?.getAudioTracks()[0]?.getSettings().deviceId, other)
  assert.isTrue(answering.sources.value.camera)
  await connected(caller, answering)
  close(caller, answering)
})

test('one’s own voice is there to be measured in a call, and is silent while the microphone is off', async () => {
  const { caller, answering } = await ends()
  await connected(caller, answering)
  assert.isAbove(await loudness(caller.streams.value.voice), 0.05)
  await caller.set({ microphone: false })
  assert.isBelow(await loudness(caller.streams.value.voice, 1500), 0.001)
  close(caller, answering)
  assert.isUndefined(caller.streams.value.voice)
})

test('a camera that is refused leaves the microphone, and says why', async (context) => {
  refusing(context, ({ video }) => (video === undefined ? undefined : 'NotReadableError'))
  const check = await peerMedia().check({ video: true })
  assert.deepEqual(check.sources.value, { microphone: true, camera: false })
  assert.equal(check.troubles.value.camera?.code, 'media-in-use')
  assert.isUndefined(check.troubles.value.microphone)
  assert.equal(await codeOf(check.set({ camera: true })), 'media-in-use')
  check.close()
})

test('without a microphone the camera is there, and the next try finds one that was connected', async (context) => {
  let isThere = false
  refusing(context, ({ audio }) => (audio === undefined || isThere ? undefined : 'NotFoundError'))
  const check = await peerMedia().check({ video: true })
  assert.deepEqual(check.sources.value, { microphone: false, camera: true })
  assert.equal(check.troubles.value.microphone?.code, 'no-microphone')
  isThere = true
  await check.set({ microphone: true })
  assert.deepEqual(check.sources.value, { microphone: true, camera: true })
  assert.deepEqual(check.troubles.value, {})
  check.close()
})

test('where nothing can be had, the check says what is wrong with the microphone; who says no is asked twice at most', async (context) => {
  const asked = refusing(context, () => 'NotAllowedError')
  assert.equal(await codeOf(peerMedia().check({ video: true })), 'media-denied')
  assert.lengthOf(asked, 2)
  assert.equal(await codeOf(peerMedia().check({ video: false })), 'media-denied')
})

test('a device that is pulled out is off, and the check says so', async () => {
  const check = await peerMedia().check({ video: true })
  const camera = check.streams.value.local?.getVideoTracks()[0]
  // What a browser does when the device goes: the track ends, and says so.
  camera?.stop()
  camera?.dispatchEvent(new Event('ended'))
  assert.isFalse(check.sources.value.camera)
  assert.equal(check.troubles.value.camera?.code, 'no-camera')
  assert.isUndefined(check.streams.value.local)
  check.close()
})
