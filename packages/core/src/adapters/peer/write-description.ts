import sdp from 'sdp-transform'
import type { Description } from './description.js'
import type { Flow } from './flow.js'

/** The channel carries a word a second. */
const longestMessage = 1_024

/**
 * A description of what we know of, as both the browser and the other end get it. All in it that is not negotiated is the same in every
 * call: no addresses, no names, no numbers of the browser's own.
 */
export function writeDescription({ fingerprint, setup, ufrag, pwd, flows }: Description): string {
  const [type, hash] = fingerprint.split(' ')
  const common = {
    port: 9,
    connection: { version: 4, ip: '0.0.0.0' },
    iceUfrag: ufrag,
    icePwd: pwd,
    iceOptions: 'trickle',
    fingerprint: { type, hash },
    setup,
  }
  const channel = {
    ...common,
    type: 'application',
    protocol: 'UDP/DTLS/SCTP',
    payloads: 'webrtc-datachannel',
    rtp: [],
    fmtp: [],
    mid: String(flows.length),
    sctpPort: 5_000,
    maxMessageSize: longestMessage,
  }
  const mids = [...flows.keys(), flows.length].join(' ')
  return sdp.write({
    version: 0,
    origin: { username: '-', sessionId: 1, sessionVersion: 1, netType: 'IN', ipVer: 4, address: '127.0.0.1' },
    name: '-',
    timing: { start: 0, stop: 0 },
    groups: [{ type: 'BUNDLE', mids }],
    media: [...flows.map((flow, place) => ({ ...common, ...sectionOf(flow, place) })), channel],
  } as never)
}

function sectionOf(flow: Flow, place: number) {
  const { type, direction, codecs, extensions, sources, repeats } = flow
  return {
    type,
    protocol: 'UDP/TLS/RTP/SAVPF',
    payloads: codecs.map(({ payload }) => payload).join(' '),
    mid: String(place),
    direction,
    // One stream for face and voice, so that the browser plays them in step; the screen is one by itself.
    msid: `${place === 2 ? 'screen' : 'person'} ${place}`,
    rtcp: { port: 9, netType: 'IN', ipVer: 4, address: '0.0.0.0' },
    rtcpMux: 'rtcp-mux',
    rtcpRsize: 'rtcp-rsize',
    rtp: codecs.map(({ payload, codec, rate }) => ({
      payload,
      codec,
      rate,
      ...(rate === 48_000 ? { encoding: 2 } : {}),
    })),
    fmtp: codecs.flatMap(({ payload, config }) => (config === '' ? [] : [{ payload, config }])),
    rtcpFb: codecs.flatMap(({ payload, feedback }) => feedback.map((one) => ({ payload, ...one }))),
    ext: extensions,
    ssrcs: sources.map((id) => ({ id, attribute: 'cname', value: 'sotto' })),
    ssrcGroups: repeats ? [{ semantics: 'FID', ssrcs: sources.join(' ') }] : [],
  }
}
