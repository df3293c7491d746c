import { assert, test } from '#test'
import {
  decodeChain,
  decodeSigned,
  deviceOf,
  encodeChain,
  encodeDeviceList,
  encodeSigned,
  equalBytes,
  extendChain,
  hashOfList,
  limits,
  signDeviceList,
  startChain,
  toHex,
  type Chain,
  type Device,
  type DeviceList,
  type Signer,
} from '@sotto/protocol'
import {
  agreementKey,
  chainOf,
  deviceNo,
  extended,
  filled,
  firstList,
  idOf,
  nextList,
  realm,
  recoveryKeyNo,
  recoveryNo,
  signerNo,
} from './made.js'
import { refuses, rejects } from './refuses.js'

const owner = { realm, account: 'alice' }
const [one, two, three] = [deviceNo(1), deviceNo(2), deviceNo(3)]

/** A chain of two devices, with a recovery key. */
const twoDevices = async (): Promise<Chain> =>
  extended(await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) }), { devices: [one, two] }, [
    signerNo(1),
    signerNo(2),
  ])

/** That the next list with this change, signed by these, is refused. */
async function refusesNext(
  chain: Chain,
  change: Partial<DeviceList>,
  signers: readonly Signer[],
  code: 'device-list-rejected' | 'bad-signature' | 'malformed',
  reason?: string,
) {
  await rejects(extended(chain, change, signers), code, reason)
}

test('a first list starts a chain whose id is the hash of what was signed', async () => {
  const object = await signDeviceList(firstList('alice', 1), [signerNo(1)])
  const chain = startChain(object, owner)
  assert.equal(chain.hash, hashOfList(object.bytes))
  assert.equal(chain.list.sequence, 1)
  assert.equal(chain.head, object)
  assert.equal(chain.retired.size, 0)
  assert.equal(deviceOf(chain, one.id)?.addedAt, one.addedAt)
  assert.isUndefined(deviceOf(chain, two.id))
})

test('a first list is the first, of one device, of that account and realm, signed by that device alone', async () => {
  const start = async (
    change: Partial<DeviceList>,
    signers: readonly Signer[] = [signerNo(1)],
    expected = owner,
  ) => startChain(await signDeviceList(firstList('alice', 1, change), signers), expected)
  await start({})
  await rejects(
    start({ devices: [one, two] }, [signerNo(1), signerNo(2)]),
    'device-list-rejected',
    'a first list has one device',
  )
  await rejects(start({ sequence: 2, previous: idOf(1, 32) }), 'device-list-rejected', 'not a first list')
  await rejects(
    start({}, [signerNo(1)], { ...owner, account: 'bob' }),
    'device-list-rejected',
    'another account',
  )
  await rejects(
    start({}, [signerNo(1)], { ...owner, realm: 'example.org' }),
    'device-list-rejected',
    'another realm',
  )
  await rejects(start({ recoveryKey: recoveryKeyNo(9) }, [recoveryNo(9)]), 'bad-signature')
  await rejects(start({}, [signerNo(2)]), 'bad-signature')
  await rejects(start({}, [signerNo(1), signerNo(2)]), 'bad-signature')
  await rejects(start({}, [signerNo(1), signerNo(1)]), 'bad-signature')
})

test('a device is added by one of the list and itself', async () => {
  const chain = await twoDevices()
  assert.deepEqual(
    chain.list.devices.map(({ id }) => id),
    [one.id, two.id],
  )
  assert.equal(chain.list.sequence, 2)
  const more = await extended(chain, { devices: [one, two, three, deviceNo(4)] }, [
    signerNo(2),
    signerNo(4),
    signerNo(3),
  ])
  assert.lengthOf(more.list.devices, 4)
  assert.equal(more.accountId, chain.accountId)
})

