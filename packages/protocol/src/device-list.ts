import { accountName, deviceId, realm } from './address.js'
import { fromHex, toHex } from './bytes.js'
import { decode, encode, read } from './codec.js'
import { check } from './errors.js'
import { ext, understand } from './ext.js'
import { labelledHash, labels } from './labels.js'
import { limits } from './limits.js'
import { bytes, id, list, nullable, uint, version, type Shaped } from './shape.js'
import { field, struct } from './struct.js'
import { isEd25519Key, isX25519Key } from './public-keys.js'
import { algorithms, key, signObject, type Key, type Signed, type Signer } from './signed.js'

/** The hash of a list: SHA-256 over its signed bytes, as 64 hexadecimal digits. */
export const listHash = id(32)

/** One installation as its account's list knows it. Keys never change under one id. */
export const device = struct({
  id: field(1, deviceId),
  /** Ed25519. */
  signingKey: field(2, key),
  /** X25519. */
  identityKey: field(3, key),
  /** Suite numbers this device reads, ascending. */
  capabilities: field(4, list(uint(65_535, 1), limits.capabilities, 1)),
  /** Milliseconds since 1970, by its own clock. */
  addedAt: field(5, uint()),
})
export type Device = Shaped<typeof device>

/** The devices of an account. See docs/protocol.md, Device lists. */
export const deviceList = struct({
  v: field(1, version(1)),
  realm: field(2, realm),
  account: field(3, accountName),
  /** How often the account was reset, from 0. */
  era: field(4, uint(0xffff_ffff)),
  /** From 1, without a hole. */
  sequence: field(5, uint(limits.lists, 1)),
  /** The hash of the list before; null in the first. */
  previous: field(6, nullable(listHash)),
  /** 16 random bytes, so that an account's id cannot be guessed from its keys. */
  nonce: field(7, bytes(16)),
  devices: field(8, list(device, limits.devices, 1)),
  /** Ed25519, or null where there is no recovery code. */
  recoveryKey: field(9, nullable(key)),
  /** Milliseconds since 1970, by the signing device's clock. Shown, never decided on. */
  madeAt: field(10, uint()),
  ext: field(11, ext),
})
export type DeviceList = Shaped<typeof deviceList>

export const encodeDeviceList = (value: DeviceList): Uint8Array => encode(deviceList, value)

/** Decodes the signed bytes of a list and checks what a list must satisfy alone. Throws `malformed` or `unsupported-version`. */
export const decodeDeviceList = (signedBytes: Uint8Array): DeviceList =>
  checked(decode(deviceList, signedBytes, limits.deviceList))

/** The same of a list that was decoded before it was kept, and has its hash still. */
export const readDeviceList = (signedBytes: Uint8Array): DeviceList =>
  checked(read(deviceList, signedBytes, limits.deviceList))

function checked(value: DeviceList): DeviceList {
  understand(value.ext)
  check((value.sequence === 1) === (value.previous === null), 'malformed', { what: 'previous' })
  const keys = keysOf(value)
  check(new Set(keys).size === keys.length, 'malformed', { what: 'keys' })
  check(new Set(value.devices.map((one) => one.id)).size === value.devices.length, 'malformed', {
    what: 'devices',
  })
  for (const one of value.devices) {
    check(isSigningKey(one.signingKey), 'malformed', { what: 'signingKey' })
    check(isIdentityKey(one.identityKey), 'malformed', { what: 'identityKey' })
    check(
      one.capabilities.every((suite, i) => i === 0 || suite > (one.capabilities[i - 1] ?? 0)),
      'malformed',
      { what: 'capabilities' },
    )
  }
  const { recoveryKey } = value
  check(recoveryKey === null || isSigningKey(recoveryKey), 'malformed', { what: 'recoveryKey' })
  return value
}

/** Every key of a list, in hexadecimal: no two may be equal, and none that was removed may return. */
export function keysOf(value: DeviceList): readonly string[] {
  const keys = value.devices.flatMap((one) => [toHex(one.signingKey.bytes), toHex(one.identityKey.bytes)])
  return value.recoveryKey === null ? keys : [...keys, toHex(value.recoveryKey.bytes)]
}

function isSigningKey({ alg, bytes: raw }: Key): boolean {
  return alg === algorithms.ed25519 && isEd25519Key(raw)
}

function isIdentityKey({ alg, bytes: raw }: Key): boolean {
  return alg === algorithms.x25519 && isX25519Key(raw)
}

/** The hash by which the next list, references and forks know a list. */
export const hashOfList = (signedBytes: Uint8Array): string =>
  toHex(labelledHash(labels.listHash, signedBytes))

/** The account id that a first list makes. It is what peers pin and what a safety number covers. */
export const accountIdOf = (firstSignedBytes: Uint8Array): string =>
  toHex(labelledHash(labels.accountId, firstSignedBytes))

/** Signs a list. `signers` must be those the rule of `extendChain` asks for. */
export function signDeviceList(value: DeviceList, signers: readonly Signer[]): Promise<Signed> {
  return signObject(labels.deviceList, encodeDeviceList(value), signers)
}

/** The `by` of a device's signature: the bytes of its id. */
export const signerId = (id: string): Uint8Array => fromHex(id)
