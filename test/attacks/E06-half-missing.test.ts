import type { Client } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { Seal } from '../../packages/core/src/store/seal.js'
import { World, watch, type Installation } from '../support/people.js'
import { notingTables, rawRows, rawText } from '../support/raw-rows.js'
import { BackendWatch } from '../support/watched-backend.js'

/** Alice and Bob have written to each other and compared their numbers; her page is closed. */
async function afterTalk(world: World, last: 'hers' | 'his' = 'hers') {
  const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
  const tables = new Set<string>()
  const alice = await world.online(
    await alices.open({ store: notingTables(memoryStore(alices.disk), tables) }),
  )
  const bob = await world.online(await bobs.open())
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('two')
  await world.time.until(() => hers.texts().length === 2)
  await alice.conversation('bob').markVerified(await alice.conversation('bob').safetyNumber())
  await alice.conversation('bob').send('three')
  await world.time.until(() => his.texts().length === 3)
  if (last === 'his') {
    await bob.conversation('alice').send('last')
    await world.time.until(() => hers.texts().length === 4)
  }
  await world.time.until(() => hers.items.every((one) => one.kind !== 'text' || one.state?.name !== 'sent'))
  const { address, chain } = await world.deviceOn(alices)
  await alice.close()
  return { alices, bobs, bob, his, tables, address, chain }
}

type Talked = Awaited<ReturnType<typeof afterTalk>>

/** Takes rows out of a closed store, below its seal. */
async function lose(
  { alices, tables }: Talked,
  isLost: (table: string, key: string) => boolean,
): Promise<number> {
  const store = memoryStore(alices.disk)
  const lost = (await rawRows(store, tables)).filter(({ table, row }) => isLost(table, row.key))
  await store.commit(lost.map(({ table, row }) => ({ kind: 'delete', table, key: row.key })))
  return lost.length
}

/** What a table is called below the seal. */
async function pseudonym(installation: Installation, table: string): Promise<string> {
  const root = await memoryStore(installation.disk).get('root', 'key')
  if (!(root?.value instanceof CryptoKey)) throw new Error('no root key')
  return (await Seal.of(root.value, `test-${installation.account}`)).table(table)
}

/** Opens what is left, lets it go on for two minutes, and tells what became of it and what it told the backend. */
async function reopen(world: World, { alices }: Talked) {
  const watched = new BackendWatch(() => alices.sealed())
  const published: unknown[] = []
  const inner = watched.backend(world.network.backend(alices.link))
  let client: Client
  try {
    client = await alices.open({
      backend: (login) => {
        const parts = inner(login)
        const { directory } = parts
        const publishing: typeof directory = {
          publish: (...all) => (published.push(all), directory.publish(...all)),
          publishKeys: (...all) => (published.push(all), directory.publishKeys(...all)),
          lists: (...all) => directory.lists(...all),
          countKeys: () => directory.countKeys(),
          claim: (...all) => directory.claim(...all),
        }
        return { ...parts, directory: publishing }
      },
    })
  } catch (error) {
    if (!SottoError.is(error)) throw error
    return { said: error.code, told: 0 }
  }
  await world.time.until(() => !['starting', 'offline'].includes(client.state.value.name))
  await world.time.advance(120_000)
  const { value } = client.state
  return {
    client,
    said: value.name === 'stopped' ? value.code : value.name,
    told: published.length + watched.sent + watched.acked,
  }
}

/** Nothing can go on without these. */
const needed = [
  'self',
  'keys',
  'counters',
  'prekeys',
  'peers',
  'sessions',
  'messages',
  'conversations',
  'given',
  'received',
]

for (const table of needed) {
  test(`E06 a store that has lost its table ${table} is damaged: the client says so, tells the backend nothing, and changes nothing`, async () => {
    const world = await World.make()
    const talked = await afterTalk(world, table === 'received' ? 'his' : 'hers')
    const name = await pseudonym(talked.alices, table)
    assert.isAbove(await lose(talked, (one) => one === name), 0)
    const leader = await pseudonym(talked.alices, 'leader')
    const others = new Set([...talked.tables].filter((one) => one !== leader))
    const before = rawText(await rawRows(memoryStore(talked.alices.disk), others))
    const { client, said, told } = await reopen(world, talked)
    assert.deepEqual([said, told], ['store-damaged', 0])
    assert.deepEqual(rawText(await rawRows(memoryStore(talked.alices.disk), others)), before)
    await client?.close()
  })
}

