import fc from 'fast-check'
import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { acceptCandidate, ownCandidate } from '../../packages/core/src/adapters/peer/candidates.js'
import { readDescription } from '../../packages/core/src/adapters/peer/description.js'
import { isIpLiteral } from '../../packages/core/src/adapters/peer/ip-literal.js'
import { nextLink } from '../../packages/core/src/adapters/peer/link-state.js'
import { QualityGrade } from '../../packages/core/src/adapters/peer/quality-grade.js'
import { writeDescription } from '../../packages/core/src/adapters/peer/write-description.js'
import { seed } from '../protocol/seed.js'
import { codeOf } from '../support/code-of.js'
import { samples } from './peer-samples.js'

const line = (address: string, type = 'host') =>
  `candidate:1 1 udp 2122260223 ${address} 50000 typ ${type} generation 0 ufrag abcd network-id 1`

test('a candidate is an address, of whatever kind', () => {
  for (const address of ['192.0.2.7', '10.0.0.1', '2001:db8::7', '::1', 'fe80::1', '::ffff:192.0.2.7']) {
    const { candidate } = acceptCandidate({ mid: '0', line: line(address) })
    assert.include(candidate, ` ${address} 50000 typ host`)
  }
  const relayed = `${line('192.0.2.7', 'relay')} raddr 198.51.100.1 rport 9`
  assert.include(acceptCandidate({ mid: '0', line: relayed }).candidate, 'typ relay')
})

test('a name is no address, nor is what only looks like one', async () => {
  const names = [
    'example.com',
    'a1b2c3.local',
    'dead.beef',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    'localhost',
    '0x7f.1',
    '127.1',
    '010.0.0.1',
    '1::2::3',
    ':::',
    'fe80::1%eth0',
    '[::1]',
    '::1/64',
    'abc',
    '',
  ]
  for (const name of names) {
    assert.isFalse(isIpLiteral(name), name)
    const code = await codeOf(Promise.resolve().then(() => acceptCandidate({ mid: '0', line: line(name) })))
    assert.equal(code, 'call-refused', name)
  }
})

test('a line with more than a candidate in it, or another attribute, is refused', async () => {
  const lines = [
    `${line('192.0.2.7')}\r\na=fingerprint:sha-256 AA`,
    `${line('192.0.2.7')}\nm=audio 1 RTP/AVP 0`,
    'fingerprint:sha-256 AA',
    `a=${line('192.0.2.7')}`,
    line('192.0.2.7', 'other'),
    '',
  ]
  for (const one of lines) {
    const code = await codeOf(Promise.resolve().then(() => acceptCandidate({ mid: '0', line: one })))
    assert.equal(code, 'call-refused', one)
  }
})

/** Every line that may be in what we write. */
const ours =
  /^(v=0|o=- 1 1 IN IP4 127\.0\.0\.1|s=-|t=0 0|c=IN IP4 0\.0\.0\.0|m=(audio|video) 9 UDP\/TLS\/RTP\/SAVPF [\d ]+|m=application 9 UDP\/DTLS\/SCTP webrtc-datachannel|a=(group:BUNDLE 0 1 2 3|mid:[0-3]|(ice-ufrag|ice-pwd):[A-Za-z0-9+/]+|ice-options:trickle|fingerprint:sha-(256|384|512) [0-9A-F:]+|setup:(actpass|active|passive)|sendrecv|sendonly|recvonly|inactive|msid:(person|screen) [0-2]|rtcp:9 IN IP4 0\.0\.0\.0|rtcp-mux|rtcp-rsize|rtpmap:\d+ [A-Za-z0-9]+\/(48000\/2|8000|90000)|fmtp:\d+ [\w=;/ .-]+|rtcp-fb:\d+ (nack|nack pli|ccm fir|goog-remb|transport-cc)|extmap:\d+ (urn:|http:\/\/www\.(webrtc|ietf)\.org\/)[\w:/.-]+|ssrc:\d+ cname:sotto|ssrc-group:FID \d+ \d+|sctp-port:5000|max-message-size:1024))$/

function assertOurs(text: string): void {
  for (const line of text.trimEnd().split('\r\n')) assert.match(line, ours)
}

test('what a browser describes is written anew with what we know of, and reading it again changes nothing', () => {
  for (const [browser, sample] of Object.entries(samples)) {
    const written = writeDescription(readDescription(sample, 'offer'))
    assertOurs(written)
    assert.equal(writeDescription(readDescription(written, 'offer')), written, browser)
    assert.include(written, 'minptime=10;useinbandfec=0;cbr=1;usedtx=0\r\n')
    assert.notMatch(written, /audio-level|candidate|red\/48000|PCMU|mozilla|THIS_IS/)
    for (const kept of ['VP8/90000', 'sdes:mid', 'nack pli', 'ssrc-group:FID']) assert.include(written, kept)
  }
})

