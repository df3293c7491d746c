import { SottoError, check, type CallCandidate } from '@sotto/protocol'
import sdp from 'sdp-transform'
import { isIpLiteral } from './ip-literal.js'

type Written = NonNullable<ReturnType<typeof sdp.parse>['media'][number]['candidates']>[number]
/** The library makes numbers of what looks like one, whatever its types say. */
type Fields = { readonly [K in keyof Written]: string | number | undefined }

const kinds: ReadonlySet<string> = new Set(['host', 'srflx', 'prflx', 'relay'])
const foundations = /^[A-Za-z0-9+/]{1,32}$/
const sectionNames: ReadonlySet<string> = new Set(['0', '1', '2', '3'])

/**
 * A candidate of the other end as it is handed to the browser, where it is an address (RFC 8839, section 5.1): a host name would be looked up,
 * which tells whoever owns the name that we are here. UDP alone: nobody may have us open TCP connections in our own network. Throws
 * `call-refused`.
 */
export function acceptCandidate({ mid, line }: CallCandidate): RTCIceCandidateInit {
  check(sectionNames.has(mid), 'call-refused', { reason: 'a candidate for no section of ours' })
  return { candidate: write(candidateOf(line)), sdpMid: mid }
}

/** What the other end is told of a candidate of ours; nothing where it is a name, or where only relayed ones may be known. */
export function ownCandidate(candidate: RTCIceCandidate, relayOnly: boolean): CallCandidate | undefined {
  try {
    const fields = candidateOf(candidate.candidate)
    if (relayOnly && fields.type !== 'relay') return undefined
    // The related address of a relayed candidate is our own, and for diagnostics only.
    const related = fields.type === 'host' ? {} : { raddr: '0.0.0.0', rport: 0 }
    return { mid: candidate.sdpMid ?? '0', line: write({ ...fields, ...related }) }
  } catch (error) {
    if (SottoError.is(error)) return undefined
    throw error
  }
}

/** The fields that we know of: what else a line says (whether on a mobile network, say) does not get on, in neither direction. */
function candidateOf(line: string): Fields {
  const fields = read(line)
  const right =
    fields !== undefined &&
    foundations.test(String(fields.foundation)) &&
    (fields.component === 1 || fields.component === 2) &&
    /^udp$/i.test(String(fields.transport)) &&
    isUpTo(0xffff_ffff, fields.priority) &&
    isIpLiteral(String(fields.ip)) &&
    isUpTo(0xffff, fields.port) &&
    kinds.has(String(fields.type)) &&
    (fields.raddr === undefined || (isIpLiteral(String(fields.raddr)) && isUpTo(0xffff, fields.rport)))
  check(right, 'call-refused', { reason: 'a candidate that is no address' })
  const { foundation, component, priority, ip, port, type, raddr, rport } = fields
  const related = raddr === undefined ? {} : { raddr, rport }
  return { foundation, component, transport: 'udp', priority, ip, port, type, ...related }
}

const isUpTo = (most: number, value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most

function read(line: string): Fields | undefined {
  if (/[\r\n]/.test(line) || !line.startsWith('candidate:')) return undefined
  return sdp.parse(`m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=${line}\r\n`).media[0]?.candidates?.[0]
}

function write(fields: Fields): string {
  const media = { rtp: [], fmtp: [], type: 'audio', port: 9, protocol: 'UDP/TLS/RTP/SAVPF', payloads: '0' }
  const text = sdp.write({ media: [{ ...media, candidates: [fields] }] } as never)
  return /a=(candidate:[^\r\n]*)/.exec(text)?.[1] ?? ''
}