test('a device that is added has to sign, and nobody else may', async () => {
  const chain = await twoDevices()
  const devices = [one, two, three]
  await refusesNext(chain, { devices }, [signerNo(1)], 'bad-signature')
  await refusesNext(chain, { devices }, [signerNo(3)], 'bad-signature')
  await refusesNext(chain, { devices }, [signerNo(1), signerNo(2), signerNo(3)], 'bad-signature')
  await refusesNext(chain, { devices }, [signerNo(1), signerNo(3), signerNo(3)], 'bad-signature')
  await refusesNext(chain, { devices }, [signerNo(1), signerNo(3), recoveryNo(9)], 'bad-signature')
  await refusesNext(chain, { devices }, [signerNo(1), signerNo(3), signerNo(4)], 'bad-signature')
  await refusesNext(chain, { devices: [one] }, [signerNo(1), signerNo(2)], 'bad-signature')
})

test('a list is signed by a device of the list before, with its own key', async () => {
  const chain = await twoDevices()
  await refusesNext(chain, { devices: [one] }, [signerNo(3)], 'bad-signature')
  await refusesNext(
    chain,
    { devices: [one] },
    [{ by: signerNo(1).by, sign: signerNo(2).sign }],
    'bad-signature',
  )
  const first = await extended(chain, { devices: [one] }, [signerNo(1)])
  await refusesNext(first, { devices: [one] }, [signerNo(2)], 'bad-signature')
})

test('a device may take itself off, or be taken off by another', async () => {
  const chain = await twoDevices()
  for (const signer of [1, 2]) {
    const next = await extended(chain, { devices: [one] }, [signerNo(signer)])
    assert.deepEqual(
      [...next.retired].sort(),
      [two.id, toHex(two.signingKey.bytes), toHex(two.identityKey.bytes)].sort(),
    )
  }
})

test('what was removed never returns: no id, no signing key, no identity key', async () => {
  const gone = await extended(await twoDevices(), { devices: [one] }, [signerNo(1)])
  const reason = 'a removed id or key returned'
  const again: [Device, Signer][] = [
    [two, signerNo(2)],
    [
      { ...three, id: two.id },
      { by: signerNo(2).by, sign: signerNo(3).sign },
    ],
    [
      { ...three, signingKey: two.signingKey },
      { by: signerNo(3).by, sign: signerNo(2).sign },
    ],
    [{ ...three, identityKey: two.identityKey }, signerNo(3)],
  ]
  for (const [device, signer] of again) {
    await refusesNext(gone, { devices: [one, device] }, [signerNo(1), signer], 'device-list-rejected', reason)
  }
  await extended(gone, { devices: [one, three] }, [signerNo(1), signerNo(3)])
  // Long after, still not.
  let chain = gone
  for (let i = 0; i < 5; i++) chain = await extended(chain, {}, [signerNo(1)])
  await refusesNext(
    chain,
    { devices: [one, two] },
    [signerNo(1), signerNo(2)],
    'device-list-rejected',
    reason,
  )
})

test('a removed signing key does not return as the recovery key, nor an old recovery key at all', async () => {
  const reason = 'a removed id or key returned'
  const gone = await extended(await twoDevices(), { devices: [one], recoveryKey: recoveryKeyNo(8) }, [
    signerNo(1),
  ])
  await refusesNext(gone, { recoveryKey: two.signingKey }, [signerNo(1)], 'device-list-rejected', reason)
  await refusesNext(gone, { recoveryKey: recoveryKeyNo(9) }, [signerNo(1)], 'device-list-rejected', reason)
  const none = await extended(gone, { recoveryKey: null }, [signerNo(1)])
  await refusesNext(none, { recoveryKey: recoveryKeyNo(8) }, [signerNo(1)], 'device-list-rejected', reason)
})

test('a key does not change what it is in the very list that removes its device', async () => {
  const chain = await twoDevices()
  const moved: [Partial<DeviceList>, readonly Signer[]][] = [
    [{ devices: [one], recoveryKey: two.signingKey }, [signerNo(1)]],
    [
      { devices: [one, { ...three, signingKey: two.signingKey }] },
      [signerNo(1), { by: signerNo(3).by, sign: signerNo(2).sign }],
    ],
    [{ devices: [one, { ...three, identityKey: two.identityKey }] }, [signerNo(1), signerNo(3)]],
    [
      { devices: [one, two, { ...three, signingKey: recoveryKeyNo(9) }], recoveryKey: null },
      [signerNo(1), { by: signerNo(3).by, sign: recoveryNo(9).sign }],
    ],
  ]
  for (const [change, signers] of moved)
    await refusesNext(chain, change, signers, 'device-list-rejected', 'a key moved')
})

