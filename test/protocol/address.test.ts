import { assert, test } from '#test'
import {
  accountName,
  address,
  decode,
  encode,
  isAccountName,
  isRealm,
  limits,
  realm,
  requireAccountName,
  sameAddress,
} from '@sotto/protocol'
import { addressNo, alice, idOf } from './made.js'
import { refuses } from './refuses.js'

const names = [
  'a',
  '0',
  'alice',
  'alice.smith',
  'a-b_c.d',
  '__proto__',
  'constructor',
  '-',
  '...',
  '.a',
  'a..b',
  'x'.repeat(64),
]
const noNames = [
  '',
  'Alice',
  'ALICE',
  'x'.repeat(65),
  'al ice',
  'alice\n',
  'аlice',
  'alicе',
  'ａlice',
  'al\u200Bice',
  'ali\u0301ce',
  'a/b',
  'a%2e',
  '.',
  '..',
]

test('an account name is 1 to 64 of a-z, 0-9, dot, hyphen, underscore', () => {
  for (const name of names) {
    assert.isTrue(isAccountName(name), name)
    assert.equal(requireAccountName(name), name)
    assert.equal(decode(accountName, encode(accountName, name), 100), name)
  }
})

test('every other name is refused, and none is folded into one that is right', () => {
  for (const name of noNames) {
    assert.isFalse(isAccountName(name), name)
    refuses(() => requireAccountName(name), 'wrong-argument')
    refuses(() => encode(accountName, name), 'malformed')
  }
})

test('what is no text is no name', () => {
  for (const value of [undefined, null, 5, {}, ['alice'], { toString: () => 'alice' }]) {
    assert.isFalse(isAccountName(value))
    assert.isFalse(isRealm(value))
  }
})

test('a realm is a host name in lower case, without a port', () => {
  const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  assert.lengthOf(longest, limits.realm)
  for (const host of [
    'example.com',
    'localhost',
    '127.0.0.1',
    'a',
    'xn--bcher-kva.example',
    'a-b.c',
    longest,
  ]) {
    assert.isTrue(isRealm(host), host)
    assert.equal(decode(realm, encode(realm, host), 300), host)
  }
  const wrong = [
    '',
    'Example.com',
    'example.com:443',
    'example.com.',
    '.example.com',
    'a..b',
    '-a.com',
    'a-.com',
    'a_b.com',
    'bücher.example',
    'a/b',
    'a b',
    'https://a',
    'a'.repeat(64),
    `${longest}d`,
    'example.com\n',
  ]
  for (const host of wrong) {
    assert.isFalse(isRealm(host), host)
    refuses(() => encode(realm, host), 'malformed')
  }
})

test('an address is the same where all four of its parts are', () => {
  assert.isTrue(sameAddress(alice, { ...alice }))
  const others = [
    { ...alice, realm: 'example.org' },
    { ...alice, account: 'alicf' },
    { ...alice, accountId: idOf(0xa2, 32) },
    { ...alice, device: idOf(9) },
  ]
  for (const other of others) assert.isFalse(sameAddress(alice, other))
})

test('an address goes over the wire whole', () => {
  const given = addressNo('alice.smith', idOf(5, 32), 7)
  assert.isTrue(sameAddress(decode(address, encode(address, given), 200), given))
})
