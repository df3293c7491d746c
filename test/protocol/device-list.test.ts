import { assert, test } from '#test'
import {
  accountIdOf,
  algorithms,
  decodeDeviceList,
  emptyExt,
  encodeDeviceList,
  hashOfList,
  limits,
  signDeviceList,
  signerId,
  toHex,
  type DeviceList,
} from '@sotto/protocol'
import {
  agreementKey,
  deviceNo,
  filled,
  firstList,
  idOf,
  now,
  recoveryKeyNo,
  signerNo,
  signingPair,
} from './made.js'
import { refuses } from './refuses.js'

const decoded = (change: Partial<DeviceList>) => () =>
  decodeDeviceList(encodeDeviceList(firstList('alice', 1, change)))
const device = deviceNo(1)
const ed = (bytes: Uint8Array) => ({ alg: algorithms.ed25519, bytes })
const x = (bytes: Uint8Array) => ({ alg: algorithms.x25519, bytes })

test('a list goes over the wire whole', () => {
  const list = firstList('alice', 1, {
    era: 3,
    sequence: 9,
    previous: idOf(7, 32),
    devices: [device, deviceNo(2)],
    recoveryKey: recoveryKeyNo(9),
    ext: new Map([[1, filled(3, 1)]]),
  })
  const again = decodeDeviceList(encodeDeviceList(list))
  assert.equal(toHex(encodeDeviceList(again)), toHex(encodeDeviceList(list)))
  assert.equal(again.devices[1]?.id, idOf(2))
  assert.equal(again.era, 3)
})

test('a newer layout of a list is newer than us, whatever else it holds', () => {
  const encoded = encodeDeviceList(firstList('alice', 1))
  assert.equal(encoded[2], 1)
  const newer = encoded.slice()
  newer[2] = 2
  refuses(() => decodeDeviceList(newer), 'unsupported-version', 'v')
  // Another number of fields, and none of ours after the first.
  refuses(() => decodeDeviceList(Uint8Array.of(0xb8, 0x20, 1, 2, 0x61)), 'unsupported-version', 'v')
  newer[2] = 0
  refuses(() => decodeDeviceList(newer), 'malformed', 'v')
})

test('a first list has no list before it, and every other one has', () => {
  refuses(decoded({ previous: idOf(1, 32) }), 'malformed', 'previous')
  refuses(decoded({ sequence: 2 }), 'malformed', 'previous')
})

test('a list has one to eight devices', () => {
  refuses(decoded({ devices: [] }), 'malformed')
  const devices = (count: number) => Array.from({ length: count }, (_, i) => deviceNo(i + 1))
  assert.lengthOf(decoded({ devices: devices(limits.devices) })().devices, 8)
  refuses(decoded({ devices: devices(limits.devices + 1) }), 'malformed')
})

test('a chain has at most 512 lists', () => {
  const previous = idOf(1, 32)
  assert.equal(decoded({ sequence: limits.lists, previous })().sequence, 512)
  refuses(decoded({ sequence: limits.lists + 1, previous }), 'malformed')
  refuses(decoded({ sequence: 0, previous: null }), 'malformed')
})

test('a list names each device once', () => {
  refuses(decoded({ devices: [device, { ...deviceNo(2), id: device.id }] }), 'malformed', 'devices')
})

test('no key stands twice on a list, whatever it is there', () => {
  const two = deviceNo(2)
  refuses(decoded({ devices: [device, { ...two, signingKey: device.signingKey }] }), 'malformed', 'keys')
  refuses(decoded({ devices: [device, { ...two, identityKey: device.identityKey }] }), 'malformed', 'keys')
  refuses(decoded({ recoveryKey: device.signingKey }), 'malformed', 'keys')
  const same = signingPair(2).publicKey
  refuses(
    decoded({ devices: [device, { ...two, signingKey: ed(same), identityKey: x(same) }] }),
    'malformed',
    'keys',
  )
})