test('a device’s keys and date never change under its id', async () => {
  const chain = await twoDevices()
  const changed = [
    { ...two, signingKey: three.signingKey },
    { ...two, identityKey: three.identityKey },
    { ...two, addedAt: two.addedAt + 1 },
  ]
  for (const device of changed) {
    await refusesNext(
      chain,
      { devices: [one, device] },
      [signerNo(1)],
      'device-list-rejected',
      'a device was changed',
    )
    await refusesNext(
      chain,
      { devices: [one, device] },
      [signerNo(2)],
      'device-list-rejected',
      'a device was changed',
    )
  }
  const swapped = [
    { ...one, identityKey: two.identityKey },
    { ...two, identityKey: one.identityKey },
  ]
  await refusesNext(
    chain,
    { devices: swapped },
    [signerNo(1)],
    'device-list-rejected',
    'a device was changed',
  )
})

test('capabilities change by the device’s own hand alone', async () => {
  const chain = await twoDevices()
  const devices = [one, { ...two, capabilities: [1, 2] }]
  await refusesNext(chain, { devices }, [signerNo(1)], 'device-list-rejected', 'a device was changed')
  const next = await extended(chain, { devices }, [signerNo(2)])
  assert.deepEqual(deviceOf(next, two.id)?.capabilities, [1, 2])
})

test('the recovery key signs for exactly one device, a new one, which signs too', async () => {
  const chain = await twoDevices()
  const next = await extended(chain, { devices: [three] }, [recoveryNo(9), signerNo(3)])
  assert.deepEqual(
    next.list.devices.map(({ id }) => id),
    [three.id],
  )
  assert.isTrue(next.retired.has(one.id) && next.retired.has(two.id))
  const reason = 'recovery keeps no old device'
  await refusesNext(
    chain,
    { devices: [one, three] },
    [recoveryNo(9), signerNo(3)],
    'device-list-rejected',
    reason,
  )
  await refusesNext(chain, { devices: [one] }, [recoveryNo(9)], 'device-list-rejected', reason)
  await refusesNext(
    chain,
    { devices: [three, deviceNo(4)] },
    [recoveryNo(9), signerNo(3), signerNo(4)],
    'device-list-rejected',
    reason,
  )
  await refusesNext(chain, { devices: [three] }, [recoveryNo(9)], 'bad-signature')
  await refusesNext(chain, { devices: [three] }, [recoveryNo(8), signerNo(3)], 'bad-signature')
  await refusesNext(chain, { devices: [three] }, [recoveryNo(9), signerNo(3), signerNo(1)], 'bad-signature')
})

test('a new recovery code replaces the key; the old one signs nothing more', async () => {
  const chain = await extended(await twoDevices(), { recoveryKey: recoveryKeyNo(8) }, [signerNo(2)])
  await refusesNext(chain, { devices: [three] }, [recoveryNo(9), signerNo(3)], 'bad-signature')
  await extended(chain, { devices: [three] }, [recoveryNo(8), signerNo(3)])
})

test('the key that is on the list before counts, not the one a list brings along', async () => {
  const chain = await chainOf('alice', 1)
  await refusesNext(
    chain,
    { devices: [three], recoveryKey: recoveryKeyNo(9) },
    [recoveryNo(9), signerNo(3)],
    'bad-signature',
  )
})

test('a list follows the one before: its number, its hash, its era, its owner', async () => {
  const chain = await twoDevices()
  const signers = [signerNo(1)]
  await refusesNext(chain, { sequence: 4 }, signers, 'device-list-rejected', 'out of sequence')
  await refusesNext(chain, { sequence: 2 }, signers, 'device-list-rejected', 'out of sequence')
  await refusesNext(
    chain,
    { sequence: 1, previous: null },
    signers,
    'device-list-rejected',
    'out of sequence',
  )
  await refusesNext(chain, { previous: idOf(7, 32) }, signers, 'device-list-rejected', 'another list before')
  await refusesNext(chain, { era: 1 }, signers, 'device-list-rejected', 'another era')
  await refusesNext(chain, { account: 'bob' }, signers, 'device-list-rejected', 'another account')
  await refusesNext(chain, { realm: 'example.org' }, signers, 'device-list-rejected', 'another realm')
})

