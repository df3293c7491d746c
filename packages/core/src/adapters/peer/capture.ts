import { SottoError } from '@sotto/protocol'
import type { MediaDevicesChosen, MediaTroubles } from '@sotto/core/ports'

export type Source = 'microphone' | 'camera' | 'screen'

const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
const video: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  facingMode: 'user',
}

/** What a call begins with. Rejects with what is wrong with the microphone; without a camera one can be in a video call. */
export async function captureFirst(
  wantsCamera: boolean,
  devices: MediaDevicesChosen = {},
): Promise<readonly MediaStreamTrack[]> {
  const both = wantsCamera ? await captureBoth(devices) : undefined
  return both ?? [await captureWished('microphone', devices.microphone)]
}

/** What is there to be tried, and why the rest is not. Rejects with what is wrong with the microphone where nothing is. */
export async function captureToTry(
  wantsCamera: boolean,
  devices: MediaDevicesChosen = {},
): Promise<{ readonly tracks: readonly MediaStreamTrack[]; readonly troubles: MediaTroubles }> {
  if (!wantsCamera) return { tracks: await captureFirst(false, devices), troubles: {} }
  const both = await captureBoth(devices)
  if (both !== undefined) return { tracks: both, troubles: {} }
  const microphone = await tried(captureWished('microphone', devices.microphone))
  // Who has just said no twice is not asked a third time.
  if (SottoError.is(microphone, 'media-denied')) throw microphone
  const camera = await tried(captureWished('camera', devices.camera))
  if (!SottoError.is(camera))
    return SottoError.is(microphone)
      ? { tracks: [camera], troubles: { microphone } }
      : { tracks: [microphone, camera], troubles: {} }
  if (SottoError.is(microphone)) throw microphone
  return { tracks: [microphone], troubles: { camera } }
}

/** The person is asked once for both. What is wrong with which of them does not show before each is asked for by itself. */
async function captureBoth({
  microphone,
  camera,
}: MediaDevicesChosen): Promise<readonly MediaStreamTrack[] | undefined> {
  // Both that were chosen, or the one of them that is there; a browser finds that out before it asks the person.
  const wishes = [
    [microphone, camera],
    [microphone, undefined],
    [undefined, camera],
    [undefined, undefined],
  ].filter(
    ([one, other], i, all) => all.findIndex(([first, second]) => first === one && second === other) === i,
  )
  for (const [one, other] of wishes) {
    const wanted = { ...constraints('microphone', exactly(one)), ...constraints('camera', exactly(other)) }
    try {
      return await ask('camera', (devices) => devices.getUserMedia(wanted))
    } catch (error) {
      if (!SottoError.is(error)) throw error
      if (error.code !== 'no-camera') return undefined
    }
  }
  return undefined
}

/**
 * Asks for a device that was chosen once; where it is gone since, the next best is as good. Not with `ideal`, which Chromium does not heed for
 * microphones. Rejects as `capture`.
 */
export async function captureWished(source: Source, deviceId: string | undefined): Promise<MediaStreamTrack> {
  if (deviceId === undefined) return capture(source)
  return capture(source, exactly(deviceId)).catch((error: unknown) => {
    if (SottoError.is(error, 'no-microphone') || SottoError.is(error, 'no-camera')) return capture(source)
    throw error
  })
}

const exactly = (exact: string | undefined): ConstrainDOMStringParameters | undefined =>
  exact === undefined ? undefined : { exact }

/** Asks for one source, of a certain device where there is one to be. Rejects with `no-microphone`, `no-camera`, `media-denied`, `media-in-use`. */
export async function capture(
  source: Source,
  deviceId?: ConstrainDOMStringParameters,
): Promise<MediaStreamTrack> {
  const [track, ...rest] = await ask(source, (devices) =>
    source === 'screen'
      ? devices.getDisplayMedia({ video: true, audio: false })
      : devices.getUserMedia(constraints(source, deviceId)),
  )
  for (const one of rest) one.stop()
  if (track === undefined) throw absent(source)
  return track
}

function constraints(
  source: Source,
  deviceId: ConstrainDOMStringParameters | undefined,
): MediaStreamConstraints {
  const those = source === 'microphone' ? audio : video
  // Whoever names a camera does not ask which way it looks.
  const all = deviceId === undefined ? those : { ...those, facingMode: {}, deviceId }
  return source === 'microphone' ? { audio: all } : { video: all }
}

async function ask(
  source: Source,
  how: (devices: MediaDevices) => Promise<MediaStream>,
): Promise<readonly MediaStreamTrack[]> {
  // Only secure pages have it.
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined
  if (devices === undefined) throw new SottoError('media-denied')
  try {
    return (await how(devices)).getTracks()
  } catch (error) {
    throw mediaError(source, error)
  }
}

export const absent = (source: Source, cause?: unknown): SottoError =>
  new SottoError(source === 'microphone' ? 'no-microphone' : 'no-camera', undefined, { cause })

/** What getUserMedia and getDisplayMedia reject with (Media Capture and Streams, section 10.3.1), as one of ours. */
function mediaError(source: Source, cause: unknown): SottoError {
  const name = cause instanceof DOMException ? cause.name : ''
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return absent(source, cause)
  const busy = name === 'NotReadableError' || name === 'AbortError'
  return new SottoError(busy ? 'media-in-use' : 'media-denied', undefined, { cause })
}

function tried(capturing: Promise<MediaStreamTrack>): Promise<MediaStreamTrack | SottoError> {
  return capturing.catch((error: unknown) => {
    if (SottoError.is(error)) return error
    throw error
  })
}
