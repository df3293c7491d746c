import { assert, test } from '#test'
import {
  decode,
  decodeBody,
  decodeClientFrame,
  decodeContent,
  decodeDeviceList,
  decodeRelayFrame,
  decodeStampedEnvelope,
  deviceOf,
  encode,
  encodeClientFrame,
  encodeContent,
  encodeDeviceList,
  encodeRelayFrame,
  encodeSigned,
  decodeSigned,
  encodeStampedEnvelope,
  contentTypeOf,
  emptyExt,
  equalBytes,
  extendChain,
  field,
  frameVersion,
  key,
  limits,
  list,
  pad,
  preKey,
  preKeyKinds,
  signDeviceList,
  startChain,
  struct,
  text,
  id,
  understand,
  unpad,
  verifyPreKey,
  type Signed,
} from '@sotto/protocol'
import {
  addressNo,
  alice,
  bob,
  chainOf,
  contentOf,
  deviceNo,
  envelopeTo,
  filled,
  firstList,
  idOf,
  nextList,
  now,
  oneTimePreKey,
  ownerNo,
  realm,
  signedBy,
  signerNo,
} from './made.js'
import { refuses } from './refuses.js'

/** What later versions may send, and a client of version 1 meets. */

const mailbox = { type: 'mailbox' as const, mailbox: filled(32, 5) }
const { account, accountId, device } = alice

test('sealed sender: an envelope to a mailbox id, from nobody, is read as an envelope', () => {
  const given = { envelope: { ...envelopeTo(bob, filled(9, 1)), to: mailbox }, at: now }
  const { envelope, from } = decodeStampedEnvelope(encodeStampedEnvelope(given))
  assert.equal(envelope.to.type, 'mailbox')
  assert.isUndefined(from)
  for (const length of [16, 64]) {
    const to = { ...mailbox, mailbox: filled(length, 5) }
    decodeStampedEnvelope(encodeStampedEnvelope({ ...given, envelope: { ...given.envelope, to } }))
  }
})

test('sealed sender: a batch may go to mailbox ids', () => {
  const batch = {
    shared: [],
    envelopes: [{ id: idOf(1), to: mailbox, body: filled(9, 1), ext: emptyExt }],
    lists: [{ accountId, era: 0, sequence: 1, hash: idOf(5, 32) }],
    sends: 1,
  }
  const frame = decodeClientFrame(encodeClientFrame({ type: 'send', ref: 1, batch }))
  assert.equal(frame.type === 'send' ? frame.batch.envelopes[0]?.to.type : '', 'mailbox')
})

test('a third kind of recipient is newer than us', () => {
  const encoded = encodeStampedEnvelope({
    envelope: { ...envelopeTo(bob, filled(9, 1)), to: mailbox },
    at: now,
  })
  const at = encoded.indexOf(0x82) + 1
  assert.equal(encoded[at], 2)
  encoded[at] = 3
  refuses(() => decodeStampedEnvelope(encoded), 'unsupported-version')
})

test('every suite but ours is newer than us, whatever follows it', () => {
  for (let suite = 2; suite < 256; suite++)
    refuses(() => decodeBody(Uint8Array.of(suite, 0xff, 0xff)), 'unsupported-version', 'suite')
})

test('a device may read suites that we do not know, and is on its list with them', async () => {
  const devices = [{ ...deviceNo(1), capabilities: [1, 2, 65_535] }]
  const chain = await chainOf('alice', 1, { devices })
  assert.deepEqual(deviceOf(chain, idOf(1))?.capabilities, [1, 2, 65_535])
})

test('a post-quantum inner layer: a frame of version 2 is newer than us', () => {
  const frame = pad(filled(9, 1))
  frame[16] = frameVersion + 1
  refuses(() => unpad(frame), 'unsupported-version', 'frame')
})

test('a post-quantum inner layer: KEM prekeys are prekeys, but none that we asked for', async () => {
  const chain = await chainOf('alice', 1)
  const owner = ownerNo(chain, 1)
  for (const kind of [preKeyKinds.signedKem, preKeyKinds.oneTimeKem]) {
    const value = oneTimePreKey(chain, 1, { kind, key: { alg: 3, bytes: filled(1568, 7) } })
    const object = await signedBy(value, 1)
    assert.equal(decode(preKey, object.bytes, limits.preKey).kind, kind)
    refuses(() => verifyPreKey(object, owner, preKeyKinds.oneTime, now), 'bad-prekey')
    refuses(() => verifyPreKey(object, owner, preKeyKinds.signed, now), 'bad-prekey')
    // Even asked for by its kind, no KEM key passes for one that X25519 could use.
    refuses(() => verifyPreKey(object, owner, kind, now), 'bad-prekey')
  }
})

test('keys of other algorithms may have 2 KiB, and no more', () => {
  const later = { alg: 255, bytes: filled(limits.key, 1) }
  assert.lengthOf(decode(key, encode(key, later), 4096).bytes, limits.key)
  refuses(() => encode(key, { alg: 255, bytes: filled(limits.key + 1, 1) }), 'malformed')
  refuses(() => encode(key, { alg: 256, bytes: filled(1, 1) }), 'malformed')
})