test('a device’s keys are of their algorithm and 32 bytes long', () => {
  const wrong = [
    { ...device, signingKey: x(device.signingKey.bytes) },
    { ...device, signingKey: { alg: 3, bytes: device.signingKey.bytes } },
    { ...device, signingKey: ed(device.signingKey.bytes.subarray(1)) },
    { ...device, signingKey: ed(filled(2048, 1)) },
  ]
  for (const one of wrong) refuses(decoded({ devices: [one] }), 'malformed', 'signingKey')
  const others = [
    { ...device, identityKey: ed(device.identityKey.bytes) },
    { ...device, identityKey: x(filled(31, 1)) },
    { ...device, identityKey: x(filled(33, 1)) },
  ]
  for (const one of others) refuses(decoded({ devices: [one] }), 'malformed', 'identityKey')
  for (const recoveryKey of [x(agreementKey(9)), ed(filled(31, 1))])
    refuses(decoded({ recoveryKey }), 'malformed', 'recoveryKey')
})

test('a key over 2 KiB is no key', () => {
  refuses(decoded({ recoveryKey: ed(new Uint8Array(limits.key + 1)) }), 'malformed')
})

test('capabilities ascend, and there is one at least', () => {
  const having = (capabilities: number[]) => decoded({ devices: [{ ...device, capabilities }] })
  assert.deepEqual(having([1, 2, 70])().devices[0]?.capabilities, [1, 2, 70])
  for (const wrong of [
    [2, 1],
    [1, 1],
  ])
    refuses(having(wrong), 'malformed', 'capabilities')
  for (const wrong of [[], [0], [65_536], Array.from({ length: 17 }, (_, i) => i + 1)])
    refuses(having(wrong), 'malformed')
})

test('an even key of a list’s ext must be understood, an odd one need not be', () => {
  decoded({ ext: new Map([[1, new Uint8Array()]]) })()
  refuses(decoded({ ext: new Map([[2, new Uint8Array()]]) }), 'unsupported-version', 'ext')
})

test('a list is at most 64 KiB, which is looked at first', () => {
  refuses(() => decodeDeviceList(new Uint8Array(limits.deviceList + 1)), 'too-large')
})

test('realm, name and numbers of a list are checked', () => {
  refuses(decoded({ realm: 'Example.com' }), 'malformed')
  refuses(decoded({ account: 'Alice' }), 'malformed')
  for (const era of [-1, 2 ** 32, 0.5]) refuses(decoded({ era }), 'malformed')
  refuses(decoded({ nonce: filled(15, 1) }), 'malformed')
  refuses(decoded({ madeAt: -now }), 'malformed')
})

test('an account’s id, a list’s hash and its bytes are three different things', async () => {
  const { bytes } = await signDeviceList(firstList('alice', 1), [signerNo(1)])
  assert.notEqual(accountIdOf(bytes), hashOfList(bytes))
  assert.lengthOf(accountIdOf(bytes), 64)
  const other = encodeDeviceList(firstList('alice', 1, { nonce: filled(16, 2) }))
  assert.notEqual(accountIdOf(other), accountIdOf(bytes), 'the nonce makes the id')
})

test('a list’s hash is over what was signed, not over who signed it', async () => {
  const once = await signDeviceList(firstList('alice', 1), [signerNo(1)])
  const twice = await signDeviceList(firstList('alice', 1), [signerNo(1), signerNo(2)])
  assert.equal(hashOfList(once.bytes), hashOfList(twice.bytes))
})

test('a device signs under its id', () => {
  assert.equal(toHex(signerId(idOf(1))), idOf(1))
  refuses(() => signerId('AB'), 'malformed')
})

test('a first list is what its maker meant: v 1, no ext', () => {
  const list = decoded({ ext: emptyExt })()
  assert.equal(list.v, 1)
  assert.equal(list.ext.size, 0)
})
