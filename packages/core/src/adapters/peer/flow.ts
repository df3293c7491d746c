import { check } from '@sotto/protocol'
import sdp from 'sdp-transform'

export type Section = ReturnType<typeof sdp.parse>['media'][number]

/** One section of sound or pictures: how it is encoded, and by which numbers it is known on the way. */
export interface Flow {
  readonly type: 'audio' | 'video'
  readonly direction: string
  readonly codecs: readonly Codec[]
  readonly extensions: readonly { readonly value: number; readonly uri: string }[]
  readonly sources: readonly number[]
  /** Whether the second source repeats what was lost of the first. */
  readonly repeats: boolean
}

export interface Codec {
  readonly payload: number
  readonly codec: string
  readonly rate: number
  readonly config: string
  readonly feedback: readonly { readonly type: string; readonly subtype?: string }[]
}

/** The library makes numbers of what looks like one, whatever its types say. */
interface Named {
  readonly payload: number
  readonly codec: string | number
}

/**
 * Codecs of sound, the better one first. What is said cannot be told by the sizes of their packets: Opus has a constant bit rate, without
 * pauses, where it is asked for (RFC 7587, section 6.1), and G.722 has nothing else. Redundant copies (RFC 2198) would have sizes of their own.
 */
const sounds = ['opus', 'g722'] as const
export type Sound = (typeof sounds)[number]
export const allSounds: readonly Sound[] = sounds

const directions: ReadonlySet<string> = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive'])
const experiments = 'http://www.webrtc.org/experiments/rtp-hdrext/'
const both = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  `${experiments}abs-send-time`,
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
]
/** How loud somebody speaks (RFC 6464, RFC 6465) is nobody's business on the way: it is not among those of sound. */
const extensions: Readonly<Record<'audio' | 'video', ReadonlySet<string>>> = {
  audio: new Set(both),
  video: new Set([
    ...both,
    'urn:ietf:params:rtp-hdrext:toffset',
    'urn:3gpp:video-orientation',
    `${experiments}playout-delay`,
    `${experiments}video-content-type`,
    `${experiments}video-timing`,
    `${experiments}color-space`,
  ]),
}
const codecs: Readonly<Record<'audio' | 'video', ReadonlySet<string>>> = {
  audio: new Set<string>(sounds),
  video: new Set(['vp8', 'vp9', 'av1', 'h264', 'rtx', 'red', 'ulpfec']),
}
const feedbacks: ReadonlySet<string> = new Set(['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'])
const opus = 'minptime=10;useinbandfec=0;cbr=1;usedtx=0'

/** What we know of in a section, of sound what is in `allowed`; the rest is left out. Throws `call-refused`. */
export function readFlow(section: Section, allowed: readonly Sound[]): Flow {
  const type = section.type === 'audio' ? 'audio' : 'video'
  const rtp: readonly Named[] = section.rtp
  const known = sdp
    .parsePayloads(section.payloads ?? '')
    .flatMap((payload) => rtp.filter((one) => one.payload === payload).slice(0, 1))
    .filter((one) => codecs[type].has(nameOf(one)) && isUpTo(127, one.payload))
  const chosen =
    type === 'video'
      ? known
      : allowed.flatMap((sound) => known.filter((one) => nameOf(one) === sound).slice(0, 1))
  check(chosen.length > 0 && chosen.length <= 64, 'call-refused', { reason: 'no codec of ours' })
  const sources = [...new Set((section.ssrcs ?? []).map(({ id }) => id))]
  const numbered = sources.length <= 2 && sources.every((one) => isUpTo(0xffff_ffff, one))
  check(numbered, 'call-refused', { reason: 'too many sources' })
  const repeats = section.ssrcGroups?.some(
    (one) => one.semantics === 'FID' && one.ssrcs === sources.join(' '),
  )
  return {
    type,
    direction: directions.has(section.direction ?? '') ? (section.direction ?? '') : 'sendrecv',
    codecs: chosen.map((one) => codecOf(one, section)),
    extensions: (section.ext ?? [])
      .filter(({ value, uri }) => extensions[type].has(uri) && value >= 1 && value <= 14)
      .map(({ value, uri }) => ({ value, uri })),
    sources: (repeats ?? false) ? sources : sources.slice(0, 1),
    repeats: repeats ?? false,
  }
}

const nameOf = ({ codec }: Named): string => String(codec).toLowerCase()

function codecOf({ payload, codec }: Named, section: Section): Codec {
  const name = nameOf({ payload, codec })
  const config = section.fmtp.find((one) => one.payload === payload)?.config ?? ''
  check(/^[A-Za-z0-9=;/ .-]{0,200}$/.test(config), 'call-refused', { reason: 'settings of a codec' })
  return {
    payload,
    codec: String(codec),
    rate: name === 'opus' ? 48_000 : name === 'g722' ? 8_000 : 90_000,
    config: name === 'opus' ? opus : name === 'g722' ? '' : config,
    feedback: (section.rtcpFb ?? [])
      .filter((one) => one.payload === payload)
      .map(({ type, subtype }) => ({ type, ...(subtype === undefined ? {} : { subtype }) }))
      .filter(({ type, subtype }) => feedbacks.has(subtype === undefined ? type : `${type} ${subtype}`)),
  }
}

const isUpTo = (most: number, value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
