import { addDevice, prepareJoining, run, signNextList, type Joining, type OwnDevice } from '@sotto/core'
import { relayBackend } from '@sotto/core/relay'
import type { Chain } from '@sotto/protocol'
import { readSendCount } from '../../packages/core/src/messages/send-count.js'
import { PeerDirectory } from '../../packages/core/src/peers/directory.js'
import { readPeer } from '../../packages/core/src/peers/peer.js'
import type { EvilWorld, RelayInstallation } from '../support/relay-people.js'

/** As the device of `by` itself would ask. */
async function directoryOf({ relay }: EvilWorld, by: RelayInstallation, own: OwnDevice) {
  const { account } = own.address
  const sends = await run(await by.sealed(), readSendCount)
  const login = () => ({
    ...own.address,
    epoch: 1,
    sends,
    token: () => relay.site.token(account),
    sign: own.sign,
  })
  return relayBackend({ url: relay.url })(login).directory
}

/** Asks for an account's lists and judges them as a tab that does not lead does, on the store of `by`. Rejects as that does. */
export async function fetchLists(world: EvilWorld, by: RelayInstallation, account: string): Promise<void> {
  const [own, store] = [await by.device(), await by.sealed()]
  await new PeerDirectory({
    directory: await directoryOf(world, by, own),
    run: (work) => run(store, work),
    realm: own.address.realm,
    time: world.time,
    onchange: () => undefined,
  }).refresh(account)
}

/** What an installation has accepted of another account's lists. */
export async function pinned(by: RelayInstallation, account: string): Promise<Chain> {
  const { chain } = await run(await by.sealed(), (rows) => readPeer(rows, account))
  if (chain === undefined) throw new Error(`${account} is known`)
  return chain
}

/** A device that wants to join the account of `first`: on no list yet. */
export async function joiningDevice(
  world: EvilWorld,
  first: RelayInstallation,
): Promise<{ readonly joining: Joining; readonly installation: RelayInstallation }> {
  const [own, installation] = [await first.device(), world.installation(first.account)]
  const store = await installation.sealed()
  const work = <T>(one: Parameters<typeof run<T>>[1]) => run(store, one)
  const { cipher } = world
  const joining = await prepareJoining(own.chain, {
    cipher,
    policy: 'crypto-key',
    run: work,
    now: Date.now(),
  })
  return { joining, installation }
}

/** Signs a device on, as linking does, and publishes that. */
export async function signOn(world: EvilWorld, first: RelayInstallation, joining: Joining): Promise<Chain> {
  const [own, store] = [await first.device(), await first.sealed()]
  const chain = await addDevice(own, joining.device, joining.keys, {
    directory: await directoryOf(world, first, own),
    run: (work) => run(store, work),
    now: Date.now(),
  })
  await joining.finish(chain)
  return chain
}

/** Takes a device off again, and publishes that. */
export async function signOff(world: EvilWorld, first: RelayInstallation, device: string): Promise<Chain> {
  const own = await first.device()
  const { chain, signed } = await signNextList(own, own.chain, { remove: [device] }, Date.now())
  await (await directoryOf(world, first, own)).publish(signed)
  return chain
}
