import {
  accountIdOf,
  accountNewsBody,
  algorithms,
  bundle,
  contentTypes,
  conversationIdOf,
  deviceNewsBody,
  emptyExt,
  encode,
  encodeBody,
  encodeBodyOf,
  encodeChain,
  encodeClientFrame,
  encodeContent,
  encodeDeviceList,
  encodeRelayFrame,
  encodeSigned,
  encodeStampedEnvelope,
  goneBody,
  hashOfList,
  loginProofBytes,
  messageHash,
  pad,
  pairOf,
  preKey,
  receiptBody,
  sessionBody,
  sessionName,
  signDeviceList,
  suites,
  textBody,
  toHex,
  unreadBody,
} from '@sotto/protocol'
import {
  agreementKey,
  alice,
  bob,
  chainOf,
  contentOf,
  deviceNo,
  envelopeTo,
  extended,
  filled,
  firstBody,
  firstList,
  idOf,
  laterBody,
  now,
  oneTimePreKey,
  realm,
  recoveryKeyNo,
  signedBy,
  signedPreKey,
  signerNo,
} from './made.js'

/** One of every object that goes over the wire, and of every name that is a hash: as hexadecimal. */
export async function goldenObjects(): Promise<Readonly<Record<string, string>>> {
  const hex = (bytes: Uint8Array) => toHex(bytes)
  const list = firstList('alice', 1, { recoveryKey: recoveryKeyNo(9), ext: new Map([[1, filled(2, 1)]]) })
  const first = await chainOf('alice', 1)
  const chain = await extended(first, { devices: [deviceNo(1), deviceNo(2)] }, [signerNo(1), signerNo(2)])
  const signed = await signedBy(signedPreKey(first, 1), 1)
  const oneTime = await signedBy(oneTimePreKey(first, 1), 1)
  const content = contentOf('Lunch?')
  const run = { run: 2, n: 1 }
  const text = {
    text: 'see @bob, \u{1F600}',
    ranges: [
      { start: 0, length: 3, kind: 1 },
      { start: 4, length: 4, kind: 5, account: 'bob' },
    ],
    reply: { messageId: idOf(1), hash: idOf(2, 32) },
    ext: emptyExt,
  }
  const named = {
    envelopes: [idOf(1)],
    numbers: [{ run: 1, first: 2, last: 3 }],
    conversation: idOf(3, 32),
    ext: emptyExt,
  }
  const covered = { device: idOf(1), upTo: { run: 1, n: 9 }, missing: [{ run: 1, first: 4, last: 5 }] }
  const contact = { account: 'bob', accountId: bob.accountId, decision: 1, at: now }
  const { account, accountId, device } = alice
  const stamped = { envelope: envelopeTo(bob, filled(8, 7)), from: { account, accountId, device }, at: now }
  const references = [alice, bob].map((one) => ({
    accountId: one.accountId,
    era: 0,
    sequence: 1,
    hash: idOf(5, 32),
  }))
  const { id, to, body, ext } = stamped.envelope
  const { body: _body, ...bare } = { id: idOf(9), to, body, ext }
  const batch = {
    shared: [filled(3, 9)],
    envelopes: [
      { id, to, body, ext },
      { ...bare, shared: 0 },
    ],
    lists: references,
    sends: 7,
  }
  const proof = {
    realm,
    relay: 'https://relay.example.com',
    accountId,
    device,
    epoch: 3,
    nonce: filled(32, 1),
    tokenHash: filled(32, 2),
    sends: 7,
  }
  const frame = pad(encodeContent(content))
  const side = (address: typeof alice, key: number) => ({ address, identityKey: agreementKey(key) })
  return {
    'device list': hex(encodeDeviceList(list)),
    'signed device list': hex(encodeSigned(await signDeviceList(list, [signerNo(1)]))),
    'signed second device list': hex(encodeSigned(chain.head)),
    'chain row': hex(encodeChain(chain)),
    'account id': accountIdOf(encodeDeviceList(list)),
    'list hash': hashOfList(encodeDeviceList(list)),
    'signed prekey record': hex(encode(preKey, signedPreKey(first, 1))),
    'one-time prekey record': hex(encode(preKey, oneTimePreKey(first, 1))),
    'KEM prekey record': hex(
      encode(preKey, oneTimePreKey(first, 1, { kind: 4, key: { alg: 9, bytes: filled(3, 3) } })),
    ),
    'signed one-time prekey': hex(encodeSigned(oneTime)),
    bundle: hex(encode(bundle, { signedPreKey: signed, preKey: oneTime })),
    'first body': hex(encodeBody(suites.signal, firstBody())),
    'later body': hex(encodeBody(suites.signal, laterBody())),
    'stamped envelope': hex(encodeStampedEnvelope(stamped)),
    'stamped envelope to a mailbox, with a tag': hex(
      encodeStampedEnvelope({
        envelope: { ...stamped.envelope, to: { type: 'mailbox', mailbox: filled(16, 6) } },
        at: now,
        tag: filled(4, 4),
      }),
    ),
    content: hex(encodeContent(content)),
    'content that begins a run': hex(
      encodeContent(contentOf('Lunch?', { number: run, after: { run: 1, n: 40 }, since: run })),
    ),
    'frame after its random bytes': hex(frame.subarray(16)),
    'conversation id': conversationIdOf(realm, pairOf(alice, bob)),
    'message hash': messageHash(content),
    'message hash without a number': messageHash({
      ...content,
      type: contentTypes.typing.type,
      header: withoutNumber(content.header),
    }),
    'session name': sessionName(side(alice, 1), side(bob, 2), agreementKey(9), 1),
    'login proof': hex(loginProofBytes(proof)),
    'text body': hex(encodeBodyOf(textBody, text)),
    'receipt body': hex(encodeBodyOf(receiptBody, { delivered: [covered], read: [], ext: emptyExt })),
    'unread body': hex(encodeBodyOf(unreadBody, named)),
    'gone body': hex(encodeBodyOf(goneBody, named)),
    'session body': hex(encodeBodyOf(sessionBody, { ext: emptyExt })),
    'account news body': hex(encodeBodyOf(accountNewsBody, { contacts: [contact], ext: emptyExt })),
    'device news body': hex(
      encodeBodyOf(deviceNewsBody, { removed: [{ device: idOf(1), last: run }], ext: emptyExt }),
    ),
    'hello frame': hex(encodeClientFrame({ type: 'hello', token: 'token' })),
    'send frame': hex(encodeClientFrame({ type: 'send', ref: 1, batch })),
    'ack frame': hex(encodeClientFrame({ type: 'ack', deliveries: [1, 500] })),
    'ping frame': hex(encodeClientFrame({ type: 'ping' })),
    'welcome frame': hex(encodeRelayFrame({ type: 'welcome', now })),
    'sent frame': hex(encodeRelayFrame({ type: 'sent', ref: 1, at: now })),
    'refused frame': hex(
      encodeRelayFrame({
        type: 'refused',
        ref: 1,
        code: 'mailbox-full',
        lists: references,
        devices: [{ accountId, device }],
        retryAfterMs: 9,
      }),
    ),
    'deliver frame': hex(encodeRelayFrame({ type: 'deliver', delivery: 7, stamped })),
    'wake frame': hex(encodeRelayFrame({ type: 'wake', what: 2 })),
    'pong frame': hex(encodeRelayFrame({ type: 'pong' })),
    'bye frame': hex(
      encodeRelayFrame({ type: 'bye', code: 'rolled-back', epoch: 12, retryAfterMs: 5, sends: 34 }),
    ),
    algorithms: JSON.stringify(algorithms),
  }
}

function withoutNumber<H extends { readonly number?: unknown; readonly since?: unknown }>(header: H): H {
  const { number: _number, since: _since, ...rest } = header
  return rest as H
}
