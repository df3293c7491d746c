import type { PreKeyBundle } from '@sotto/protocol'
import { Mallory } from './mallory.js'
import { watch } from './people.js'
import type { EvilWorld } from './relay-people.js'
import { until } from './until.js'

/** Alice has written to Bob, who has accepted her; the relay has kept a bundle of Bob's, and Mallory has keys under Alice's name. */
export async function aliceBobAndMallory(world: EvilWorld) {
  const { relay, cipher } = world
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const alice = await alices.online()
  const bob = await bobs.online()
  let bundle: PreKeyBundle | undefined
  relay.hooks.onClaim = (_account, _device, answer) => (bundle ??= answer)
  const his = watch(bob, 'alice')
  const hers = watch(alice, 'bob')
  await alice.conversation('bob').send('one')
  await until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await until(() => hers.texts().length === 2)
  // Nothing but what follows moves anything: receipts have come.
  await until(() => hers.allDelivered() && his.allDelivered())
  delete relay.hooks.onClaim
  if (bundle === undefined) throw new Error('no bundle was claimed')
  const mallory = await Mallory.make(cipher, relay.site.realm, 'alice')
  const [alicesOwn, bobsOwn] = [await alices.device(), await bobs.device()]
  const to = {
    chain: bobsOwn.chain,
    device: bobsOwn.address.device,
    bundle: { signedPreKey: bundle.signedPreKey },
  }
  return { relay, alices, bobs, alice, bob, hers, his, mallory, alicesOwn, bobsOwn, to }
}

/** Long enough for what was delivered to have had every consequence but those that wait for jitter. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 400))
