import { assert, test } from '#test'
import { networkOf } from '../../packages/relay/src/network-of.js'

test('all addresses of one IPv6 network count as one, in whatever spelling', () => {
  const same = [
    '2001:db8:1:2::1',
    '2001:DB8:1:2:ffff:ffff:ffff:ffff',
    '2001:0db8:0001:0002:0:0:0:9',
    '2001:db8:1:2::%eth0',
  ]
  for (const one of same) assert.equal(networkOf(one), '2001:db8:1:2::', one)
  for (const other of ['2001:db8:1:3::1', '2001:db8:1::1', '2001:db8::1:2:0:0:1', '::1', 'fe80::1'])
    assert.notEqual(networkOf(other), '2001:db8:1:2::', other)
  assert.equal(networkOf('::1'), networkOf('::2'))
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0::')
})

test('IPv4 addresses count one by one, also where they are written as IPv6', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
  assert.notEqual(networkOf('::ffff:192.0.2.1'), networkOf('::ffff:192.0.2.2'))
  assert.equal(networkOf('::ffff:192.0.2.1'), networkOf('::FFFF:c000:201'))
})

test('what is no address stays as it is', () => {
  for (const one of ['', 'unknown', 'a:b', '::g', '[::1]']) assert.equal(networkOf(one), one)
})
