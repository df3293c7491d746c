import { SottoError } from '@sotto/protocol'

export type Source = 'microphone' | 'camera' | 'screen'

const constraints: Readonly<Record<'microphone' | 'camera', MediaStreamConstraints>> = {
  microphone: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } },
  camera: { video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'user' } },
}

/** Asks for one source. Rejects with `no-microphone`, `no-camera`, `media-denied`, `media-in-use`. */
export async function capture(source: Source): Promise<MediaStreamTrack> {
  const devices = globalThis.navigator?.mediaDevices
  if (devices === undefined) throw new SottoError('media-denied')
  try {
    const stream =
      source === 'screen'
        ? await devices.getDisplayMedia({ video: true, audio: false })
        : await devices.getUserMedia(constraints[source])
    const [track, ...rest] = stream.getTracks()
    for (const one of rest) one.stop()
    if (track === undefined) throw absent(source)
    return track
  } catch (error) {
    throw SottoError.is(error) ? error : mediaError(source, error)
  }
}

const absent = (source: Source): SottoError =>
  source === 'microphone' ? new SottoError('no-microphone') : new SottoError('no-camera')

/** What getUserMedia and getDisplayMedia reject with (Media Capture and Streams, section 10.3.1), as one of ours. */
function mediaError(source: Source, error: unknown): SottoError {
  const name = error instanceof DOMException ? error.name : ''
  const options = { cause: error }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return absent(source)
  if (name === 'NotReadableError' || name === 'AbortError')
    return new SottoError('media-in-use', undefined, options)
  return new SottoError('media-denied', undefined, options)
}
