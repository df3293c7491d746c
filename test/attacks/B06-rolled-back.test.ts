import type { Backend } from '@sotto/core/ports'
import { openSealedStore, run, type Client } from '@sotto/core'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { counterRows, sessionRows } from '../../packages/core/src/store/tables.js'
import { MachineDisk } from '../support/machine/machine-disk.js'
import { World, watch } from '../support/people.js'
import { Post } from '../support/post.js'
import { usedTwice } from '../support/used-twice.js'

/** Alice on a disk that can be copied, and how often she has tried to connect. */
async function aliceAndBob() {
  const world = await World.make()
  const alices = world.installation('alice')
  const post = new Post()
  const state = { tries: 0, warned: [] as string[] }
  const overNetwork = post.over(world.network.backend(alices.link))
  const backend: Backend = (login) => {
    const inner = overNetwork(login)
    const open: typeof inner.transport.open = (options) => {
      state.tries++
      return inner.transport.open(options)
    }
    return { ...inner, transport: { open } }
  }
  /** A process of its own: it knows nothing of others on the same disk. */
  const openOn = async (disk: MachineDisk, over: Backend = backend): Promise<Client> => {
    const alone = { locks: memoryLocks(), channels: memoryChannels() }
    const client = await alices.open({ ...alone, store: memoryStore(disk), backend: over })
    client.addEventListener('warning', ({ error }) => state.warned.push(error.code))
    return client
  }
  const disk = new MachineDisk()
  const alice = await world.online(await openOn(disk))
  const bob = await world.person('bob')
  const his = watch(bob, 'alice')
  const hers = watch(alice, 'bob')
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await world.time.until(() => hers.texts().length === 2 && hers.allDelivered() && his.allDelivered())
  hers.stop()
  return { world, alices, alice, bob, his, disk, post, state, backend, openOn }
}

const reads = (his: { texts(): string[] }, text: string) => () => his.texts().includes(`< ${text}`)
for (const [when, since] of [
  ['she wrote', async () => undefined],
  [
    'it was opened again and again',
    async (openOn: (disk: MachineDisk) => Promise<Client>, disk: MachineDisk, world: World) => {
      for (let i = 0; i < 3; i++) await (await world.online(await openOn(disk))).close()
    },
  ],
] as const)
  test(`B06 a store that is put back to a copy of before ${when} is noticed, and uses no key twice`, async () => {
    const { world, alice, bob, his, disk, post, state, openOn } = await aliceAndBob()
    const copy = disk.copy()
    for (const text of ['three', 'four', 'five']) {
      await alice.conversation('bob').send(text)
      await world.time.until(reads(his, text))
    }
    await alice.close()
    await since(openOn, disk, world)
    state.tries = 0
    const again = await world.online(await openOn(copy))
    // Told at the first login, through at the second.
    assert.equal(state.tries, 2)
    for (const text of ['six', 'seven']) {
      await again.conversation('bob').send(text)
      await world.time.until(reads(his, text))
    }
    await bob.conversation('alice').send('eight')
    const hers = watch(again, 'bob')
    await world.time.until(() => hers.texts().includes('< eight'))
    assert.deepEqual(usedTwice(world.cipher, post.sent), [])
    // What was written and forgotten stays where it was read, once and in its order.
    assert.deepEqual(
      his.texts().filter((text) => text.startsWith('<')),
      ['< one', '< three', '< four', '< five', '< six', '< seven'],
    )
    assert.notInclude(state.warned, 'copied-device')
    assert.notInclude(state.warned, 'bad-prekey')
    await Promise.all([again.close(), bob.close()])
  })

test('B06 control: with a device that says that it has forgotten nothing, the same keys encrypt something else', async () => {
  const { world, alice, bob, his, disk, post, backend, openOn } = await aliceAndBob()
  const copy = disk.copy()
  await alice.conversation('bob').send('three')
  await world.time.until(reads(his, 'three'))
  await alice.close()
  const liar: Backend = (login) => backend(() => ({ ...login(), sends: 2 ** 40 }))
  const again = await world.online(await openOn(copy, liar))
  const before = post.sent.length
  await again.conversation('bob').send('four')
  await world.time.until(() => post.sent.length > before)
  assert.isNotEmpty(usedTwice(world.cipher, post.sent))
  await Promise.all([again.close(), bob.close()])
})

