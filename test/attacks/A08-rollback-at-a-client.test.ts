import { signNextList, type OwnDevice } from '@sotto/core'
import {
  emptyExt,
  extendChain,
  limits,
  preKeyKinds,
  referenceTo,
  signDeviceList,
  signPreKey,
  signerId,
  type Chain,
  type PreKeyBundle,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { rejects } from '../core/reject.js'
import { settled } from '../support/forged-first.js'
import { watch } from '../support/people.js'
import { withEvilRelay, type EvilWorld } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'
import { fetchLists, joiningDevice, pinned, signOff, signOn } from './list-attacks.js'

/**
 * Bob had a second device and took it off his list again: three lists, which Alice has followed. The relay has kept all of them, and has the
 * keys of the device that was removed.
 */
async function afterRemoval(world: EvilWorld) {
  const { relay } = world
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const [alice, bob] = [await alices.online(), await bobs.online()]
  const first = (await bobs.device()).chain
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  const { joining } = await joiningDevice(world, bobs)
  const second = await signOn(world, bobs, joining)
  await alice.conversation('bob').send('one')
  await until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await until(() => hers.texts().length === 2)
  const third = await signOff(world, bobs, joining.device.device.id)
  await fetchLists(world, alices, 'bob')
  assert.equal((await pinned(alices, 'bob')).hash, third.hash)
  await settled()
  const addressees = (from: number) =>
    relay.log.batches
      .slice(from)
      .flatMap(({ batch }) =>
        batch.envelopes.map(({ to }) => (to.type === 'address' ? to.address.device : '')),
      )
  const removed = joining.device
  return { relay, alices, bobs, alice, bob, his, first, second, third, removed, addressees }
}

test('A08 control at two clients: who follows a removal writes to the devices that are left, and to no other', () =>
  withEvilRelay(async (world) => {
    const { relay, alices, alice, his, third, removed, addressees } = await afterRemoval(world)
    const sent = relay.log.batches.length
    await alice.conversation('bob').send('three')
    await until(() => his.texts().includes('< three'))
    assert.isAbove(relay.log.batches.length, sent)
    assert.notInclude(addressees(sent), removed.device.id)
    assert.equal((await pinned(alices, 'bob')).hash, third.hash)
  }))

test('A08 lists that are older than the pinned one move nothing, and nothing goes to the device that was removed since', () =>
  withEvilRelay(async (world) => {
    const { relay, alices, alice, his, first, second, third, removed, addressees } = await afterRemoval(world)
    const sent = relay.log.batches.length
    const tables = ['self', 'sessions', 'prekeys', 'base-keys', 'messages', 'conversations', 'outbox']
    const before = await snapshot(alices, tables)
    for (const older of [[], [first.head], [second.head], [first.head, second.head]]) {
      relay.hooks.onLists = (account, lists) => (account === 'bob' ? older : lists)
      await fetchLists(world, alices, 'bob')
      assert.equal((await pinned(alices, 'bob')).hash, third.hash, `${older.length} lists`)
    }
    assert.deepEqual(await snapshot(alices, tables), before)
    assert.lengthOf(relay.log.batches, sent)
    // While the relay goes on lying, what is written goes to the devices of the newest list.
    await alice.conversation('bob').send('three')
    await until(() => his.texts().includes('< three'))
    assert.notInclude(addressees(sent), removed.device.id)
  }))

test('A08 a list that brings the removed device back is refused at the client, whoever of Bob’s has signed it', () =>
  withEvilRelay(async (world) => {
    const { relay, alices, bobs, third, second, removed } = await afterRemoval(world)
    const own = await bobs.device()
    const next = {
      ...third.list,
      sequence: third.list.sequence + 1,
      previous: third.hash,
      devices: second.list.devices,
    }
    const returning = { by: signerId(removed.device.id), sign: removed.countersign }
    const before = await snapshot(alices)
    const sent = relay.log.batches.length
    const staying = { by: signerId(own.address.device), sign: own.sign }
    for (const [signers, code] of [
      [[staying, returning], 'device-list-rejected'],
      [[returning], 'bad-signature'],
    ] as const) {
      const list = await signDeviceList(next, signers)
      relay.hooks.onLists = (account, lists) => (account === 'bob' ? [list] : lists)
      await rejects(fetchLists(world, alices, 'bob'), code)
    }
    assert.deepEqual(await snapshot(alices), before)
    assert.lengthOf(relay.log.batches, sent)
    // Control: the next list without it is followed.
    const { signed } = await signNextList(own, third, {}, Date.now())
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [signed] : lists)
    await fetchLists(world, alices, 'bob')
    assert.equal((await pinned(alices, 'bob')).hash, extendChain(third, signed).hash)
  }))

