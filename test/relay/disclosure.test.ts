import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteStorage, type Disclosure } from '@sotto/relay'
import { assert, test } from '#test'
import { runRelay } from '../support/relay-process.js'
import { withRelay } from './raw-relay.js'

test('sotto-relay disclose prints, beside a running relay, all that is held about an account and nothing about others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-disclose-'))
  const database = join(folder, 'relay.sqlite')
  try {
    await withRelay(
      async (relay) => {
        const [alice, bob] = [await relay.device('alice'), await relay.device('bob', 3)]
        const carol = await relay.device('carol')
        const out = await alice.connect()
        await out.send(alice.batchTo([bob]))
        await out.send(alice.batchTo([bob]))
        await (await carol.connect()).send(carol.batchTo([alice]))
        const claim = `/keys/bob/${bob.id}/claim`
        await relay.call('POST', claim, { token: alice.token })
        const inbox = await bob.connect()
        inbox.say({ type: 'ack', deliveries: [(await inbox.next('deliver')).delivery] })
        await inbox.settle()

        const told = async (account: string) => {
          const { code, out } = await runRelay(['disclose', account], { SOTTO_DATABASE: database })
          assert.equal(code, 0)
          return JSON.parse(out) as Disclosure
        }
        const hers = await told('alice')
        assert.equal(hers.accountId, alice.known.accountId)
        assert.lengthOf(hers.deviceLists, 1)
        assert.deepEqual(
          hers.devices.map(({ device, removed, loggedInAs }) => ({ device, removed, loggedInAs })),
          [{ device: alice.id, removed: false, loggedInAs: { epoch: 1, sentUpTo: 2 } }],
        )
        assert.deepEqual(
          hers.waitingForIt.map(({ toDevice, fromAccountId }) => [toDevice, fromAccountId]),
          [[alice.id, carol.known.accountId]],
        )
        assert.isAbove(hers.waitingForIt[0]?.sealedBytes ?? 0, 40)
        // One of the two was fetched, and is not here any more.
        assert.deepEqual(
          hers.waitingFromIt.map(({ toDevice }) => toDevice),
          [bob.id],
        )
        assert.deepEqual(
          hers.preKeysTaken.map(({ device }) => device),
          [bob.id],
        )
        const his = await told('bob')
        assert.deepInclude(his.preKeys[0], { device: bob.id, oneTimeLeft: 2, oneTimeUsed: 1 })
        assert.deepEqual(
          his.preKeysGiven.map(({ account, device }) => [account, device]),
          [['alice', bob.id]],
        )
        assert.notInclude(JSON.stringify(his), carol.known.accountId)

        const nobody = await told('nobody')
        assert.isUndefined(nobody.accountId)
        for (const value of Object.values(nobody)) if (Array.isArray(value)) assert.isEmpty(value)
      },
      { database },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('sotto-relay disclose says what is wrong with its call', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-disclose-'))
  const SOTTO_DATABASE = join(folder, 'none.sqlite')
  const [noName, noFile] = await Promise.all([
    runRelay(['disclose', 'Alice Smith'], { SOTTO_DATABASE }),
    runRelay(['disclose', 'alice'], { SOTTO_DATABASE }),
  ])
  assert.deepEqual([noName.code, noName.errors], [2, 'sotto-relay: ACCOUNT has to be an account name\n'])
  assert.deepEqual([noFile.code, noFile.errors], [2, 'sotto-relay: SOTTO_DATABASE: there is no such file\n'])
  await rm(folder, { recursive: true, force: true })
})

test('what is stored is what disclose tells of: a new table does not go untold', async () => {
  const storage = SqliteStorage.open(':memory:')
  const tables = await storage.read((rows) =>
    rows.all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    ),
  )
  const told = [
    'accounts',
    'claims',
    'device_sends',
    'devices',
    'lists',
    'mailbox',
    'prekeys',
    'signed_prekeys',
  ]
  // A number that is drawn at random, how many envelopes ever came, and hashes of random numbers: about nobody in particular.
  assert.sameMembers(
    tables.map((one) => one.name),
    [...told, 'directory', 'places', 'triples'],
  )
  await storage.close()
})
