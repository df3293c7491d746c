import { check } from '@sotto/protocol'
import sdp from 'sdp-transform'

type Session = ReturnType<typeof sdp.parse>
type Section = Session['media'][number]

/** What a description commits its writer to, for the whole call. */
export interface Commitment {
  /** Hash algorithm and fingerprint of the certificate, as `sha-256 AB:CD:…`. */
  readonly fingerprint: string
}

export interface Accepted extends Commitment {
  /** What is handed to the browser: built anew from what we know of. */
  readonly sdp: string
}

/** The sections of every description of ours, in order: microphone, camera, screen, and the channel. */
const sections = ['audio', 'video', 'video', 'application'] as const
const protocols: ReadonlySet<string> = new Set(['UDP/TLS/RTP/SAVPF', 'UDP/DTLS/SCTP'])
const hashes = /^sha-(256|384|512)$/
const iceChars = /^[A-Za-z0-9+/]+$/

/**
 * What the other end describes, where it is what we negotiate: our sections and no others, one certificate for all of them, the roles of the
 * type, ICE credentials of their lengths (RFC 8839, section 5.4). Candidates in it are dropped: they come by themselves, and are looked at
 * there. What is not named here does not get to the browser. Throws `call-refused`, and nothing was parsed by the browser.
 */
export function acceptDescription(text: string, type: 'offer' | 'answer', before?: Commitment): Accepted {
  const session = parse(text)
  const { media } = session
  const right = media.length === sections.length && media.every((one, i) => isSection(one, i))
  check(right, 'call-refused', { reason: 'sections that are not ours' })
  const fingerprint = fingerprintOf(session)
  check(before === undefined || before.fingerprint === fingerprint, 'call-refused', {
    reason: 'another certificate',
  })
  for (const one of media) {
    const setup = one.setup ?? (session as { setup?: string }).setup
    const roles = type === 'offer' ? ['actpass'] : ['active', 'passive']
    check(setup !== undefined && roles.includes(setup), 'call-refused', { reason: 'a role that is not its' })
    check(setup === (media[0]?.setup ?? setup), 'call-refused', { reason: 'two roles' })
    const [ufrag, pwd] = [one.iceUfrag ?? session.iceUfrag ?? '', one.icePwd ?? session.icePwd ?? '']
    check(isBetween(ufrag, 4, 256) && isBetween(pwd, 22, 256), 'call-refused', { reason: 'ICE credentials' })
    check(ufrag === (media[0]?.iceUfrag ?? ufrag), 'call-refused', { reason: 'ICE credentials' })
  }
  return { fingerprint, sdp: write(session) }
}

/** What the other end is told of ours: without addresses, and with the same rules for sound. */
export const ownDescription = (text: string): string => write(parse(text))

function parse(text: string): Session {
  let session: Session
  try {
    session = sdp.parse(text)
  } catch {
    session = { media: [] } as unknown as Session
  }
  check(Array.isArray(session.media), 'call-refused', { reason: 'no description' })
  return session
}

const isSection = (one: Section, place: number): boolean =>
  one.type === sections[place] &&
  String(one.mid) === String(place) &&
  protocols.has(one.protocol) &&
  one.crypto === undefined

/** The library makes numbers of what looks like one. */
function isBetween(value: unknown, least: number, most: number): boolean {
  const text = String(value)
  return text.length >= least && text.length <= most && iceChars.test(text)
}

function fingerprintOf(session: Session): string {
  const all = [session.fingerprint, ...session.media.map((one) => one.fingerprint)]
  const named = all.flatMap((one) =>
    one === undefined ? [] : [`${one.type.toLowerCase()} ${one.hash.toUpperCase()}`],
  )
  const [first] = named
  const everywhere = session.fingerprint !== undefined || named.length === session.media.length
  check(first !== undefined && everywhere && named.every((one) => one === first), 'call-refused', {
    reason: 'no one certificate',
  })
  check(hashes.test(first.split(' ')[0] ?? ''), 'call-refused', { reason: 'a weak hash' })
  return first
}

/** The description of what we know of, and nothing else. */
function write(session: Session): string {
  const { iceUfrag, icePwd, fingerprint } = session
  return sdp.write({
    version: 0,
    origin: {
      username: '-',
      sessionId: session.origin?.sessionId ?? '0',
      sessionVersion: session.origin?.sessionVersion ?? 1,
      netType: 'IN',
      ipVer: 4,
      address: '127.0.0.1',
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    groups: [{ type: 'BUNDLE', mids: session.media.map((_, i) => i).join(' ') }],
    ...(iceUfrag === undefined ? {} : { iceUfrag }),
    ...(icePwd === undefined ? {} : { icePwd }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    media: session.media.map((one, i) => sectionOf(one, i)),
  } as never)
}

function sectionOf(one: Section, place: number): Partial<Section> {
  const common = {
    type: one.type,
    port: 9,
    protocol: one.protocol,
    connection: { version: 4, ip: '0.0.0.0' },
    mid: String(place),
    ...pick(one, [
      'iceUfrag',
      'icePwd',
      'fingerprint',
      'setup',
      'direction',
      'msid',
      'sctpPort',
      'maxMessageSize',
    ]),
    iceOptions: 'trickle',
  }
  if (one.type === 'application') return { ...common, rtp: [], fmtp: [], payloads: String(one.payloads) }
  const known = one.type === 'audio' ? sound(one) : picture(one)
  return {
    ...common,
    ...known,
    rtcpMux: 'rtcp-mux',
    rtcpRsize: 'rtcp-rsize',
    ...pick(one, ['ssrcs', 'ssrcGroups']),
    rtcp: { port: 9, netType: 'IN', ipVer: 4, address: '0.0.0.0' },
  } as never
}

/** Opus at a constant bit rate, without pauses (RFC 7587, section 6.1): what is said cannot be told by the sizes of packets. */
function sound(one: Section) {
  const opus = one.rtp.find((rtp) => rtp.codec.toLowerCase() === 'opus')
  check(opus !== undefined, 'call-refused', { reason: 'no Opus' })
  return {
    payloads: String(opus.payload),
    rtp: [{ payload: opus.payload, codec: 'opus', rate: 48_000, encoding: 2 }],
    fmtp: [{ payload: opus.payload, config: 'minptime=10;useinbandfec=0;cbr=1;usedtx=0' }],
    rtcpFb: (one.rtcpFb ?? []).filter((fb) => fb.payload === opus.payload),
    // How loud somebody speaks is nobody's business on the way.
    ext: (one.ext ?? []).filter(({ uri }) => !/audio-level/i.test(uri)),
  }
}

function picture(one: Section) {
  return { payloads: one.payloads, ...pick(one, ['rtp', 'fmtp', 'rtcpFb', 'ext']) }
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<T> {
  const picked: Partial<T> = {}
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name]
  return picked
}
