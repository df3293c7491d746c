import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SottoError, randomBytes } from '@sotto/protocol'
import { SqliteStorage } from '@sotto/relay'
import { assert, test } from '#test'
import { withRelay } from './raw-relay.js'

async function withStorage(
  work: (storage: SqliteStorage, path: string) => Promise<void>,
  inMemory = false,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-storage-'))
  const path = inMemory ? ':memory:' : join(folder, 'relay.sqlite')
  const storage = SqliteStorage.open(path)
  try {
    await work(storage, path)
  } finally {
    await storage.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const insert = 'INSERT INTO claims (account, device, at) VALUES (?, ?, ?)'
const claims = (storage: SqliteStorage) =>
  storage.read(async (rows) =>
    (await rows.all<{ device: string }>('SELECT device FROM claims')).map((one) => one.device),
  )

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (SottoError.is(error) ? error.code : error),
  )

test('the file is flushed before a commit returns: WAL, synchronous FULL', () =>
  withStorage(async (storage) => {
    const pragma = (name: string) =>
      storage.read((rows) => rows.get<Record<string, unknown>>(`PRAGMA ${name}`))
    assert.deepEqual({ ...(await pragma('journal_mode')) }, { journal_mode: 'wal' })
    assert.deepEqual({ ...(await pragma('synchronous')) }, { synchronous: 2 })
  }))

test('units of one turn are committed together, and nobody is told before that', () =>
  withStorage(async (storage, path) => {
    const reader = SqliteStorage.open(path, { readOnly: true })
    const seen: string[][] = []
    const unit = (device: string) =>
      storage
        .write(async (rows) => {
          await rows.run(insert, 'a', device, 1)
          // Another connection sees only what was committed.
          seen.push([...(await claims(reader))])
        })
        .then(async () => seen.push([...(await claims(reader))]))
    await Promise.all([unit('x'), unit('y')])
    assert.deepEqual(seen.slice(0, 2), [[], []])
    assert.deepEqual(seen.slice(2), [
      ['x', 'y'],
      ['x', 'y'],
    ])
    await reader.close()
  }))

test('a unit that throws undoes itself alone, and the others of its turn count', () =>
  withStorage(async (storage) => {
    const outcomes = await Promise.allSettled([
      storage.write((rows) => rows.run(insert, 'a', 'one', 1)),
      storage.write(async (rows) => {
        await rows.run(insert, 'a', 'two', 1)
        throw new SottoError('bad-prekey')
      }),
      storage.write(async () => {
        throw new SottoError('forbidden')
      }),
      storage.write((rows) => rows.run('INSERT INTO no_such_table VALUES (1)')),
      storage.write(async (rows) => {
        // It sees what came before it in the same turn.
        const before = await rows.all('SELECT device FROM claims')
        await rows.run(insert, 'a', 'three', 1)
        return before.length
      }),
    ])
    assert.deepEqual(
      outcomes.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as SottoError).code)),
      [1, 'bad-prekey', 'forbidden', 'store-failed', 1],
    )
    assert.deepEqual(await claims(storage), ['one', 'three'])
  }))

test('a second relay on one file is refused as long as the first lives; readers are not', () =>
  withStorage(async (storage, path) => {
    assert.throws(() => SqliteStorage.open(path), /store-locked/)
    const reader = SqliteStorage.open(path, { readOnly: true })
    await storage.write((rows) => rows.run(insert, 'a', 'now', 1))
    assert.deepEqual(await claims(reader), ['now'])
    assert.equal(await codeOf(reader.write((rows) => rows.run(insert, 'a', 'b', 1))), 'store-failed')
    await reader.close()
    await storage.close()
    await SqliteStorage.open(path).close()
  }))

test('a closed storage finishes what it has begun, and takes nothing more', () =>
  withStorage(async (storage, path) => {
    const begun = storage.write((rows) => rows.run(insert, 'a', 'begun', 1))
    await storage.close()
    assert.equal(await begun, 1)
    assert.equal(await codeOf(storage.write((rows) => rows.run(insert, 'a', 'b', 1))), 'closed')
    assert.equal(await codeOf(storage.read((rows) => rows.all('SELECT 1'))), 'closed')
    const again = SqliteStorage.open(path)
    assert.deepEqual(await claims(again), ['begun'])
    await again.close()
  }))

test('where the disk is full a batch is refused, nothing of it is stored, and mail can still be fetched', () =>
  withStorage(async (storage) => {
    // The relay closes its storage; this one is looked into afterwards.
    const kept = {
      read: storage.read.bind(storage),
      write: storage.write.bind(storage),
      close: async () => {},
    }
    await withRelay(
      async (relay) => {
        const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
        const out = await alice.connect()
        const held = alice.batchTo([bob])
        assert.equal((await out.send(held)).type, 'sent')
        const pages = await storage.read((rows) => rows.get<{ page_count: number }>('PRAGMA page_count'))
        const limitPages = (count: number) =>
          storage.read((rows) => rows.get(`PRAGMA max_page_count = ${count}`))
        await limitPages((pages?.page_count ?? 0) + 2)
        const big = alice.batchTo([bob], randomBytes(60_000))
        const answer = await out.send(big)
        assert.deepInclude(answer, { type: 'refused', code: 'backend-failed' })
        const inbox = await bob.connect()
        const { stamped, delivery } = await inbox.next('deliver')
        assert.equal(stamped.envelope.id, held.envelopes[0]?.id)
        inbox.say({ type: 'ack', deliveries: [delivery] })
        await inbox.settle()
        await limitPages(1_000_000)
        assert.equal((await out.send(big)).type, 'sent')
        assert.equal((await inbox.next('deliver')).stamped.envelope.id, big.envelopes[0]?.id)
      },
      { database: kept },
    )
  }))