for (const isLost of [false, true]) {
  const what = isLost ? 'has lost what waits to be sent is damaged' : 'has lost nothing sends what waits'
  test(`E06 ${isLost ? '' : 'control: '}a store that ${what}`, async () => {
    const world = await World.make()
    const talked = await afterTalk(world)
    const { alices, his } = talked
    alices.link.down()
    const offline = await alices.open()
    await world.time.until(() => offline.state.value.name === 'offline')
    await offline.conversation('bob').send('written in a tunnel')
    await offline.close()
    alices.link.up()
    const outbox = await pseudonym(alices, 'outbox')
    if (isLost) assert.equal(await lose(talked, (table) => table === outbox), 1)
    const { client, said, told } = await reopen(world, talked)
    if (isLost) assert.deepEqual([said, told], ['store-damaged', 0])
    else assert.equal(said, 'online')
    assert.equal(his.texts().includes('< written in a tunnel'), !isLost)
    await client?.close()
  })
}

for (const key of ['key', 'proof']) {
  test(`E06 a store that has lost the root ${key} is damaged and opens as nobody's`, async () => {
    const world = await World.make()
    const talked = await afterTalk(world)
    assert.equal(await lose(talked, (table, one) => table === 'root' && one === key), 1)
    const before = rawText(await rawRows(memoryStore(talked.alices.disk), talked.tables))
    assert.deepEqual(await reopen(world, talked), { said: 'store-damaged', told: 0 })
    assert.deepEqual(rawText(await rawRows(memoryStore(talked.alices.disk), talked.tables)), before)
  })
}

/** What these hold is known elsewhere, or only guards what something else guards as well. */
const healing = [
  'leader',
  'message-ids',
  'read-envelopes',
  'triple-ages',
  'since',
  'receipts',
  'sent',
  'sent-copies',
]

for (const table of [undefined, ...healing]) {
  const name =
    table === undefined
      ? 'E06 control: a store that has lost nothing'
      : `E06 a store that has lost its table ${table}`
  test(`${name} goes on as the same device, with the same pin, both ways`, async () => {
    const world = await World.make()
    const talked = await afterTalk(world)
    const { alices, bob, his, address } = talked
    if (table !== undefined) {
      const below = await pseudonym(alices, table)
      assert.isAbove(await lose(talked, (one) => one === below), 0)
    }
    const { client, said } = await reopen(world, talked)
    assert.equal(said, 'online')
    if (client === undefined) throw new Error('not opened')
    const hers = watch(client, 'bob')
    await client.conversation('bob').send('four')
    await world.time.until(() => his.texts().includes('< four'))
    await bob.conversation('alice').send('five')
    await world.time.until(() => hers.texts().includes('< five'))
    assert.deepEqual(hers.texts(), ['> one', '< two', '> three', '> four', '< five'])
    assert.deepEqual((await world.deviceOn(alices)).address, address)
    assert.equal(client.conversation('bob').trust.value.name, 'verified')
    assert.equal(bob.conversation('alice').trust.value.name, 'unverified', 'no change was seen')
    await client.close()
  })
}

test('E06 a store that is gone is not set up here: nothing is made, nothing is published, and nothing can be written', async () => {
  const world = await World.make()
  const talked = await afterTalk(world)
  const { alices, bob, chain } = talked
  alices.disk.destroy()
  const { client, said, told } = await reopen(world, talked)
  assert.deepEqual([said, told], ['elsewhere', 0])
  assert.isUndefined(await world.deviceOn(alices).catch(() => undefined))
  assert.isTrue(
    await client
      ?.conversation('bob')
      .send('lost')
      .then(
        () => false,
        (error: unknown) => SottoError.is(error, 'not-set-up-here'),
      ),
  )
  const lists = world.network.accounts.lists('alice')
  assert.lengthOf(lists, 1)
  assert.deepEqual(lists[0], chain.head)
  await bob.conversation('alice').send('are you there?')
  await world.time.advance(60_000)
  assert.equal(bob.conversation('alice').trust.value.name, 'unverified')
  await client?.close()
})

test('E06 a store that has lost its keys is not new where the backend has lost its list as well', async () => {
  const world = await World.make()
  const talked = await afterTalk(world)
  const lost = [await pseudonym(talked.alices, 'self'), await pseudonym(talked.alices, 'keys')]
  await lose(talked, (table) => lost.includes(table))
  const inner = world.network.backend(talked.alices.link)
  const client = await talked.alices.open({
    backend: (login) => {
      const parts = inner(login)
      return { ...parts, directory: { ...parts.directory, lists: () => Promise.resolve([]) } }
    },
  })
  await world.time.until(() => client.state.value.name === 'stopped')
  const { value } = client.state
  assert.equal(value.name === 'stopped' && value.code, 'store-damaged')
  await client.close()
})
