import { check, limits } from '@sotto/protocol'
import sdp from 'sdp-transform'
import { allSounds, readFlow, type Flow, type Section, type Sound } from './flow.js'

type Session = ReturnType<typeof sdp.parse>
/** The library makes numbers of what looks like one, whatever its types say. */
type Said = string | number | undefined

/** Which end of DTLS a writer wants to be (RFC 8842, section 5.2): an offer leaves it open. */
export type Setup = 'actpass' | 'active' | 'passive'

/** All that we know of a session description. What is not here does not get to the browser, or to the other end. */
export interface Description {
  /** Hash algorithm and fingerprint of the one certificate, as `sha-256 AB:CD:…`. */
  readonly fingerprint: string
  readonly setup: Setup
  readonly ufrag: string
  readonly pwd: string
  /** Microphone, camera, screen. */
  readonly flows: readonly Flow[]
}

const media = 'UDP/TLS/RTP/SAVPF'
/** The sections of every description of ours, in order: microphone, camera, screen, and the channel. */
const places = [
  ['audio', media],
  ['video', media],
  ['video', media],
  ['application', 'UDP/DTLS/SCTP'],
] as const

const setups: Readonly<Record<'offer' | 'answer', readonly string[]>> = {
  offer: ['actpass'],
  answer: ['active', 'passive'],
}

/** Hexadecimal bytes of each hash that is strong enough. */
const hashes: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
])

/**
 * What a description says, where it is what we negotiate: our sections and no others, one certificate, one role and one pair of ICE
 * credentials for all of them. Candidates in it are left out: they come by themselves, and are looked at there. Throws `call-refused`.
 */
export function readDescription(
  text: string,
  type: 'offer' | 'answer',
  sounds: readonly Sound[] = allSounds,
): Description {
  check(text.length <= limits.callDescription, 'call-refused', { reason: 'too long a description' })
  const session = sdp.parse(text)
  const sections = session.media
  const ours = sections.length === places.length && sections.every(isOurs)
  check(ours, 'call-refused', { reason: 'sections that are not ours' })
  const setup = oneOf(session, (from) => (from as { setup?: Said }).setup)
  check(setup !== undefined && setups[type].includes(setup), 'call-refused', { reason: 'a role of another' })
  const ufrag = oneOf(session, (from) => from.iceUfrag)
  check(isCredential(ufrag, 4), 'call-refused', { reason: 'ICE credentials' })
  const pwd = oneOf(session, (from) => from.icePwd)
  check(isCredential(pwd, 22), 'call-refused', { reason: 'ICE credentials' })
  return {
    fingerprint: fingerprintOf(session),
    setup: setup as Setup,
    ufrag,
    pwd,
    flows: sections.slice(0, 3).map((one) => readFlow(one, sounds)),
  }
}

function isOurs(one: Section, place: number): boolean {
  const [type, protocol] = places[place] ?? []
  const named = one.type === type && one.protocol === protocol && String(one.mid) === String(place)
  // Keys in the clear (RFC 4568) belong to another way to encrypt than ours.
  return named && one.crypto === undefined
}

/** What every section says, or what the session says for those that do not; `undefined` where two differ, or one has none. */
function oneOf(session: Session, pick: (from: Session | Section) => Said): string | undefined {
  const common = pick(session)
  const all = session.media.map((one) => pick(one) ?? common)
  const first = common ?? all[0]
  return first !== undefined && all.every((one) => one === first) ? String(first) : undefined
}

/** RFC 8839, section 5.4. */
function isCredential(text: string | undefined, least: number): text is string {
  return text !== undefined && text.length >= least && text.length <= 256 && /^[A-Za-z0-9+/]+$/.test(text)
}

/** RFC 8122, section 5. */
function fingerprintOf(session: Session): string {
  const named = oneOf(session, ({ fingerprint: one }) => one && `${one.type} ${one.hash}`)
  check(named !== undefined, 'call-refused', { reason: 'no one certificate' })
  const [type = '', hash = ''] = named.split(' ')
  const [algorithm, bytes] = [type.toLowerCase(), hash.toUpperCase().split(':')]
  const strong = bytes.length === hashes.get(algorithm) && bytes.every((byte) => /^[0-9A-F]{2}$/.test(byte))
  check(strong, 'call-refused', { reason: 'a weak hash' })
  return `${algorithm} ${bytes.join(':')}`
}
