import { assert, test } from '#test'
import { addDevice, prepareJoining, run, signNextList } from '@sotto/core'
import { relayBackend } from '@sotto/core/relay'
import type { Signed } from '@sotto/protocol'
import { readSendCount } from '../../packages/core/src/messages/send-count.js'
import { aliceBobAndMallory } from '../support/forged-first.js'
import { Mallory } from '../support/mallory.js'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

test('A04 control: a device that the list takes in is claimed and written to', () =>
  withEvilRelay(async (world) => {
    const { relay, cipher } = world
    const { alice, bobs, bobsOwn } = await aliceBobAndMallory(world)
    const second = world.installation('bob')
    const [firstStore, store] = [await bobs.sealed(), await second.sealed()]
    const now = Date.now()
    const sends = await run(firstStore, readSendCount)
    const joining = await prepareJoining(bobsOwn.chain, {
      cipher,
      policy: 'crypto-key',
      run: (work) => run(store, work),
      now,
    })
    const login = () => ({
      ...bobsOwn.address,
      epoch: 1,
      sends,
      token: () => relay.site.token('bob'),
      sign: bobsOwn.sign,
    })
    const { directory } = relayBackend({ url: relay.url })(login)
    const chain = await addDevice(bobsOwn, joining.device, joining.keys, {
      directory,
      run: (work) => run(firstStore, work),
      now,
    })
    await joining.finish(chain)
    const bob2 = await second.online()
    const seen = watch(bob2, 'alice')
    await alice.conversation('bob').send('to both')
    await until(() => seen.texts().length === 1)
    assert.include(
      relay.log.claims.map((one) => one.device),
      joining.device.device.id,
    )
  }))

/** Lists with a device that no device of Bob's has signed on. */
const ghosts: readonly (readonly [string, (mallory: Mallory, real: Signed) => Promise<Signed>])[] = [
  [
    'signed by the ghost alone',
    async (mallory, real) => {
      const own = { ...mallory.own, chain: mallory.chain }
      void real
      return (await signNextList(own, mallory.chain, {}, Date.now())).signed
    },
  ],
  ['the first list again, as if it were the second', (_mallory, real) => Promise.resolve(real)],
]

for (const [how, make] of ghosts) {
  test(`A04 no envelope and no claim for a device that is not listed, when a refusal names a list that does not verify: ${how}`, () =>
    withEvilRelay(async (world) => {
      const { relay, cipher } = world
      const { alice, alices, his, bobsOwn } = await aliceBobAndMallory(world)
      const mallory = await Mallory.make(cipher, relay.site.realm, 'bob')
      const ghost = await make(mallory, bobsOwn.chain.head)
      const before = await snapshot(alices, ['peers'])
      relay.hooks.onLists = (account, lists) => (account === 'bob' ? [ghost] : lists)
      let refusals = 0
      relay.hooks.onSend = (batch) => {
        if (batch.envelopes.length === 0 || refusals++ > 0) return batch
        const { accountId } = bobsOwn.chain
        return {
          type: 'refused',
          code: 'lists-outdated',
          lists: [{ accountId, era: 0, sequence: 2, hash: 'ab'.repeat(32) }],
          devices: [],
        }
      }
      await alice.conversation('bob').send('three')
      await until(() => his.texts().length === 3)
      assert.isAbove(refusals, 0)
      const { device } = mallory.own.address
      assert.notInclude(
        relay.log.claims.map((one) => one.device),
        device,
      )
      const written = relay.log.batches.flatMap(({ batch }) =>
        batch.envelopes.map(({ to }) => (to.type === 'address' ? to.address.device : '')),
      )
      assert.notInclude(written, device)
      const after = await snapshot(alices, ['peers'])
      // When it was last asked for may have moved; what was accepted has not.
      assert.equal(Object.keys(after).length, Object.keys(before).length)
      assert.equal(alice.conversation('bob').trust.value.name, 'unverified')
    }))
}
