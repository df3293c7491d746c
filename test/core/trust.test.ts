import { assert, test } from '#test'
import { SottoError } from '@sotto/protocol'
import { World, twoPeople, watch } from '../support/people.js'
import { until } from '../support/until.js'

test('both see the same safety number, before and after more devices', async () => {
  const world = await World.make()
  const alices = world.installation('alice')
  const alice = await world.online(await alices.open())
  const bob = await world.person('bob')
  await alice.conversation('bob').lookUp()
  await bob.conversation('alice').lookUp()
  const number = await alice.conversation('bob').safetyNumber()
  assert.match(number.digits, /^\d{60}$/)
  assert.deepEqual(await bob.conversation('alice').safetyNumber(), number)
  await world.join(alices)
  assert.deepEqual(await alice.conversation('bob').safetyNumber(), number)
})

test('a conversation is not compared until the person says so', async () => {
  const { world, alice } = await twoPeople()
  const bob = alice.conversation('bob')
  await bob.lookUp()
  await world.time.until(() => bob.trust.value.name === 'unverified')
  await bob.markVerified(await bob.safetyNumber())
  await world.time.until(() => bob.trust.value.name === 'verified')
})

test('an unknown account says so, and what was written to it waits', async () => {
  const { world, alice } = await twoPeople()
  const nobody = alice.conversation('nobody')
  let error: unknown
  await nobody.lookUp().catch((cause: unknown) => (error = cause))
  assert.isTrue(SottoError.is(error, 'unknown-account'))
  await nobody.send('anybody there?')
  const thread = watch(alice, 'nobody')
  const state = () => (thread.items[0]?.kind === 'text' ? thread.items[0].state : undefined)
  await world.time.until(() => state()?.name === 'waiting')
  assert.deepEqual(state(), { name: 'waiting', for: 'device' })
  const late = await world.person('nobody')
  const theirs = watch(late, 'alice')
  await world.time.until(() => theirs.texts().length === 1, 400_000)
})

test('a name given to somebody else stops everything until the person decides', async () => {
  const { world, alice, bob } = await twoPeople()
  const hers = watch(alice, 'bob')
  await alice.conversation('bob').send('one')
  await world.time.until(() => hers.items[0]?.kind === 'text' && hers.items[0].state?.name === 'sent')
  await alice.conversation('bob').markVerified(await alice.conversation('bob').safetyNumber())
  await alice.conversation('bob').setDirectCalls(true)
  await bob.close()
  // The site gives the name to somebody else, with an era above: a reset.
  const other = await world.online(await (await world.reset('bob')).open())
  const seen = watch(other, 'alice')
  await other.conversation('alice').send('it is me')
  const trust = alice.conversation('bob').trust
  await world.time.until(() => trust.value.name === 'changed', 200_000)
  await alice.conversation('bob').send('secret')
  await world.time.advance(120_000)
  assert.deepEqual(hers.texts(), ['> one', '> secret'])
  assert.deepEqual(seen.texts(), ['> it is me'])
  const state = () =>
    hers.items.flatMap((one) => (one.kind === 'text' && one.text === 'secret' ? [one.state] : []))[0]
  assert.deepEqual(state(), { name: 'waiting', for: 'decision' })
  const changed = trust.value
  await alice.conversation('bob').acceptChange(changed.name === 'changed' ? changed.accountId : '')
  await world.time.until(() => seen.texts().length === 2 && hers.texts().length === 3, 200_000)
  assert.sameMembers(hers.texts(), ['> one', '> secret', '< it is me'])
  assert.equal(trust.value.name, 'unverified')
  assert.isFalse(alice.conversation('bob').directCalls.value, 'allowed to somebody else')
})

test('a browser without keys whose account has a device starts nothing', async () => {
  const world = await World.make()
  await world.person('alice')
  const second = world.installation('alice')
  const client = await second.open()
  await until(async () => {
    if (client.state.value.name !== 'elsewhere') await world.time.advance(200)
    return client.state.value.name === 'elsewhere'
  })
  let error: unknown
  await client
    .conversation('bob')
    .send('x')
    .catch((cause: unknown) => (error = cause))
  assert.isTrue(SottoError.is(error, 'not-set-up-here'))
})

test('a removed device stops, keeps what it has, and says so', async () => {
  const world = await World.make()
  const alices = world.installation('alice')
  await world.online(await alices.open())
  const second = await world.join(alices)
  const client = await world.online(await second.open())
  await world.remove(alices, second)
  await world.time.until(() => client.state.value.name === 'removed', 200_000)
})
