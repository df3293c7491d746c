import type { Chain } from '@sotto/protocol'
import type { OtherDevice } from '../sessions/sessions.js'

/** The devices of an account's newest verified list: the only ones that anything is ever written to. */
export function devicesOf(chain: Chain, except?: string): readonly OtherDevice[] {
  const { realm, account, accountId } = chain
  return chain.list.devices
    .filter((one) => one.id !== except)
    .map((one) => ({
      address: { realm, account, accountId, device: one.id },
      identityKey: one.identityKey.bytes,
      signingKey: one.signingKey.bytes,
    }))
}

/** One device of an account's newest verified list. */
export function otherDevice(chain: Chain, device: string): OtherDevice | undefined {
  return devicesOf(chain).find((one) => one.address.device === device)
}
