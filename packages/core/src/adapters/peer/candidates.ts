import { SottoError, check, type CallCandidate } from '@sotto/protocol'
import sdp from 'sdp-transform'

type Fields = NonNullable<ReturnType<typeof sdp.parse>['media'][number]['candidates']>[number]

const kinds: ReadonlySet<string> = new Set(['host', 'srflx', 'prflx', 'relay'])
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
/** Loose on purpose: letters that could make a name do not occur. */
const ipv6 = /^(?=.*:.*:)[0-9a-f:.]{2,45}$/i

export const isIpLiteral = (text: string): boolean => ipv4.test(text) || ipv6.test(text)

/**
 * The candidate of a line, where it is one that names an address (RFC 8839, section 5.1). A host name would be looked up, which tells whoever
 * owns the name that we are here. Throws `call-refused`.
 */
export function candidateOf(line: string): Fields {
  const fields = read(line)
  const right =
    fields !== undefined &&
    isIpLiteral(fields.ip) &&
    kinds.has(fields.type) &&
    /^(udp|tcp)$/i.test(fields.transport) &&
    Number.isInteger(fields.port) &&
    fields.port >= 0 &&
    fields.port < 65_536
  check(right, 'call-refused', { reason: 'a candidate that is no address' })
  return fields
}

/** What is handed to the browser of a candidate of the other end. Throws `call-refused`. */
export function acceptCandidate({ mid, line }: CallCandidate): RTCIceCandidateInit {
  return { candidate: lineOf(candidateOf(line)), sdpMid: mid }
}

/** What the other end is told of a candidate of ours; nothing where it is a name, or where only relayed ones may be known. */
export function ownCandidate(candidate: RTCIceCandidate, relayOnly: boolean): CallCandidate | undefined {
  const mid = candidate.sdpMid ?? '0'
  let fields: Fields
  try {
    fields = candidateOf(candidate.candidate)
  } catch (error) {
    if (SottoError.is(error)) return undefined
    throw error
  }
  if (!relayOnly) return { mid, line: lineOf(fields) }
  // The related address of a relayed candidate is our own.
  return fields.type === 'relay'
    ? { mid, line: lineOf({ ...fields, raddr: '0.0.0.0', rport: 9 }) }
    : undefined
}

function read(line: string): Fields | undefined {
  if (/[\r\n]/.test(line) || !line.startsWith('candidate:')) return undefined
  return sdp.parse(`m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=${line}\r\n`).media[0]?.candidates?.[0]
}

function lineOf(fields: Fields): string {
  const media = { rtp: [], fmtp: [], type: 'audio', port: 9, protocol: 'UDP/TLS/RTP/SAVPF', payloads: '0' }
  const text = sdp.write({ media: [{ ...media, candidates: [fields] }] } as never)
  return /a=(candidate:[^\r\n]*)/.exec(text)?.[1] ?? ''
}