test('signatures of other algorithms stand beside ours, up to 4 KiB and three of them', async () => {
  const later = { alg: 7, bytes: filled(limits.signature, 7) }
  const beside = (object: Signed): Signed => ({
    ...object,
    signed: object.signed.map(({ by, signatures }) => ({
      by,
      signatures: [...signatures, later, later, later],
    })),
  })
  const first = beside(await signDeviceList(firstList('alice', 1), [signerNo(1)]))
  const chain = startChain(decodeSigned(encodeSigned(first)), { realm, account: 'alice' })
  const next = beside(
    await signDeviceList(nextList(chain, { devices: [deviceNo(1), deviceNo(2)] }), [
      signerNo(1),
      signerNo(2),
    ]),
  )
  const extended = extendChain(chain, decodeSigned(encodeSigned(next)))
  // Passed on as it came, with what we cannot check.
  assert.isTrue(equalBytes(encodeSigned(extended.head), encodeSigned(next)))
  const preKeyObject = beside(await signedBy(oneTimePreKey(chain, 1), 1))
  assert.equal(verifyPreKey(preKeyObject, ownerNo(chain, 1), preKeyKinds.oneTime, now).id, 7)
})

test('key transparency and franking: odd keys in every ext go by unread', async () => {
  const odd = new Map([
    [1, filled(32, 1)],
    [9, filled(64, 2)],
  ])
  assert.equal(decodeContent(encodeContent(contentOf('a', { ext: odd }))).header.ext.get(9)?.length, 64)
  assert.equal(decodeDeviceList(encodeDeviceList(firstList('alice', 1, { ext: odd }))).ext.size, 2)
  const chain = await chainOf('alice', 1)
  const object = await signedBy(oneTimePreKey(chain, 1, { ext: odd }), 1)
  assert.equal(verifyPreKey(object, ownerNo(chain, 1), preKeyKinds.oneTime, now).ext.size, 2)
  const envelope = { ...envelopeTo(bob, filled(9, 1)), ext: odd }
  assert.equal(decodeStampedEnvelope(encodeStampedEnvelope({ envelope, at: now })).envelope.ext.size, 2)
})

test('an envelope with an even ext key still arrives: its reader keeps it until it understands', () => {
  const envelope = { ...envelopeTo(bob, filled(9, 1)), ext: new Map([[2, filled(1, 1)]]) }
  const arrived = decodeStampedEnvelope(encodeStampedEnvelope({ envelope, at: now })).envelope
  refuses(() => understand(arrived.ext), 'unsupported-version', 'ext')
})

test('franking: the relay’s tag stays with an envelope, opaque, up to 1 KiB', () => {
  const given = {
    envelope: envelopeTo(bob, filled(9, 1)),
    from: { account, accountId, device },
    at: now,
    tag: filled(1024, 3),
  }
  assert.lengthOf(decodeStampedEnvelope(encodeStampedEnvelope(given)).tag ?? [], 1024)
  const frame = decodeRelayFrame(encodeRelayFrame({ type: 'deliver', delivery: 1, stamped: given }))
  assert.lengthOf(frame.type === 'deliver' ? (frame.stamped.tag ?? []) : [], 1024)
})

test('a type of content that is newer than us is decoded whole, with what its sender wants for it', () => {
  for (const type of [32, 47, 500, 65_535]) {
    const content = { ...contentOf('a', { shownIfUnknown: type > 100 }), type, body: filled(30, 0xff) }
    const again = decodeContent(encodeContent(content))
    assert.isUndefined(contentTypeOf(again.type))
    assert.isTrue(equalBytes(again.body, content.body))
    assert.equal(again.header.shownIfUnknown, type > 100)
  }
})

test('groups: a conversation of another tag is newer than us, not malformed', () => {
  const encoded = encodeContent(contentOf('a'))
  // Tag 1 and the map of its one field, the members.
  const at = encoded.findIndex((byte, i) => byte === 0x82 && encoded[i + 1] === 1 && encoded[i + 2] === 0xa1)
  encoded[at + 1] = 2
  refuses(() => decodeContent(encoded), 'unsupported-version')
  // A layout that has nothing of ours inside.
  const group = struct({ group: field(1, id(32)), name: field(2, text(10)) })
  const other = encode(list(group, 2), [{ group: idOf(7, 32), name: 'g' }])
  const whole = new Uint8Array(encoded.length + other.length)
  whole.set(encoded.subarray(0, at + 2))
  whole.set(other, at + 2)
  refuses(() => decodeContent(whole), 'unsupported-version')
})

test('groups: a batch carries one body for many, and references for sixteen accounts', () => {
  const envelopes = Array.from({ length: 64 }, (_, i) => ({
    id: idOf(i),
    to: { type: 'address' as const, address: addressNo('bob', bob.accountId, i) },
    shared: i % 8,
    ext: emptyExt,
  }))
  const shared = Array.from({ length: 8 }, (_, i) => filled(4096, i))
  const lists = Array.from({ length: 16 }, (_, i) => ({
    accountId: idOf(i + 1, 32),
    era: 0,
    sequence: 1,
    hash: idOf(5, 32),
  }))
  const frame = decodeClientFrame(
    encodeClientFrame({ type: 'send', ref: 1, batch: { shared, envelopes, lists, sends: 1 } }),
  )
  if (frame.type !== 'send') throw new Error('a batch')
  assert.lengthOf(frame.batch.shared, 8)
  assert.equal(frame.batch.envelopes[9]?.shared, 1)
  assert.lengthOf(frame.batch.lists, 16)
})

test('federation: an address of another realm is an address', () => {
  const to = { type: 'address' as const, address: { ...bob, realm: 'example.org' } }
  const given = { envelope: { ...envelopeTo(bob, filled(9, 1)), to }, at: now }
  const arrived = decodeStampedEnvelope(encodeStampedEnvelope(given)).envelope.to
  assert.equal(arrived.type === 'address' ? arrived.address.realm : '', 'example.org')
})

test('a reset raises the era: a first list of era 1 starts a chain of its own', async () => {
  const before = await chainOf('alice', 1)
  const after = await chainOf('alice', 3, { era: 1 })
  assert.notEqual(after.accountId, before.accountId)
  assert.equal(after.list.era, 1)
})
