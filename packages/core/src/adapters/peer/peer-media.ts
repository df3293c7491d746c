import { check } from '@sotto/protocol'
import type { Media, MediaOptions, MediaSession } from '@sotto/core/ports'
import { captureFirst } from './capture.js'
import { PeerCheck } from './peer-check.js'
import { PeerSession } from './peer-session.js'

/** Calls from browser to browser, over `RTCPeerConnection`. Rejects with `call-refused` where there is none. */
export function peerMedia(): Media {
  return { open, check: (options) => PeerCheck.start(options) }
}

async function open(options: MediaOptions): Promise<MediaSession> {
  check(globalThis.RTCPeerConnection !== undefined, 'call-refused', { reason: 'a browser without calls' })
  check(!options.relayOnly || options.servers.length > 0, 'wrong-argument', { name: 'servers' })
  const tracks = await captureFirst(options.video, options.devices)
  try {
    return await PeerSession.start(options, tracks)
  } catch (error) {
    // Also those that it did not come to.
    for (const track of tracks) track.stop()
    throw error
  }
}