test('whatever is made of a description is refused, or written in our words', () => {
  const all = Object.values(samples).map((sample) => sample.split('\r\n'))
  const odd = fc.oneof(
    fc.constantFrom(...all.flat()),
    fc.string({ maxLength: 40 }),
    fc.constantFrom('a=', 'm=', 'm=audio', 'c=', 'a=rtpmap:111 5/8000', 'a=ssrc:1', 'a=fmtp:96 \u2028'),
  )
  const change = fc.record({ at: fc.nat(), by: odd, removed: fc.nat(3), cut: fc.nat(60) })
  let written = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (from, changes) => {
        const lines = [...from]
        for (const { at, by, removed, cut } of changes) {
          const place = at % lines.length
          const [before = ''] = lines.splice(place, removed, by)
          if (cut % 3 === 0) lines[place] = before.slice(0, cut) + by
        }
        for (const type of ['offer', 'answer'] as const)
          try {
            assertOurs(writeDescription(readDescription(lines.join('\r\n'), type)))
            written++
          } catch (error) {
            if (!SottoError.is(error, 'call-refused')) throw error
          }
      },
    ),
    { seed, numRuns: 1_000 },
  )
  assert.isAbove(written, 50)
})

test('a candidate is passed on with what we know of, and no more', () => {
  const { candidate } = acceptCandidate({ mid: '0', line: `${line('192.0.2.7')} network-cost 900 x y` })
  assert.equal(candidate, 'candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host')
})

test('of our own candidates the other end hears no name, and nothing but relayed addresses where that is asked', () => {
  const own = (text: string) => ({ candidate: text, sdpMid: '0' }) as RTCIceCandidate
  const relayed = own(
    line('192.0.2.7', 'relay').replace('generation', 'raddr 198.51.100.1 rport 9 generation'),
  )
  const said = {
    mid: '0',
    line: 'candidate:1 1 udp 2122260223 192.0.2.7 50000 typ relay raddr 0.0.0.0 rport 0',
  }
  assert.deepEqual(ownCandidate(relayed, true), said)
  assert.deepEqual(ownCandidate(relayed, false), said)
  for (const kind of ['host', 'srflx', 'prflx'])
    assert.isUndefined(ownCandidate(own(line('192.0.2.7', kind)), true), kind)
  assert.include(ownCandidate(own(line('192.0.2.7')), false)?.line, '192.0.2.7')
  for (const none of [line('a1b2.local'), '', line('192.0.2.7').replace('udp', 'tcp')])
    assert.isUndefined(ownCandidate(own(none), false), none)
})

test('a link stands as its connection does, its certificate was seen, and signs of life come', () => {
  const facts = { connection: 'connected', vouched: true, silent: false } as const
  assert.equal(nextLink('connecting', facts), 'connected')
  assert.equal(nextLink('connecting', { ...facts, vouched: false }), 'connecting')
  assert.equal(nextLink('connecting', { ...facts, connection: 'failed' }), 'failed')
  assert.equal(nextLink('connected', { ...facts, silent: true }), 'lost')
  for (const connection of ['disconnected', 'failed', 'closed'] as const) {
    assert.equal(nextLink('connected', { ...facts, connection }), 'lost')
    assert.equal(nextLink('lost', { ...facts, connection }), 'lost')
  }
  assert.equal(nextLink('connected', { ...facts, connection: 'connecting' }), 'connected', 'another way')
  assert.equal(nextLink('lost', { ...facts, connection: 'connecting' }), 'lost')
  assert.equal(nextLink('lost', facts), 'connected')
  for (const last of ['failed', 'left'] as const) assert.equal(nextLink(last, facts), last)
})

test('a connection does well, fairly or badly when two looks in a row say so', () => {
  const grade = new QualityGrade()
  let [lost, received] = [0, 0]
  const look = (share: number, roundTrip = 0, lostThere = 0) => {
    lost += 100 * share
    received += 100 * (1 - share)
    return grade.next({ lost, received, lostThere, roundTrip })
  }
  assert.equal(look(0), 'good')
  assert.equal(look(0.05), 'good', 'once is chance')
  assert.equal(look(0.05), 'fair')
  assert.equal(look(0.5), 'fair')
  assert.equal(look(0), 'fair')
  assert.equal(look(0), 'good')
  look(0, 1)
  assert.equal(look(0, 1), 'poor')
  assert.equal(look(0, 0.4), 'poor')
  assert.equal(look(0, 0.4), 'fair')
  look(0, 0, 0.2)
  assert.equal(look(0, 0, 0.2), 'poor')
})