/** A signed prekey of a device, made just now. */
async function signedPreKeyOf(world: EvilWorld, own: OwnDevice, newest: Chain): Promise<PreKeyBundle> {
  const [key] = await world.cipher.generate('signed-prekey', 1)
  if (key === undefined) throw new Error('a key')
  const { realm, accountId, device } = own.address
  const madeAt = Date.now()
  const value = {
    realm,
    accountId,
    device,
    kind: preKeyKinds.signed,
    id: 900,
    key: { alg: 2, bytes: key.publicKey },
    madeAt,
    expiresAt: madeAt + limits.signedPreKeyMs,
    newest: referenceTo(newest),
    ext: emptyExt,
  }
  return { signedPreKey: await signPreKey(value, own.sign) }
}

test('A08 old lists at first contact: a prekey that names a newer one shows it, and nothing is sent before that one is there', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, bob, second, third, removed, addressees } = await afterRemoval(world)
    const own = await bobs.device()
    const fresh = await signedPreKeyOf(world, own, third)
    const carols = world.installation('carol')
    const carol = await carols.online()
    const sent = relay.log.batches.length
    relay.hooks.onLists = (account, lists) => {
      if (account !== 'bob') return lists
      return lists.length === 3 ? lists.slice(0, 2) : [second.head]
    }
    relay.hooks.onClaim = (_account, device, bundle) => (device === own.address.device ? fresh : bundle)
    await carol.conversation('bob').send('hello')
    await until(() => relay.log.claims.some(({ device }) => device === own.address.device))
    await settled()
    const { hash } = await pinned(carols, 'bob')
    assert.equal(hash, second.hash, 'nobody has told Carol of the removal')
    assert.lengthOf(relay.log.batches, sent)
    assert.deepEqual(await snapshot(carols, ['sessions']), {})
    // Control: with the list it goes, and not to the device that was removed.
    delete relay.hooks.onLists
    delete relay.hooks.onClaim
    await fetchLists(world, carols, 'bob')
    carol.reconnect()
    const his = watch(bob, 'carol')
    await until(() => his.texts().includes('< hello'))
    assert.equal((await pinned(carols, 'bob')).hash, third.hash)
    assert.notInclude(addressees(sent), removed.device.id)
  }))

test('A08 a bundle that is older than 30 days is refused with a warning, nothing is sent, and no session is made', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    await world.installation('bob').online()
    for (const [days, refused] of [
      [31, true],
      [29, false],
    ] as const) {
      const installation = world.installation(`alice-${days}`)
      const now = () => Date.now() + days * 86_400_000
      const alice = await installation.online({ time: { ...world.time, now } })
      const codes: string[] = []
      alice.addEventListener('warning', ({ error }) => codes.push(error.code))
      const [sent, claimed] = [relay.log.batches.length, relay.log.claims.length]
      await alice.conversation('bob').send('hello')
      await until(() => relay.log.claims.length > claimed)
      await settled()
      assert.deepEqual([...new Set(codes)], refused ? ['bad-prekey'] : [])
      assert.equal(relay.log.batches.length === sent, refused, `${days} days`)
      assert.equal(Object.keys(await snapshot(installation, ['sessions'])).length === 0, refused)
    }
  }))

test('A08 a relay that goes back on our own account’s lists: another list of the place stops the client, a lost one is published again', () =>
  withEvilRelay(async (world) => {
    const { relay, bobs, bob, second, third } = await afterRemoval(world)
    await bob.close()
    const before = await snapshot(bobs)
    const sent = relay.log.batches.length
    const published = relay.log.publishes.length
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [second.head] : lists)
    const stopped = await bobs.open()
    await until(() => stopped.state.value.name === 'stopped')
    const { value } = stopped.state
    assert.equal(value.name === 'stopped' && value.code, 'device-list-fork')
    assert.deepEqual(await snapshot(bobs), before)
    assert.deepEqual([relay.log.batches.length, relay.log.publishes.length], [sent, published])
    await stopped.close()
    relay.hooks.onLists = (account, lists) => (account === 'bob' ? [] : lists)
    await bobs.online()
    assert.deepEqual(relay.log.publishes.at(-1), third.head)
    assert.isAbove(relay.log.publishes.length, published)
  }))
