import { assert, test } from '#test'
import {
  compareReference,
  decode,
  encode,
  errorCodes,
  isErrorCode,
  limits,
  loginProofBytes,
  references,
  referenceTo,
  sessionName,
  SottoError,
  toHex,
  type Address,
} from '@sotto/protocol'
import { agreementKey, alice, bob, chainOf, extended, filled, idOf, realm, signerNo } from './made.js'
import { refuses } from './refuses.js'

const side = (address: Address, key: number) => ({ address, identityKey: agreementKey(key) })
const base = agreementKey(9)

test('a session’s name is 16 bytes, made of everything that makes it', () => {
  const name = sessionName(side(alice, 1), side(bob, 2), base, 1)
  assert.match(name, /^[0-9a-f]{32}$/)
  assert.equal(sessionName(side(alice, 1), side(bob, 2), base, 1), name)
  const others = [
    sessionName(side(bob, 2), side(alice, 1), base, 1),
    sessionName(side(bob, 1), side(alice, 2), base, 1),
    sessionName(side(alice, 2), side(bob, 1), base, 1),
    sessionName(side(alice, 1), side(bob, 2), base, 2),
    sessionName(side(alice, 1), side(bob, 2), agreementKey(8), 1),
    sessionName(side(alice, 3), side(bob, 2), base, 1),
    sessionName(side(alice, 1), side(bob, 3), base, 1),
    sessionName(side({ ...alice, device: idOf(9) }, 1), side(bob, 2), base, 1),
    sessionName(side({ ...alice, accountId: idOf(9, 32) }, 1), side(bob, 2), base, 1),
    sessionName(side({ ...alice, account: 'alicia' }, 1), side(bob, 2), base, 1),
    sessionName(side({ ...alice, realm: 'example.org' }, 1), side(bob, 2), base, 1),
  ]
  assert.equal(new Set([...others, name]).size, others.length + 1)
})

test('a session has keys of 32 bytes and a generation from 1', () => {
  for (const length of [31, 33])
    refuses(() => sessionName(side(alice, 1), side(bob, 2), filled(length, 1), 1), 'malformed')
  refuses(
    () => sessionName({ address: alice, identityKey: filled(33, 5) }, side(bob, 2), base, 1),
    'malformed',
  )
  for (const generation of [0, -1, 2 ** 32, 1.5])
    refuses(() => sessionName(side(alice, 1), side(bob, 2), base, generation), 'malformed')
})

test('a reference stands to a chain: the same, older, newer, a fork, another account', async () => {
  const first = await chainOf('alice', 1)
  const chain = await extended(first, {}, [signerNo(1)])
  const reference = referenceTo(chain)
  assert.deepEqual(reference, { accountId: chain.accountId, era: 0, sequence: 2, hash: chain.hash })
  assert.equal(compareReference(reference, chain), 'same')
  assert.equal(compareReference(referenceTo(first), chain), 'older')
  assert.equal(compareReference(reference, first), 'newer')
  assert.equal(compareReference({ ...reference, sequence: 3 }, chain), 'newer')
  assert.equal(compareReference({ ...reference, hash: idOf(1, 32) }, chain), 'fork')
  assert.equal(compareReference({ ...reference, accountId: idOf(1, 32) }, chain), 'other-account')
  assert.equal(compareReference({ ...reference, era: 1 }, chain), 'other-account')
})

test('references are one for each account, in the order of their ids', () => {
  const one = (value: number) => ({ accountId: idOf(value, 32), era: 0, sequence: 1, hash: idOf(1, 32) })
  const through = (all: ReturnType<typeof one>[]) => decode(references, encode(references, all), 4096)
  assert.lengthOf(through([one(1), one(2), one(3)]), 3)
  for (const wrong of [[one(2), one(1)], [one(1), one(1)], []]) refuses(() => through(wrong), 'malformed')
  for (const change of [{ sequence: 0 }, { sequence: limits.lists + 1 }, { era: -1 }, { hash: idOf(1) }]) {
    refuses(() => through([{ ...one(1), ...change }]), 'malformed')
  }
})

const proof = {
  realm,
  relay: 'https://relay.example.com',
  accountId: alice.accountId,
  device: alice.device,
  epoch: 3,
  nonce: filled(32, 1),
  tokenHash: filled(32, 2),
  sends: 5,
}

test('what a device signs to log in says where, as whom, when and with which token', () => {
  const changes = [
    { realm: 'example.org' },
    { relay: 'https://relay.example.org' },
    { accountId: bob.accountId },
    { device: bob.device },
    { epoch: 4 },
    { nonce: filled(32, 9) },
    { tokenHash: filled(32, 9) },
    { sends: 6 },
  ]
  const all = [proof, ...changes.map((change) => ({ ...proof, ...change }))].map((one) =>
    toHex(loginProofBytes(one)),
  )
  assert.equal(new Set(all).size, changes.length + 1)
  for (const wrong of [
    { nonce: filled(31, 1) },
    { tokenHash: filled(33, 1) },
    { epoch: -1 },
    { sends: -1 },
    { relay: 'x'.repeat(513) },
  ]) {
    refuses(() => loginProofBytes({ ...proof, ...wrong }), 'malformed')
  }
})

test('an error knows its code, what it carries, and what to do about it', () => {
  const error = new SottoError('rate-limited', { retryAfterMs: 5 })
  assert.isTrue(SottoError.is(error))
  assert.isTrue(SottoError.is(error, 'rate-limited'))
  assert.isFalse(SottoError.is(error, 'offline'))
  assert.equal(error.details.retryAfterMs, 5)
  assert.equal(error.class, 'retry')
  assert.equal(new SottoError('malformed', { what: 'x' }).class, 'give-up')
  assert.equal(new SottoError('unsupported-version', { what: 'x' }).class, 'update')
  const cause = new Error('why')
  assert.equal(new SottoError('offline', undefined, { cause }).cause, cause)
  for (const other of [
    undefined,
    null,
    'offline',
    new Error('offline'),
    { name: 'SottoError', code: 'offline' },
  ]) {
    assert.isFalse(SottoError.is(other))
  }
})

test('a code that came from elsewhere is ours only if it is in the table', () => {
  for (const code of Object.keys(errorCodes)) assert.isTrue(isErrorCode(code))
  for (const code of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'new-code'])
    assert.isFalse(isErrorCode(code))
  const odd = Reflect.construct(SottoError, ['constructor']) as SottoError
  assert.equal(odd.class, 'give-up')
})

test('an error’s text holds its code and where to read on, and nothing it was given', () => {
  const error = new SottoError('session-refused', { reason: 'alice' })
  assert.notInclude(error.message, 'alice')
  assert.include(error.message, 'docs/errors.md#session-refused')
})
