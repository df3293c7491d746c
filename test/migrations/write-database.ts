// Writes a dump of the relay's database as it stands: node --import tsx --conditions=@sotto/source test/migrations/write-database.ts NAME
// A dump that was committed is never written again: a changed schema gets one of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RawRelay } from '../relay/raw-relay.js'
import { dumpDatabase, dumpDevice, type DumpedDatabase } from './dumped-database.js'

const [, , name = ''] = process.argv
if (!/^[\w-]+$/.test(name)) throw new Error('a name')

const folder = mkdtempSync(join(tmpdir(), 'sotto-dump-'))
const path = join(folder, 'relay.sqlite')
const relay = await RawRelay.start({ database: path })
const [alice, bob] = [await relay.device('alice', 5), await relay.device('bob', 5)]
const carol = await relay.device('carol', 5)
await relay.call('POST', `/keys/bob/${bob.id}/claim`, { token: carol.token })
const out = await alice.connect()
const batches = [0, 1, 2, 3].map(() => alice.batchTo([bob]))
for (const batch of batches) await out.send(batch)
const inbox = await bob.connect()
const { delivery } = await inbox.next('deliver')
inbox.say({ type: 'ack', deliveries: [delivery] })
await inbox.settle()
const at = relay.now
await relay.stop()
const waiting = batches.slice(1).map(({ envelopes }) => envelopes[0]?.id ?? '')

const dumped: DumpedDatabase = { at, ...dumpDatabase(path), devices: [alice, bob].map(dumpDevice), waiting }
writeFileSync(new URL(`./${name}.json`, import.meta.url), `${JSON.stringify(dumped)}\n`)
rmSync(folder, { recursive: true })
