import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteStorage } from '@sotto/relay'
import { assert, test } from '#test'
import { RawDevice } from '../relay/raw-device.js'
import { RawRelay } from '../relay/raw-relay.js'
import { codeOf } from '../support/code-of.js'
import { dumpDatabase, loadDatabase, twinOf, type DumpedDatabase } from './dumped-database.js'
import { openAndDie } from './open-and-die.js'

const dumpOf = (schema: number) =>
  JSON.parse(readFileSync(new URL(`./relay-${schema}.json`, import.meta.url), 'utf8')) as DumpedDatabase
const schemas = [1, 2] as const

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-migration-'))
  try {
    await work(join(folder, 'relay.sqlite'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const schema of schemas)
  test(`a database of schema ${schema} opens: who was there logs in, what waited is delivered, and what is new is taken`, () =>
    withFile(async (database) => {
      const dumped = dumpOf(schema)
      loadDatabase(dumped, database)
      const now = () => dumped.at + 60_000
      const relay = await RawRelay.start({ database, time: { now } })
      try {
        relay.now = now()
        const [alice, bob] = dumped.devices.map((one) =>
          relay.adopt(new RawDevice(relay, one.account, twinOf(relay.site.realm, one))),
        )
        if (alice === undefined || bob === undefined) throw new Error('nobody')
        // Since the second one it is known how far a device has counted.
        if (schema > 1) assert.deepInclude((await alice.tryLogin({ epoch: 2 })).body, { code: 'rolled-back' })
        alice.sends = 4
        await Promise.all([alice.login(2), bob.login(2)])
        const [out, inbox] = [await alice.connect(), await bob.connect()]
        const batch = alice.batchTo([bob])
        assert.equal((await out.send(batch)).type, 'sent')
        for (const id of [...dumped.waiting, batch.envelopes[0]?.id]) {
          const { stamped, delivery } = await inbox.next('deliver')
          assert.equal(stamped.envelope.id, id)
          inbox.say({ type: 'ack', deliveries: [delivery] })
        }
        await inbox.settle()
      } finally {
        await relay.stop()
      }
    }))

test('a database that a newer relay has made is refused as such, and stays as it is', () =>
  withFile(async (path) => {
    loadDatabase({ ...dumpOf(2), version: 99 }, path)
    const before = dumpDatabase(path)
    for (const readOnly of [false, true])
      assert.equal(
        await codeOf((async () => SqliteStorage.open(path, { readOnly }))()),
        'unsupported-version',
      )
    assert.deepEqual(dumpDatabase(path), before)
  }))

/** Of the many statements that make the first schema each fifth; of what comes after it each. */
for (const [schema, step] of [
  [0, 5],
  [1, 1],
] as const)
  test(`a relay that is killed in the middle of the migration of schema ${schema} leaves the database as it was, and the next one goes on`, () =>
    withFile(async (path) => {
      const make = (at: string) => loadDatabase(schema === 0 ? { sql: [], version: 0 } : dumpOf(schema), at)
      make(path)
      const before = dumpDatabase(path)
      await SqliteStorage.open(path).close()
      const whole = dumpDatabase(path)
      assert.isAbove(whole.version, schema)
      let deaths = 0
      for (let isOver = false; !isOver;)
        await withFile(async (dying) => {
          make(dying)
          const statement = step * deaths
          isOver = (await openAndDie(dying, statement)) === null
          assert.deepEqual(dumpDatabase(dying), isOver ? whole : before, `before statement ${statement}`)
          if (isOver) return
          deaths++
          await SqliteStorage.open(dying).close()
          assert.deepEqual(dumpDatabase(dying), whole)
        })
      // Each begins, does something, says so, and commits.
      assert.isAtLeast(deaths, 4)
    }))
