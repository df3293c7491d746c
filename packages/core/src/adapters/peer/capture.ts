import { SottoError } from '@sotto/protocol'

export type Source = 'microphone' | 'camera' | 'screen'

const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
const video: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  facingMode: 'user',
}

/** What a call begins with. Rejects with what is wrong with the microphone; without a camera one can be in a video call. */
export async function captureFirst(wantsCamera: boolean): Promise<readonly MediaStreamTrack[]> {
  // The person is asked once for both. What is wrong with which of them does not show before the microphone is asked for by itself.
  if (wantsCamera) {
    const both = await ask('camera', (devices) => devices.getUserMedia({ audio, video })).catch(withoutCamera)
    if (both !== undefined) return both
  }
  return [await capture('microphone')]
}

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

const absent = (source: Source, cause?: unknown): SottoError =>
  new SottoError(source === 'microphone' ? 'no-microphone' : 'no-camera', undefined, { cause })

/** What getUserMedia and getDisplayMedia reject with (Media Capture and Streams, section 10.3.1), as one of ours. */
function mediaError(source: Source, cause: unknown): SottoError {
  const name = cause instanceof DOMException ? cause.name : ''
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return absent(source, cause)
  const busy = name === 'NotReadableError' || name === 'AbortError'
  return new SottoError(busy ? 'media-in-use' : 'media-denied', undefined, { cause })
}

function withoutCamera(error: unknown): undefined {
  if (!SottoError.is(error)) throw error
}
