import { assert, test } from '#test'
import type { StampedEnvelope } from '@sotto/protocol'
import { Mallory } from '../support/mallory.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld } from '../support/relay-people.js'
import { settled } from '../support/forged-first.js'
import { until } from '../support/until.js'

/** Bob has never heard of Alice; her first message is held, and Mallory has one that says it is hers. */
async function held(world: EvilWorld) {
  const { relay, cipher } = world
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [alice, bob] = [await alices.online(), await bobs.online()]
  const his = watch(bob, 'alice')
  const good: StampedEnvelope[] = []
  relay.hooks.onDeliver = (stamped) => {
    good.push(stamped)
    return []
  }
  let bundle: Parameters<Mallory['firstMessage']>[0]['bundle'] | undefined
  relay.hooks.onClaim = (_account, _device, answer) => (bundle ??= answer)
  await alice.conversation('bob').send('good')
  await until(() => good.length === 1)
  delete relay.hooks.onDeliver
  const [[stamped], own] = [good, await bobs.device()]
  if (stamped === undefined || bundle === undefined) throw new Error('nothing was held')
  const mallory = await Mallory.make(cipher, relay.site.realm, 'alice')
  const to = { chain: own.chain, device: own.address.device, bundle: { signedPreKey: bundle.signedPreKey } }
  const evil = await mallory.firstMessage(to, await alices.device(), { text: 'evil' })
  return { relay, device: own.address.device, alice, bob, his, good: stamped, evil }
}

const orders: readonly string[] = ['g', 'ge', 'eg', 'ege', 'geg', 'eeg']

for (const order of orders) {
  test(`A19 ${order === 'g' ? 'control: the good first message alone' : `two first messages, good and evil, as ${order}`}`, () =>
    withEvilRelay(async (world) => {
      const { relay, device, his, good, evil, bob } = await held(world)
      for (const one of order) relay.inject(device, one === 'g' ? good : evil)
      await until(() => his.texts().length === 1)
      await settled()
      assert.deepEqual(his.texts(), ['< good'])
      assert.equal(bob.conversation('alice').trust.value.name, 'unverified')
    }))
}

for (let awaits = 0; awaits < 12; awaits++) {
  test(`A19 the evil one comes ${awaits} turns after the good one began to be read`, () =>
    withEvilRelay(async (world) => {
      const { relay, device, his, good, evil } = await held(world)
      relay.inject(device, good)
      for (let i = 0; i < awaits; i++) await new Promise((resolve) => setImmediate(resolve))
      relay.inject(device, evil)
      await until(() => his.texts().length === 1)
      await settled()
      assert.deepEqual(his.texts(), ['< good'])
    }))
}
