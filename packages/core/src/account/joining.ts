import { check, deviceOf, type Chain } from '@sotto/protocol'
import type { KeyPolicy, PreKeyUpload, SessionCipher } from '../ports/index.js'
import { makeFreshKeys, putPreKeys } from '../sessions/prekeys.js'
import { freshCounters } from '../store/fresh-counters.js'
import type { Run } from '../store/rows.js'
import { counterRows, selfRows } from '../store/tables.js'
import { makeDevice, putDevice, type OwnDevice } from './own-device.js'
import type { JoiningDevice } from './own-lists.js'

/** A new device of an account that has one already, up to the moment in which a list takes it in. */
export interface Joining {
  /** For `addDevice` of a device that is on the list. */
  readonly device: JoiningDevice
  readonly keys: PreKeyUpload
  /** Stores the chain that took this device in: from then on the store is that of a device like any other. */
  finish(chain: Chain): Promise<void>
}

/** Makes the keys of a device that is to join the account of `chain`. The private halves are stored before anybody hears of the public ones. */
export async function prepareJoining(
  chain: Chain,
  context: {
    readonly cipher: SessionCipher
    readonly policy: KeyPolicy
    readonly run: Run
    readonly now: number
  },
): Promise<Joining> {
  const { cipher, policy, run, now } = context
  const made = await makeDevice(cipher, policy, now)
  const { realm, account, accountId } = chain
  const own: OwnDevice = {
    address: { realm, account, accountId, device: made.device.id },
    chain,
    published: false,
    policy,
    identity: { publicKey: made.device.identityKey.bytes, privateKey: made.identity },
    sign: made.sign,
  }
  const fresh = await makeFreshKeys(cipher, own, 1, 100)
  const keys = await run(async (rows) => {
    check((await selfRows.get(rows, 'self')) === undefined, 'wrong-argument', { name: 'store' })
    counterRows.put(rows, 'counters', freshCounters)
    return putPreKeys(rows, own, fresh, now)
  })
  return {
    device: { device: made.device, countersign: made.sign },
    keys,
    async finish(taken) {
      check(deviceOf(taken, made.device.id) !== undefined, 'unknown-device')
      await run(async (rows) => putDevice(rows, made, taken, true))
    },
  }
}
