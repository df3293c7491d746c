import { preKeyKinds, verifyPreKey, type PreKey } from '@sotto/protocol'
import type { Installation, World } from './people.js'

/** The signed prekey that is handed out of a device just now; `undefined` where none is. Uses up a one-time prekey. */
export async function handedOut(world: World, place: Installation): Promise<PreKey | undefined> {
  const { chain, address } = await world.deviceOn(place)
  const { realm, account, accountId, device } = address
  const asking = { account: 'nobody', accountId: 'a', device: 'd' }
  const { signedPreKey } = world.network.accounts.claim(asking, account, device) ?? {}
  const signingKey = chain.list.devices.find((one) => one.id === device)?.signingKey.bytes
  if (signedPreKey === undefined || signingKey === undefined) return undefined
  return verifyPreKey(signedPreKey, { realm, accountId, device, signingKey }, preKeyKinds.signed, 0)
}
