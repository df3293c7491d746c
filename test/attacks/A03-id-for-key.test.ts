import { assert, test } from '#test'
import {
  algorithms,
  decodeSigned,
  encodeSigned,
  extendChain,
  fromHex,
  labels,
  preKeyKinds,
  signDeviceList,
  signObject,
  signPreKey,
  startChain,
  toHex,
  verifyObject,
  verifyPreKey,
  verifySignature,
} from '@sotto/protocol'
import {
  chainOf,
  deviceNo,
  extended,
  filled,
  firstList,
  idOf,
  nextList,
  now,
  oneTimePreKey,
  ownerNo,
  realm,
  recoveryKeyNo,
  recoveryNo,
  signedBy,
  signerNo,
  signingPair,
} from '../protocol/made.js'
import { refuses } from '../protocol/refuses.js'

const owner = { realm, account: 'alice' }
const [one, two] = [deviceNo(1), deviceNo(2)]

test('A03 control: a device signs under its id, a recovery key under itself', async () => {
  const chain = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  await extended(chain, {}, [signerNo(1)])
  await extended(chain, { devices: [two] }, [recoveryNo(9), signerNo(2)])
})

test('A03 a device that signs under its public key has not signed', async () => {
  const underKey = { by: one.signingKey.bytes, sign: signerNo(1).sign }
  const object = await signDeviceList(firstList('alice', 1), [underKey])
  refuses(() => startChain(object, owner), 'bad-signature')
  const chain = await chainOf('alice', 1)
  const next = await signDeviceList(nextList(chain), [underKey])
  refuses(() => extendChain(chain, next), 'bad-signature')
  const preKeyObject = await signObject(labels.preKey, (await signedBy(oneTimePreKey(chain, 1), 1)).bytes, [
    underKey,
  ])
  refuses(() => verifyPreKey(preKeyObject, ownerNo(chain, 1), preKeyKinds.oneTime, now), 'bad-signature')
})

test('A03 a recovery key that signs under a device’s id is no device, and a device under its key is no recovery key', async () => {
  const chain = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  const asDevice = { by: signerNo(1).by, sign: recoveryNo(9).sign }
  const next = await signDeviceList(nextList(chain), [asDevice])
  refuses(() => extendChain(chain, next), 'bad-signature')
  const asRecovery = { by: recoveryNo(9).by, sign: signerNo(1).sign }
  const recovered = await signDeviceList(nextList(chain, { devices: [two] }), [asRecovery, signerNo(2)])
  refuses(() => extendChain(chain, recovered), 'bad-signature')
})

test('A03 an id is never as long as a key: what is longer or shorter than an id names no device', async () => {
  const { bytes } = await signDeviceList(firstList('alice', 1), [signerNo(1)])
  const [signed] = (await signDeviceList(firstList('alice', 1), [signerNo(1)])).signed
  if (signed === undefined) throw new Error('a signature')
  for (const by of [filled(17, 1), filled(32, 1), filled(64, 1), fromHex(`${idOf(1)}00`)]) {
    const object = decodeSigned(encodeSigned({ bytes, signed: [{ ...signed, by }] }))
    refuses(() => startChain(object, owner), 'bad-signature')
  }
  refuses(() => encodeSigned({ bytes, signed: [{ ...signed, by: filled(15, 1) }] }), 'malformed')
})

test('A03 an id of 16 bytes where a key belongs is no key', async () => {
  const id = filled(16, 1)
  assert.isFalse(verifySignature(id, filled(3, 1), filled(64, 1)))
  const shortKeys = { ...one, signingKey: { alg: algorithms.ed25519, bytes: id } }
  const object = await signDeviceList(firstList('alice', 1, { devices: [shortKeys] }), [signerNo(1)])
  refuses(() => startChain(object, owner), 'malformed', 'signingKey')
  const identity = { ...one, identityKey: { alg: algorithms.x25519, bytes: id } }
  const other = await signDeviceList(firstList('alice', 1, { devices: [identity] }), [signerNo(1)])
  refuses(() => startChain(other, owner), 'malformed', 'identityKey')
  const recovery = await signDeviceList(
    firstList('alice', 1, { recoveryKey: { alg: algorithms.ed25519, bytes: id } }),
    [signerNo(1)],
  )
  refuses(() => startChain(recovery, owner), 'malformed', 'recoveryKey')
})

test('A03 a device whose id is the first half of somebody’s key, or of a hash, gains nothing by it', async () => {
  const chain = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  const halves = [
    toHex(recoveryKeyNo(9).bytes.subarray(0, 16)),
    chain.accountId.slice(0, 32),
    chain.hash.slice(0, 32),
  ]
  for (const id of halves) {
    const device = { ...two, id }
    const self = { by: fromHex(id), sign: signerNo(2).sign }
    const next = await extended(chain, { devices: [one, device] }, [signerNo(1), self])
    assert.lengthOf(next.list.devices, 2)
    // It is a device like any other: it recovers nothing and speaks for nobody.
    const alone = nextList(chain, { devices: [device] })
    refuses(
      () => extendChain(chain, { bytes: next.head.bytes, signed: next.head.signed.slice(1) }),
      'bad-signature',
    )
    const object = await signDeviceList(alone, [self])
    refuses(() => extendChain(chain, object), 'bad-signature')
  }
})

test('A03 a hash is no id, and an identity key signs nothing', async () => {
  const chain = await chainOf('alice', 1)
  const preKeyObject = await signPreKey(
    { ...oneTimePreKey(chain, 1), accountId: chain.hash },
    signingPair(1).sign,
  )
  assert.notEqual(chain.hash, chain.accountId)
  refuses(() => verifyPreKey(preKeyObject, ownerNo(chain, 1), preKeyKinds.oneTime, now), 'bad-prekey')
  const object = await signedBy(oneTimePreKey(chain, 1), 1)
  const withIdentity = { ...ownerNo(chain, 1), signingKey: one.identityKey.bytes }
  refuses(() => verifyPreKey(object, withIdentity, preKeyKinds.oneTime, now), 'bad-signature')
  const required = new Map([[toHex(one.signingKey.bytes), one.signingKey.bytes]])
  refuses(() => verifyObject(labels.preKey, object, required), 'bad-signature')
})
