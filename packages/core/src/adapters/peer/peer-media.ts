import { SottoError, check } from '@sotto/protocol'
import type { Media, MediaOptions, MediaSession } from '@sotto/core/ports'
import { capture } from './capture.js'
import { PeerSession } from './peer-session.js'

/** Calls from browser to browser, over `RTCPeerConnection`. Rejects with `call-refused` where there is none. */
export function peerMedia(): Media {
  return { open }
}

async function open(options: MediaOptions): Promise<MediaSession> {
  check(globalThis.RTCPeerConnection !== undefined, 'call-refused', { reason: 'a browser without calls' })
  check(!options.relayOnly || options.servers.length > 0, 'wrong-argument', { name: 'servers' })
  const microphone = await capture('microphone')
  let camera: MediaStreamTrack | undefined
  try {
    camera = options.video ? await capture('camera').catch(withoutCamera) : undefined
    return await PeerSession.start(options, { microphone, camera })
  } catch (error) {
    microphone.stop()
    camera?.stop()
    throw error
  }
}

/** Somebody without a camera can be in a video call. */
function withoutCamera(error: unknown): undefined {
  if (!SottoError.is(error)) throw error
}
