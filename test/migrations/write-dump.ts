// Writes a dump of the schema as it stands: node --import tsx --conditions=@sotto/source test/migrations/write-dump.ts NAME
// A dump that was committed is never written again: a changed schema gets one of its own.
import { writeFileSync } from 'node:fs'
import { memoryStore } from '@sotto/core/memory'
import { toBase64Url, utf8 } from '@sotto/protocol'
import { World, watch, type Installation } from '../support/people.js'
import { notingTables } from '../support/raw-rows.js'
import { dumpStore, seedRoot, type DumpedStore } from './dumped-store.js'

const [, , name = ''] = process.argv
if (!/^[\w-]+$/.test(name)) throw new Error('a name')

const world = await World.make()

interface Dumped {
  readonly installation: Installation
  readonly tables: Set<string>
  readonly root: Uint8Array
}

async function open(account: string) {
  const installation = world.installation(account)
  const tables = new Set(['root'])
  const root = utf8(`a root key of ${account}`.padEnd(32, '.'))
  await seedRoot(memoryStore(installation.disk), `test-${account}`, root)
  const store = notingTables(memoryStore(installation.disk), tables)
  const client = await world.online(await installation.open({ store, keyPolicy: 'wrapped' }))
  return { client, dumped: { installation, tables, root } satisfies Dumped }
}

async function write({ installation, tables, root }: Dumped): Promise<DumpedStore> {
  const rows = await dumpStore(memoryStore(installation.disk), tables)
  return { account: installation.account, at: world.time.now(), root: toBase64Url(root), rows }
}

const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
const [hers, his] = [watch(alice.client, 'bob'), watch(bob.client, 'alice')]
await alice.client.conversation('bob').send('one')
await world.time.until(() => his.texts().length === 1)
await bob.client.conversation('alice').send('two')
await world.time.until(() => hers.texts().length === 2)
await alice.client.conversation('bob').markVerified(await alice.client.conversation('bob').safetyNumber())
await alice.client.conversation('bob').markRead(hers.items.at(-1)?.key ?? '')
const { id } = await alice.client.conversation('bob').send('removed here')
await world.time.until(() => his.texts().length === 3)
await alice.client.conversation('bob').remove(id)

// Carol starts anew under another identity: Alice keeps what comes of it until she decides.
await carol.client.conversation('alice').send('from the first Carol')
await world.time.until(() => watch(alice.client, 'carol').texts().length === 1)
await alice.client.conversation('carol').accept()
await carol.client.close()
const anew = await world.online(await (await world.reset('carol')).open())
await anew.conversation('alice').send('from the second Carol')
await world.time.until(() => alice.client.conversation('carol').trust.value.name === 'changed')

// A stranger who asks, and one who is blocked; receipts have their time; then a message that waits for the network.
for (const stranger of ['dora', 'emil']) {
  const client = await world.person(stranger)
  await client.conversation('alice').send(`${stranger} asks`)
  await world.time.until(() => watch(alice.client, stranger).texts().length === 1)
}
await alice.client.conversation('emil').block()
await world.time.advance(300_000)
alice.dumped.installation.link.down()
await world.time.until(() => alice.client.state.value.name === 'offline')
await alice.client.conversation('bob').send('waits for the network')
await alice.client.close()
await bob.client.close()

const stores = { alice: await write(alice.dumped), bob: await write(bob.dumped) }
writeFileSync(new URL(`./${name}.json`, import.meta.url), `${JSON.stringify(stores)}\n`)
process.exit(0)
