import { assert, test } from '#test'
import { x25519 } from '@noble/curves/ed25519.js'
import type { OwnDevice } from '@sotto/core'
import {
  emptyExt,
  limits,
  preKeyKinds,
  randomBytes,
  referenceTo,
  signPreKey,
  toHex,
  type PreKey,
  type PreKeyBundle,
  type Signed,
} from '@sotto/protocol'
import { settled } from '../support/forged-first.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

async function people(world: EvilWorld) {
  const bobs = world.installation('bob')
  const carols = world.installation('carol')
  const bob = await bobs.online()
  const carol = await carols.online()
  const alice = await world.installation('alice').online()
  return { bobs, carols, bob, alice, carol, fromAlice: watch(bob, 'alice'), fromCarol: watch(bob, 'carol') }
}

/** A prekey that its device could have signed, at any time. */
function preKeyOf(
  { address, chain, sign }: OwnDevice,
  kind: number,
  change: Partial<PreKey> = {},
): Promise<Signed> {
  const { realm, accountId, device } = address
  const madeAt = Date.now()
  const signed = { expiresAt: madeAt + limits.signedPreKeyMs, newest: referenceTo(chain) }
  const value = {
    realm,
    accountId,
    device,
    kind,
    id: 900,
    key: { alg: 2, bytes: x25519.getPublicKey(randomBytes(32)) },
    madeAt,
    ext: emptyExt,
    ...(kind === preKeyKinds.signed ? signed : {}),
    ...change,
  }
  return signPreKey(value, sign)
}

test('A07 control: everybody gets a one-time prekey of their own, and is read', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const { alice, carol, fromAlice, fromCarol } = await people(world)
    const given: string[] = []
    relay.hooks.onClaim = (account, _device, bundle) => {
      if (account === 'bob' && bundle?.preKey !== undefined) given.push(toHex(bundle.preKey.bytes))
      return bundle
    }
    await alice.conversation('bob').send('one')
    await carol.conversation('bob').send('two')
    await until(() => fromAlice.texts().length === 1 && fromCarol.texts().length === 1)
    assert.equal(new Set(given).size, 2)
  }))

test('A07 a one-time prekey that is handed out twice is used once: what comes under it again is not read', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const { bobs, alice, carol, fromAlice, fromCarol } = await people(world)
    let first: PreKeyBundle | undefined
    relay.hooks.onClaim = (account, _device, bundle) => (account === 'bob' ? (first ??= bundle) : bundle)
    await alice.conversation('bob').send('one')
    await until(() => fromAlice.texts().length === 1)
    await settled()
    const tables = ['sessions', 'prekeys', 'messages']
    const before = await snapshot(bobs, tables)
    const acknowledged = relay.log.acks.length
    await carol.conversation('bob').send('two')
    await until(() => relay.log.acks.length > acknowledged)
    await settled()
    assert.deepEqual(fromCarol.texts(), [])
    assert.deepEqual(await snapshot(bobs, tables), before)
  }))

/** What a relay may put in place of a bundle of Bob's. */
const wrong: Readonly<
  Record<string, (bundle: PreKeyBundle, bob: OwnDevice, carol: OwnDevice) => Promise<PreKeyBundle>>
> = {
  'a one-time prekey of another account': async (bundle, _bob, carol) => ({
    ...bundle,
    preKey: await preKeyOf(carol, preKeyKinds.oneTime),
  }),
  'a signed prekey of another account': async (bundle, _bob, carol) => ({
    ...bundle,
    signedPreKey: await preKeyOf(carol, preKeyKinds.signed),
  }),
  'a one-time prekey in place of the signed one': async (_bundle, bob) => ({
    signedPreKey: await preKeyOf(bob, preKeyKinds.oneTime),
  }),
  'a signed prekey in place of the one-time one': async (bundle) => ({
    ...bundle,
    preKey: bundle.signedPreKey,
  }),
  'a signed prekey that has run out': async (bundle, bob) => ({
    ...bundle,
    signedPreKey: await preKeyOf(bob, preKeyKinds.signed, { madeAt: 1, expiresAt: Date.now() - 1 }),
  }),
}

for (const [what, forge] of Object.entries(wrong)) {
  test(`A07 nothing is sent under ${what}; it goes when the relay is honest`, () =>
    withEvilRelay(async (world) => {
      const { relay } = world
      const { bobs, carols, alice, fromAlice } = await people(world)
      const [bobsOwn, carolsOwn] = [await bobs.device(), await carols.device()]
      let forged = 0
      let bad: PreKeyBundle | undefined
      // Hooks answer at once: the forgery is made from the first answer, which is withheld.
      relay.hooks.onClaim = (_account, _device, bundle) => {
        if (bad !== undefined) forged++
        else if (bundle !== undefined) void forge(bundle, bobsOwn, carolsOwn).then((made) => (bad = made))
        return bad
      }
      await alice.conversation('bob').send('one')
      await until(async () => {
        if (forged === 0) await alice.conversation('bob').send('more')
        return forged > 0
      })
      await settled()
      assert.lengthOf(relay.log.batches, 0)
      assert.deepEqual(fromAlice.texts(), [])
      delete relay.hooks.onClaim
      await until(() => fromAlice.texts().includes('< one'), 30_000)
    }))
}
