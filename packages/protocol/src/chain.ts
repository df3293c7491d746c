import { equalBytes, toHex } from './bytes.js'
import { accountIdOf, decodeDeviceList, hashOfList, type Device, type DeviceList } from './device-list.js'
import { check } from './errors.js'
import { labels } from './labels.js'
import type { Signed } from './signed.js'
import type { Chain } from './stored-chain.js'
import { verifyObject } from './verify-object.js'

/** Verifies a first list. Throws `malformed`, `bad-signature` or `device-list-rejected`. */
export function startChain(
  object: Signed,
  expected: { readonly realm: string; readonly account: string },
): Chain {
  const value = decodeDeviceList(object.bytes)
  checkOwner(value, expected)
  check(value.sequence === 1, 'device-list-rejected', { reason: 'not a first list' })
  const [only] = value.devices
  check(value.devices.length === 1 && only !== undefined, 'device-list-rejected', {
    reason: 'a first list has one device',
  })
  verifyObject(labels.deviceList, object, new Map([[only.id, only.signingKey.bytes]]))
  const { realm, account } = expected
  const hash = hashOfList(object.bytes)
  return {
    realm,
    account,
    accountId: accountIdOf(object.bytes),
    list: value,
    head: object,
    hash,
    retired: new Set(),
  }
}

/**
 * Verifies the list after `chain`'s newest. It is signed by one device of the list before and by each device it adds; or by the recovery
 * key of the list before and the one device it then contains, a new one. Nobody else's signature may be on it. Throws `malformed`,
 * `bad-signature` or `device-list-rejected`.
 */
export function extendChain(chain: Chain, object: Signed): Chain {
  const before = chain.list
  const value = decodeDeviceList(object.bytes)
  checkOwner(value, chain)
  const rejected = 'device-list-rejected'
  check(value.era === before.era, rejected, { reason: 'another era' })
  check(value.sequence === before.sequence + 1, rejected, { reason: 'out of sequence' })
  check(value.previous === chain.hash, rejected, { reason: 'another list before' })

  const known = new Map(before.devices.map((one) => [one.id, one]))
  const added = value.devices.filter((one) => !known.has(one.id))
  const required = new Map(added.map((one) => [one.id, one.signingKey.bytes]))
  const others = object.signed.map(({ by }) => toHex(by)).filter((by) => !required.has(by))
  const [signer] = others
  check(others.length === 1 && signer !== undefined, 'bad-signature')
  const byDevice = known.get(signer)
  if (byDevice === undefined) {
    const recovery = before.recoveryKey
    check(recovery !== null && toHex(recovery.bytes) === signer, 'bad-signature')
    check(value.devices.length === 1 && added.length === 1, rejected, {
      reason: 'recovery keeps no old device',
    })
    required.set(signer, recovery.bytes)
  } else {
    required.set(signer, byDevice.signingKey.bytes)
  }
  verifyObject(labels.deviceList, object, required)

  for (const one of value.devices) {
    const old = known.get(one.id)
    if (old !== undefined)
      check(sameDevice(old, one, one.id === signer), rejected, { reason: 'a device was changed' })
  }
  for (const name of rolesOf(value).keys())
    check(!chain.retired.has(name), rejected, { reason: 'a removed id or key returned' })
  const kept = rolesOf(before)
  const current = rolesOf(value)
  for (const [name, role] of current) {
    check((kept.get(name) ?? role) === role, rejected, { reason: 'a key moved' })
  }
  const retired = new Set(chain.retired)
  for (const name of kept.keys()) if (!current.has(name)) retired.add(name)
  return { ...chain, list: value, head: object, hash: hashOfList(object.bytes), retired }
}

function checkOwner(value: DeviceList, expected: { readonly realm: string; readonly account: string }): void {
  check(value.realm === expected.realm, 'device-list-rejected', { reason: 'another realm' })
  check(value.account === expected.account, 'device-list-rejected', { reason: 'another account' })
}

/** Every id and key of a list, with what it is there: a key that was something else in the list before has moved. */
function rolesOf({ devices, recoveryKey }: DeviceList): ReadonlyMap<string, string> {
  const roles = new Map<string, string>()
  for (const { id, signingKey, identityKey } of devices) {
    roles
      .set(id, 'id')
      .set(toHex(signingKey.bytes), `signs for ${id}`)
      .set(toHex(identityKey.bytes), `is ${id}`)
  }
  return recoveryKey === null ? roles : roles.set(toHex(recoveryKey.bytes), 'recovers')
}

/** Capabilities may change by the device's own hand alone; nothing else may. */
function sameDevice(a: Device, b: Device, itself: boolean): boolean {
  if (
    !equalBytes(a.signingKey.bytes, b.signingKey.bytes) ||
    !equalBytes(a.identityKey.bytes, b.identityKey.bytes)
  )
    return false
  if (a.addedAt !== b.addedAt) return false
  return itself || a.capabilities.join() === b.capabilities.join()
}
