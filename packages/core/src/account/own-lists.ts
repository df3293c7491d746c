import {
  SottoError,
  check,
  emptyExt,
  extendChain,
  randomBytes,
  signDeviceList,
  signerId,
  startChain,
  type Chain,
  type Device,
  type DeviceList,
  type Sign,
  type Signed,
} from '@sotto/protocol'
import type { Directory, PreKeyUpload } from '../ports/index.js'
import type { Run } from '../store/rows.js'
import { pendingRows } from '../store/tables.js'
import { putOwnChain, type NewDevice, type OwnDevice } from './own-device.js'

/** Signs the first list of an account: its one device, no recovery key yet. */
export async function signFirstList(
  made: NewDevice,
  realm: string,
  account: string,
  era: number,
  now: number,
): Promise<Chain> {
  const list: DeviceList = {
    v: 1,
    realm,
    account,
    era,
    sequence: 1,
    previous: null,
    nonce: randomBytes(16),
    devices: [made.device],
    recoveryKey: null,
    madeAt: now,
    ext: emptyExt,
  }
  const signed = await signDeviceList(list, [{ by: signerId(made.device.id), sign: made.sign }])
  return startChain(signed, { realm, account })
}

/** A device that joins: what the list says of it, and its own signature over the list, by whatever way that comes. */
export interface JoiningDevice {
  readonly device: Device
  readonly countersign: Sign
}

/** Signs the list after `chain`'s newest: with other devices, each of which countersigns, or without some. Verified before it is returned. */
export async function signNextList(
  own: Pick<OwnDevice, 'address' | 'sign'>,
  chain: Chain,
  change: { readonly add?: readonly JoiningDevice[]; readonly remove?: readonly string[] },
  now: number,
): Promise<{ readonly chain: Chain; readonly signed: Signed }> {
  const { add = [], remove = [] } = change
  const stay = chain.list.devices.filter((one) => !remove.includes(one.id))
  const list: DeviceList = {
    ...chain.list,
    sequence: chain.list.sequence + 1,
    previous: chain.hash,
    nonce: randomBytes(16),
    devices: [...stay, ...add.map((one) => one.device)],
    madeAt: now,
  }
  const signed = await signDeviceList(list, [
    { by: signerId(own.address.device), sign: own.sign },
    ...add.map((one) => ({ by: signerId(one.device.id), sign: one.countersign })),
  ])
  return { chain: extendChain(chain, signed), signed }
}

/**
 * Adds a device whose public keys were handed to us: signs the list, stores it, then publishes it together with that device's first
 * prekeys. Linking ends in this. Rejects as `Directory.publish` does; what was stored is published again at the next connect.
 */
export async function addDevice(
  own: OwnDevice,
  joining: JoiningDevice,
  keys: PreKeyUpload,
  context: { readonly directory: Directory; readonly run: Run; readonly now: number },
): Promise<Chain> {
  check(keys.signedPreKey !== undefined, 'bad-prekey')
  const { signed } = await signNextList(own, own.chain, { add: [joining] }, context.now)
  await context.run(async (rows) => {
    check((await pendingRows.get(rows, 'pending')) === undefined, 'conflict')
    pendingRows.put(rows, 'pending', { list: signed, ...keys })
  })
  const chain = await publishPending(own, context)
  check(chain !== undefined, 'lists-outdated')
  return chain
}

/** Publishes what was signed and not known to be published. `undefined` where there is nothing, or the backend holds another list by now. */
export async function publishPending(
  own: OwnDevice,
  { directory, run }: { readonly directory: Directory; readonly run: Run },
): Promise<Chain | undefined> {
  const pending = await run((rows) => pendingRows.get(rows, 'pending'))
  if (pending === undefined) return undefined
  const { list, ...keys } = pending
  try {
    await directory.publish(list, keys)
  } catch (error) {
    if (!SottoError.is(error, 'lists-outdated')) throw error
    await run(async (rows) => pendingRows.delete(rows, 'pending'))
    return undefined
  }
  const chain = extendChain(own.chain, list)
  await run(async (rows) => {
    pendingRows.delete(rows, 'pending')
    await putOwnChain(rows, chain, true)
  })
  return chain
}