test('two lists of one place are two chains: neither follows the other, and both verify after the list before', async () => {
  const before = await twoDevices()
  const left = await signDeviceList(nextList(before, { devices: [one] }), [signerNo(1)])
  const right = await signDeviceList(nextList(before, { devices: [two] }), [signerNo(2)])
  const chain = extendChain(before, left)
  refuses(() => extendChain(chain, right), 'device-list-rejected', 'out of sequence')
  assert.notEqual(extendChain(before, right).hash, chain.hash)
})

test('a refused list leaves the chain as it was', async () => {
  const chain = await twoDevices()
  const stored = toHex(encodeChain(chain))
  await refusesNext(chain, { devices: [one, two, three] }, [signerNo(1)], 'bad-signature')
  await refusesNext(chain, { devices: [one, { ...two, addedAt: 1 }] }, [signerNo(1)], 'device-list-rejected')
  assert.equal(toHex(encodeChain(chain)), stored)
})

test('a chain that was stored goes on where it stopped', async () => {
  const chain = await extended(await twoDevices(), { devices: [two] }, [signerNo(1)])
  const stored = decodeChain(encodeChain(chain))
  assert.deepEqual(stored, chain)
  await refusesNext(stored, { devices: [two, one] }, [signerNo(2), signerNo(1)], 'device-list-rejected')
  await extended(stored, { devices: [two, three] }, [signerNo(2), signerNo(3)])
})

test('a stored chain whose parts do not belong together is damaged', async () => {
  const chain = await twoDevices()
  const other = await chainOf('alice', 5)
  refuses(() => decodeChain(encodeChain({ ...chain, head: other.head })), 'store-damaged')
  refuses(() => decodeChain(encodeChain({ ...chain, account: 'bob' })), 'store-damaged')
  refuses(() => decodeChain(encodeChain({ ...chain, realm: 'example.org' })), 'store-damaged')
})

test('the longest chain that may be still fits into its row', () => {
  // Every list replaces all keys: what may never return is as much as it can be.
  const most = limits.lists * (limits.devices * 3 + 1)
  const names = Array.from({ length: most }, (_, i) => i.toString(16).padStart(64, '0'))
  const list = firstList('alice', 1)
  const bytes = encodeDeviceList(list)
  const head = { bytes, signed: [{ by: filled(16, 1), signatures: [{ alg: 1, bytes: filled(64, 1) }] }] }
  const chain = {
    ...owner,
    accountId: idOf(1, 32),
    list,
    head,
    hash: hashOfList(bytes),
    retired: new Set(names),
  }
  assert.equal(decodeChain(encodeChain(chain)).retired.size, most)
})

test('the largest signed object that may be still decodes', () => {
  const signature = { alg: 9, bytes: new Uint8Array(limits.signature) }
  const signatures = Array.from({ length: limits.signaturesPerSigner }, () => signature)
  const signed = Array.from({ length: limits.devices + 2 }, () => ({
    by: new Uint8Array(limits.key),
    signatures,
  }))
  const encoded = encodeSigned({ bytes: new Uint8Array(limits.deviceList), signed })
  assert.isTrue(equalBytes(encodeSigned(decodeSigned(encoded)), encoded))
})

test('an identity key under another spelling is no key at all, so it cannot return that way', async () => {
  const gone = await extended(await twoDevices(), { devices: [one] }, [signerNo(1)])
  const alias = agreementKey(2)
  alias[31] = (alias[31] ?? 0) | 0x80
  const device = { ...three, identityKey: { alg: 2, bytes: alias } }
  await refusesNext(gone, { devices: [one, device] }, [signerNo(1), signerNo(3)], 'malformed', 'identityKey')
})
