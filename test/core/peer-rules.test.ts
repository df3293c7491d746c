import { assert, test } from '#test'
import { acceptCandidate } from '../../packages/core/src/adapters/peer/candidates.js'
import { isIpLiteral } from '../../packages/core/src/adapters/peer/ip-literal.js'
import { codeOf } from '../support/code-of.js'

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
