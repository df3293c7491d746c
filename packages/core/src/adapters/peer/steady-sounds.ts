import { allSounds, type Sound } from './flow.js'
import { writeDescription } from './write-description.js'

/** Any description with Opus as we ask for it: it is never answered, and nothing is gathered for it. */
const asking = writeDescription({
  fingerprint: `sha-256 ${Array.from({ length: 32 }, () => '00').join(':')}`,
  setup: 'actpass',
  ufrag: 'steady',
  pwd: 'steadysteadysteadysteady',
  flows: [
    {
      type: 'audio',
      direction: 'sendrecv',
      codecs: [{ payload: 111, codec: 'opus', rate: 48_000, config: 'cbr=1', feedback: [] }],
      extensions: [],
      sources: [],
      repeats: false,
    },
  ],
})

/**
 * The codecs that this browser sends in packets of one size. Firefox 153 does not hear of a constant bit rate: its Opus tells by its sizes when
 * somebody speaks. What a browser says that it was told shows whether it did.
 */
export async function steadySounds(): Promise<readonly Sound[]> {
  const connection = new RTCPeerConnection()
  try {
    await connection.setRemoteDescription({ type: 'offer', sdp: asking })
    const heard = /cbr=1/.test(connection.remoteDescription?.sdp ?? '')
    return heard ? allSounds : allSounds.filter((one) => one !== 'opus')
  } finally {
    connection.close()
  }
}
