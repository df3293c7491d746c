import { readFileSync } from 'node:fs'
import { run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import type { Backend } from '@sotto/core/ports'
import { limits, type Batch } from '@sotto/protocol'
import { assert, test } from '#test'
import { rejects } from '../core/reject.js'
import { wasRead } from '../../packages/core/src/messages/triples.js'
import { Seal } from '../../packages/core/src/store/seal.js'
import { readEnvelopeRows } from '../../packages/core/src/store/tables.js'
import type { DeathIn } from '../support/chaos/mortal-store.js'
import { MortalDevice } from '../support/mortal-device.js'
import { World, watch, type Installation } from '../support/people.js'
import { notingTables, rawRows, rawText } from '../support/raw-rows.js'
import { usedTwice } from '../support/used-twice.js'
import { loadStore, type DumpedStore } from './dumped-store.js'

interface Sender {
  readonly accountId: string
  readonly device: string
}
interface Dumps {
  readonly alice: DumpedStore
  readonly bob: DumpedStore
}
/** 1: before a device counted what it encrypted. 2: before the envelopes that were read together stood in one row. */
const dumpsOf = (schema: number) =>
  JSON.parse(readFileSync(new URL(`./client-${schema}.json`, import.meta.url), 'utf8')) as Dumps
const schemas = [1, 2, 3].map((schema) => [schema, dumpsOf(schema)] as const)

/** A world at the time of the dump, and an installation with what was dumped. */
async function restored(
  ...dumped: readonly DumpedStore[]
): Promise<{ world: World; all: readonly Installation[] }> {
  const world = await World.make()
  const last = Math.max(...dumped.map(({ at }) => at))
  await world.time.advance(last - world.time.now())
  const all: Installation[] = []
  for (const one of dumped) {
    const installation = world.installation(one.account)
    await loadStore(one, memoryStore(installation.disk))
    all.push(installation)
  }
  return { world, all }
}

const toBob = ['> one', '< two', '> waits for the network']

for (const [schema, dumps] of schemas) {
  test(`a store of schema ${schema} opens, and shows what it showed`, async () => {
    const { world, all } = await restored(dumps.alice)
    const [alices] = all
    alices?.link.down()
    const alice = await alices?.open({ keyPolicy: 'wrapped' })
    if (alice === undefined) throw new Error('nobody')
    const threads = ['bob', 'carol', 'dora', 'emil'].map((account) => watch(alice, account))
    await world.time.until(() => threads.every(({ items }) => items.length > 0))
    assert.deepEqual(
      threads.map((one) => one.texts()),
      [toBob, ['< from the first Carol'], ['< dora asks'], ['< emil asks']],
    )
    const standing = ['bob', 'carol', 'dora', 'emil'].map((account) => {
      const { trust, relation } = alice.conversation(account)
      return `${trust.value.name} ${relation.value}`
    })
    assert.deepEqual(standing, [
      'verified accepted',
      'changed accepted',
      'unverified request',
      'unverified blocked',
    ])
    const { value: carol } = alice.conversation('carol').trust
    assert.equal(carol.name === 'changed' && carol.waiting, 1, 'what is kept until she decides')
    await alice.close()
  })

  test(`two stores of schema ${schema} go on with each other: what waited is sent, in the session that they had`, async () => {
    const { world, all } = await restored(dumps.alice, dumps.bob)
    const [alices, bobs] = all
    if (alices === undefined || bobs === undefined) throw new Error('nobody')
    const before = await Promise.all(all.map((one) => world.deviceOn(one)))
    const bob = await world.online(await bobs.open({ keyPolicy: 'wrapped' }))
    const alice = await world.online(await alices.open({ keyPolicy: 'wrapped' }))
    const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
    await world.time.until(() => his.texts().includes('< waits for the network'))
    await bob.conversation('alice').send('back again')
    await world.time.until(() => hers.texts().includes('< back again'))
    assert.deepEqual(hers.texts(), [...toBob, '< back again'])
    assert.deepEqual(his.texts(), [
      '< one',
      '> two',
      '< removed here',
      '< waits for the network',
      '> back again',
    ])
    const after = await Promise.all(all.map((one) => world.deviceOn(one)))
    assert.deepEqual(
      after.map(({ address }) => address),
      before.map(({ address }) => address),
    )
    await alice.close()
    await bob.close()
  })
}

/** Two who wrote to each other before, one of whose tabs dies in that commit of its first ones with this version. Resolves with whether it did. */
async function goOnAfterDeath(dumps: Dumps, commit: number, when: DeathIn): Promise<boolean> {
  const { world, all } = await restored(dumps.alice, dumps.bob)
  const [alices, bobs] = all
  if (alices === undefined || bobs === undefined) throw new Error('nobody')
  const sent: Batch[] = []
  const over = (inner: Backend): Backend => {
    return (login) => {
      const { transport, ...rest } = inner(login)
      const open: typeof transport.open = async (options) => {
        const connection = await transport.open(options)
        const send = connection.send.bind(connection)
        connection.send = (batch) => {
          sent.push(batch)
          return send(batch)
        }
        return connection
      }
      return { ...rest, transport: { open } }
    }
  }
  const alice = new MortalDevice(world, {
    name: 'alice',
    peer: 'bob',
    installation: alices,
    over,
    keyPolicy: 'wrapped',
  })
  const bob = await world.online(await bobs.open({ keyPolicy: 'wrapped' }))
  const his = watch(bob, 'alice')
  alice.endIn(commit, when)
  await alice.until(() => his.texts().includes('< waits for the network'))
  await bob.conversation('alice').send('back again')
  const texts = async () =>
    (await alice.shows()).map((one) =>
      one.kind === 'text' ? `${one.mine ? '>' : '<'} ${one.text}` : one.kind,
    )
  await alice.until(async () => (await texts()).includes('< back again'))
  const what = `${when} commit ${commit}`
  assert.deepEqual(await texts(), [...toBob, '< back again'], what)
  const [removed, waited] = ['< removed here', '< waits for the network']
  assert.deepEqual(his.texts(), ['< one', '> two', removed, waited, '> back again'], what)
  assert.isFalse(
    his.items.some(({ kind }) => kind === 'gap'),
    what,
  )
  assert.deepEqual(usedTwice(world.cipher, sent), [], what)
  await alice.close()
  await bob.close()
  return alice.deaths > 0
}

for (const [schema, dumps] of schemas) {
  for (const when of ['before', 'after'] as const) {
    test(`a tab that dies ${when} each of its first commits on a store of schema ${schema} is durable loses nothing, and uses no key twice`, async () => {
      let commit = 1
      while (await goOnAfterDeath(dumps, commit, when)) commit++
      assert.isAbove(commit, 4)
    })
  }
}

/** The envelopes that a store says were read, by the rows in which each schema keeps them. */
async function readBy(installation: Installation): Promise<readonly (readonly [from: Sender, id: string])[]> {
  const store = await installation.sealed()
  const alone = (await store.list('triples', { prefix: '', limit: 1000 })).map(({ key }) => key.split('.'))
  const together = await run(store, (rows) => readEnvelopeRows.list(rows, { prefix: '', limit: 1000 }))
  const all = [
    ...alone,
    ...together.flatMap(({ key, row }) =>
      row.envelopes.map((one) => [...(key.split('/')[0] ?? '').split('.'), one]),
    ),
  ]
  return all.map(([accountId = '', device = '', id = '']) => [{ accountId, device }, id])
}

for (const [schema, dumps] of schemas) {
  test(`what a store of schema ${schema} has read it knows to have read, and forgets in its time`, async () => {
    const { world, all } = await restored(dumps.alice)
    const [alices] = all
    if (alices === undefined) throw new Error('nobody')
    const read = await readBy(alices)
    assert.isAtLeast(read.length, 4)
    const store = await alices.sealed()
    const known = () => run(store, (rows) => Promise.all(read.map(([from, id]) => wasRead(rows, from, id))))
    assert.deepEqual(
      await known(),
      read.map(() => true),
    )
    const [[from] = []] = read
    if (from === undefined) throw new Error('nothing read')
    assert.isFalse(await run(store, (rows) => wasRead(rows, from, 'ab'.repeat(16))))
    world.time.jump(limits.readTriplesMs + 1)
    const alice = await alices.open({ keyPolicy: 'wrapped' })
    await world.time.advance(120_000)
    assert.deepEqual(
      await known(),
      read.map(() => false),
    )
    await alice.close()
  })
}

test('a store that a newer version has written is refused as such, and stays as it is', async () => {
  const dumps = dumpsOf(3)
  const { all } = await restored(dumps.alice)
  const [alices] = all
  if (alices === undefined) throw new Error('nobody')
  const store = memoryStore(alices.disk)
  const root = await store.get('root', 'key')
  if (!(root?.value instanceof CryptoKey)) throw new Error('no root key')
  const seal = await Seal.of(root.value, 'test-alice')
  const [table, key] = [seal.table('self'), seal.key('self', 'self')]
  const self = await store.get(table, key)
  if (!(self?.value instanceof Uint8Array)) throw new Error('no self')
  const newerRow = (await seal.open('self', key, self.value)).value.slice()
  newerRow[0] = (newerRow[0] ?? 0) + 1
  const newerSeal = self.value.slice()
  newerSeal[0] = (newerSeal[0] ?? 0) + 1
  for (const value of [await seal.seal('self', 'self', newerRow), newerSeal]) {
    await store.commit([{ kind: 'put', table, key, value }])
    const tables = new Set(dumps.alice.rows.map(([one]) => one))
    const before = rawText(await rawRows(store, tables))
    const watched = notingTables(memoryStore(alices.disk), new Set())
    const error = await rejects(alices.open({ store: watched, keyPolicy: 'wrapped' }), 'unsupported-version')
    assert.equal(error.class, 'update')
    assert.deepEqual(rawText(await rawRows(store, tables)), before)
  }
})