test('B06 a copy that is used beside the device is noticed by both, and no key is used twice', async () => {
  const { world, alice, bob, his, disk, post, state, openOn } = await aliceAndBob()
  const clone = await world.online(await openOn(disk.copy()))
  const both = [alice, clone]
  for (let round = 0; round < 4; round++) {
    for (const [i, one] of both.entries()) {
      const text = `${round} of ${i === 0 ? 'the device' : 'the copy'}`
      await one.conversation('bob').send(text)
      await one.conversation('bob').send(`${text}, too`)
      one.reconnect()
      await world.time.until(reads(his, `${text}, too`))
      assert.isTrue(reads(his, text)())
    }
  }
  assert.deepEqual(usedTwice(world.cipher, post.sent), [])
  assert.equal(new Set(his.texts()).size, his.texts().length, 'nothing is shown twice')
  // The person learns of it, because no repair ends this.
  assert.include(state.warned, 'copied-device')
  await Promise.all([alice.close(), clone.close(), bob.close()])
})

test('B06 what a copy reads alone is not lost to the device', async () => {
  const { world, alice, bob, his, disk, post, openOn } = await aliceAndBob()
  const hers = watch(alice, 'bob')
  const clone = await world.online(await openOn(disk.copy()))
  const clones = watch(clone, 'bob')
  await bob.conversation('alice').send('three')
  await world.time.until(() => clones.texts().includes('< three'))
  await clone.close()
  alice.reconnect()
  await world.online(alice)
  await bob.conversation('alice').send('four')
  // Taken from the mailbox by the copy: a gap, which is asked for.
  await world.time.until(() => hers.texts().includes('< three') && hers.texts().includes('< four'))
  await alice.conversation('bob').send('five')
  await world.time.until(reads(his, 'five'))
  assert.deepEqual(usedTwice(world.cipher, post.sent), [])
  await Promise.all([alice.close(), bob.close()])
})

test('B06 control: a device that logs in again, and has forgotten nothing, is taken as it is', async () => {
  const { world, alices, alice, bob, his, disk, state, openOn } = await aliceAndBob()
  await alice.conversation('bob').send('three')
  await world.time.until(reads(his, 'three'))
  // Longer than a login is good for.
  await world.time.advance(20 * 60_000)
  alices.link.down()
  await world.time.until(() => alice.state.value.name !== 'online')
  alices.link.up()
  state.tries = 0
  alice.reconnect()
  await world.time.until(() => state.tries > 0 && alice.state.value.name === 'online')
  assert.equal(state.tries, 1)
  await alice.close()
  state.tries = 0
  const again = await world.online(await openOn(disk))
  assert.equal(state.tries, 1)
  await again.conversation('bob').send('four')
  await world.time.until(reads(his, 'four'))
  await Promise.all([again.close(), bob.close()])
})

test('B06 a backend that claims to know of more than a device can have done is not believed, and leaves it as it was', async () => {
  const { world, alices, alice, bob, his, disk, openOn } = await aliceAndBob()
  await alice.close()
  const rows = async () =>
    run(await openSealedStore(memoryStore(disk), { name: 'test-alice' }), async (all) => ({
      sessions: await sessionRows.list(all, { prefix: '', limit: 100 }),
      counters: await counterRows.get(all, 'counters'),
    }))
  const before = await rows()
  for (const known of [
    { epoch: 2 ** 31 + 1, sends: 0 },
    { epoch: 0, sends: 2 ** 52 + 1 },
  ]) {
    const liar: Backend = (login) => {
      const inner = world.network.backend(alices.link)(login)
      return { ...inner, transport: { open: () => Promise.reject(new SottoError('rolled-back', known)) } }
    }
    const told = await openOn(disk, liar)
    await world.time.until(() => told.state.value.name === 'offline')
    assert.deepInclude(told.state.value, { name: 'offline', code: 'backend-failed' })
    await told.close()
    assert.deepEqual(await rows(), before)
  }
  const again = await world.online(await openOn(disk))
  await again.conversation('bob').send('three')
  await world.time.until(reads(his, 'three'))
  await Promise.all([again.close(), bob.close()])
})

test('B06 a backend that says for ever that a device was rolled back is asked more and more seldom', async () => {
  const { world, alices, alice, disk, openOn } = await aliceAndBob()
  await alice.close()
  let [tries, epoch] = [0, 10]
  const liar: Backend = (login) => {
    const inner = world.network.backend(alices.link)(login)
    const open = () => {
      tries++
      return Promise.reject(new SottoError('rolled-back', { epoch: (epoch += 10), sends: 0 }))
    }
    return { ...inner, transport: { open } }
  }
  const told = await openOn(disk, liar)
  await world.time.until(() => tries >= 3)
  await world.time.advance(10 * 60_000)
  // Thrice at once, then after 1, 2, 4 … 60 seconds at most, a random part of it.
  assert.isBelow(tries, 200)
  assert.deepInclude(told.state.value, { name: 'offline', code: 'rolled-back' })
  await told.close()
})
