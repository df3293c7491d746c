import { assert, test } from '#test'
import {
  decodeChain,
  decodeContent,
  decodeDeviceList,
  decodeStampedEnvelope,
  encode,
  encodeChain,
  encodeContent,
  encodeDeviceList,
  encodeStampedEnvelope,
  field,
  fromHex,
  pairOf,
  requireAccountName,
  signDeviceList,
  startChain,
  struct,
  text,
  toHex,
  utf8,
} from '@sotto/protocol'
import {
  addressNo,
  chainOf,
  contentOf,
  envelopeTo,
  filled,
  firstList,
  idOf,
  now,
  realm,
  signerNo,
} from '../protocol/made.js'
import { refuses, rejects } from '../protocol/refuses.js'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { until } from '../support/until.js'

/** Legal names that trip a program which splits at dots, keeps names as properties, or puts them into paths. */
const odd = [
  'alice.smith',
  '__proto__',
  'constructor',
  'prototype',
  'hasownproperty',
  'tostring',
  'then',
  '...',
  '.hidden',
  'a..b',
  '-',
  '_',
  '0',
  'null',
  'undefined',
  'index.html',
  'x'.repeat(64),
]

/** What looks like `alice`, or like a name at all. */
const confusable = [
  'Alice',
  'ALICE',
  'аlice',
  'alіce',
  'ａｌｉｃｅ',
  'ɑlice',
  'alıce',
  'a\u200Blice',
  'alice\u200D',
  '\uFEFFalice',
  'alice\u00AD',
  'alice\u2060',
  '\u202Eecila',
  'alice\u0301',
  'àlice',
  ' alice',
  'alice ',
  'alice\u0000',
  'alice\n',
  'al\tice',
  'alice/..',
  '../alice',
  'alice?x',
  'alice#x',
  'alice%00',
  'alice@example.com',
  'alice:1',
  '.',
  '..',
  '',
  'x'.repeat(65),
]

/** A list that says it is of that name, encoded by somebody who does not check. */
function listOf(name: string): Uint8Array {
  const bytes = encodeDeviceList(firstList('alice', 1))
  const any = struct({ account: field(3, text(400)) })
  const ours = toHex(encode(any, { account: 'alice' })).slice(2)
  const theirs = toHex(encode(any, { account: name })).slice(2)
  return fromHex(toHex(bytes).replace(ours, theirs))
}

test('A13 control: a list of a plain name is a list', () => {
  assert.equal(toHex(listOf('alice')), toHex(encodeDeviceList(firstList('alice', 1))))
  assert.equal(decodeDeviceList(listOf('bob')).account, 'bob')
})

test('A13 mixed case, zero width, look-alikes and everything else that is no name is refused, and never folded', () => {
  for (const name of confusable) {
    refuses(() => requireAccountName(name), 'wrong-argument')
    refuses(() => decodeDeviceList(listOf(name)), 'malformed')
    refuses(() => encodeDeviceList(firstList(name, 1)), 'malformed')
    refuses(() => encodeContent(contentOf('a', { from: addressNo(name, idOf(1, 32), 1) })), 'malformed')
  }
})

test('A13 a list of one name is no list of another that begins, ends or looks like it', async () => {
  const names = ['alice', 'alice.smith', 'alice.', 'alice-', '.alice', 'alice0']
  for (const name of names) {
    for (const other of names) {
      if (other === name) continue
      const object = signDeviceList(firstList(name, 1), [signerNo(1)])
      await rejects(
        object.then((signed) => startChain(signed, { realm, account: other })),
        'device-list-rejected',
        'another account',
      )
    }
  }
})

test('A13 a realm in other letters, with a port, or with a dot at its end is none', () => {
  for (const host of [
    'Example.com',
    'example.com:443',
    'example.com.',
    'ехample.com',
    'example.com\u200B',
    'EXAMPLE.COM',
    'a..b',
    '',
  ]) {
    refuses(() => encodeDeviceList(firstList('alice', 1, { realm: host })), 'malformed')
  }
})

for (const name of odd) {
  test(`A13 a legal name works like any other: on lists, in addresses, in contents and rows (${name.slice(0, 16)})`, async () => {
    assert.equal(requireAccountName(name), name)
    const chain = await chainOf(name, 1)
    assert.equal(decodeChain(encodeChain(chain)).account, name)
    const us = addressNo(name, chain.accountId, 1)
    const them = addressNo('bob', idOf(2, 32), 2)
    const lists = pairOf(us, them).members.map(({ accountId }) => ({
      accountId,
      era: 0,
      sequence: 1,
      hash: idOf(5, 32),
    }))
    const content = contentOf('a', { from: us, to: them, conversation: pairOf(us, them), lists })
    assert.equal(decodeContent(encodeContent(content)).header.from.account, name)
    const stamped = {
      envelope: envelopeTo(us, filled(9, 1)),
      from: { account: name, accountId: chain.accountId, device: idOf(1) },
      at: now,
    }
    assert.equal(decodeStampedEnvelope(encodeStampedEnvelope(stamped)).from?.account, name)
    assert.lengthOf(utf8(name), name.length)
  })
}

test('A13 people of such names write to each other over the relay, and nobody gets what is another’s', () =>
  withEvilRelay(async (world) => {
    const names = ['__proto__', 'constructor', 'alice', 'alice.smith']
    const people = await Promise.all(
      names.map(async (name) => ({ name, client: await world.installation(name).online() })),
    )
    const threads = new Map<string, ReturnType<typeof watch>>()
    const key = (reader: string, other: string) => `${reader} ${other}`
    for (const { name, client } of people) {
      for (const other of names) if (other !== name) threads.set(key(name, other), watch(client, other))
    }
    for (const { name, client } of people) {
      for (const other of names)
        if (other !== name) await client.conversation(other).send(`${name} to ${other}`)
    }
    const texts = (reader: string, other: string) => threads.get(key(reader, other))?.texts() ?? []
    for (const reader of names) {
      for (const other of names) {
        if (other === reader) continue
        await until(() => texts(reader, other).length === 2)
        assert.sameMembers(texts(reader, other), [`> ${reader} to ${other}`, `< ${other} to ${reader}`])
      }
    }
    assert.isFalse('account' in {}, 'no object has got a property of ours')
    assert.deepEqual(Object.keys(Object.prototype), [])
  }))

test('A13 a client asks for no account of a name that is none', () =>
  withEvilRelay(async (world) => {
    const alice = await world.installation('alice').online()
    for (const name of confusable) refuses(() => alice.conversation(name), 'wrong-argument')
    await rejects(world.installation('Alice').open(), 'wrong-argument')
    assert.deepEqual(world.relay.log.claims, [])
  }))
