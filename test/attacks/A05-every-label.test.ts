import { ed25519 } from '@noble/curves/ed25519.js'
import { assert, test } from '#test'
import {
  extendChain,
  labelled,
  labels,
  preKeyKinds,
  signObject,
  startChain,
  verifyPreKey,
  type Label,
  type Signed,
} from '@sotto/protocol'
import {
  chainOf,
  deviceNo,
  extended,
  now,
  ownerNo,
  realm,
  signedBy,
  signedPreKey,
  signerNo,
} from '../protocol/made.js'
import { refuses } from '../protocol/refuses.js'
import { must } from '../relay/raw-device.js'
import { withRelay } from '../relay/raw-relay.js'

const others = (own: Label) => Object.values(labels).filter((label) => label !== own)

/** What is signed, by whom, and what verifies it. */
async function signedThings() {
  const first = await chainOf('alice', 1)
  const second = await extended(first, { devices: [deviceNo(1), deviceNo(2)] }, [signerNo(1), signerNo(2)])
  const preKey = await signedBy(signedPreKey(first, 1), 1)
  const owner = ownerNo(first, 1)
  const expected = { realm, account: 'alice' }
  return [
    [
      'a first list',
      labels.deviceList,
      first.head,
      [signerNo(1)],
      (one: Signed) => startChain(one, expected),
    ],
    [
      'a second list',
      labels.deviceList,
      second.head,
      [signerNo(1), signerNo(2)],
      (one: Signed) => extendChain(first, one),
    ],
    [
      'a prekey',
      labels.preKey,
      preKey,
      [signerNo(1)],
      (one: Signed) => verifyPreKey(one, owner, preKeyKinds.signed, now),
    ],
  ] as const
}

test('A05 a signature under another label is none, whichever it is', async () => {
  for (const [, own, object, signers, verify] of await signedThings()) {
    const again = await signObject(own, object.bytes, signers)
    assert.deepEqual(again.signed, object.signed, 'the control')
    verify(again)
    for (const label of others(own)) {
      const wrong = await signObject(label, object.bytes, signers)
      refuses(() => verify(wrong), 'bad-signature')
    }
  }
})

test('A05 no two labels begin alike: what is signed under one is never what is signed under another', () => {
  const all = Object.values(labels)
  assert.equal(new Set(all).size, all.length)
  const heads = all.map((label) => Buffer.from(labelled(label, new Uint8Array(0))).toString('latin1'))
  for (const [i, one] of heads.entries())
    for (const [j, other] of heads.entries())
      if (i !== j) assert.isFalse(other.startsWith(one), `${all[i]} ${all[j]}`)
})

test('A05 a login that is signed under another label is refused by the relay', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const head = labelled(labels.login, new Uint8Array(0)).length
    for (const label of others(labels.login)) {
      const sign = async (bytes: Uint8Array) =>
        ed25519.sign(labelled(label, bytes.subarray(head)), alice.seed)
      const { status, body } = await alice.tryLogin({ sign, epoch: 900 })
      assert.deepEqual([status, body], [401, { code: 'unauthorized' }], label)
    }
    // Nor was its epoch believed. The control: the same, under its own.
    const sign = async (bytes: Uint8Array) =>
      ed25519.sign(labelled(labels.login, bytes.subarray(head)), alice.seed)
    must(await alice.tryLogin({ sign, epoch: 1 }))
  }))
