import { randomBytes, toHex } from '@sotto/protocol'
import { SqliteStorage } from '@sotto/relay'
import { assert, test } from '#test'
import { localBus } from '../../packages/relay/src/bus/local.js'
import { PreKeys } from '../../packages/relay/src/prekeys.js'
import type { Rows, Storage } from '../../packages/relay/src/storage/storage.js'
import { codeOf } from '../support/code-of.js'
import { World, watch } from '../support/people.js'

/** A storage that notes every statement. */
function noting(inner: Storage): { readonly storage: Storage; readonly said: string[] } {
  const said: string[] = []
  const note = (rows: Rows): Rows => ({
    all: (sql, ...values) => (said.push(sql), rows.all(sql, ...values)),
    get: (sql, ...values) => (said.push(sql), rows.get(sql, ...values)),
    run: (sql, ...values) => (said.push(sql), rows.run(sql, ...values)),
  })
  const storage: Storage = {
    write: (work) => inner.write((rows) => work(note(rows))),
    read: (work) => inner.read((rows) => work(note(rows))),
    close: () => inner.close(),
  }
  return { storage, said }
}

test('A12 whoever asks for keys learns from no answer, and no work, why there are none', async () => {
  const { storage, said } = noting(SqliteStorage.open(':memory:'))
  const now = 1_790_000_000_000
  const keys = new PreKeys(storage, localBus(), () => now)
  const ids = Array.from({ length: 4 }, () => toHex(randomBytes(16)))
  const [there = '', removed = '', expired = '', bare = ''] = ids
  await storage.write(async (rows) => {
    for (const device of ids)
      await rows.run(
        'INSERT INTO devices (device, account, account_id, signing_key, epoch, removed) VALUES (?, ?, ?, ?, 1, ?)',
        device,
        'bob',
        'b0'.repeat(32),
        randomBytes(32),
        device === removed ? 1 : 0,
      )
    for (const device of ids.filter((one) => one !== bare))
      await rows.run(
        'INSERT INTO signed_prekeys (device, id, prekey, expires_at) VALUES (?, 1, ?, ?)',
        device,
        randomBytes(40),
        device === expired ? now - 1 : now + 1,
      )
  })
  const caller = {
    account: 'alice',
    accountId: 'a1'.repeat(32),
    device: toHex(randomBytes(16)),
    epoch: 1,
    sends: 0,
    features: undefined,
  }
  const ask = async (account: string, device: string) => {
    said.length = 0
    return { code: await codeOf(keys.claim(caller, account, device)), work: [...said] }
  }
  const nobody = await ask('nobody', there)
  assert.equal(nobody.code, 'no-prekey')
  for (const [account, device] of [
    ['bob', toHex(randomBytes(16))],
    ['bob', removed],
    ['bob', expired],
    ['bob', bare],
    ['__proto__', there],
    ['alice', there],
  ] as const)
    assert.deepEqual(await ask(account, device), nobody)
  // The control: where there is something, it is given.
  assert.notEqual((await ask('bob', there)).code, 'no-prekey')
  await storage.close()
})

test('A12 to whom somebody is away, and whom they have blocked, looks alike: to the relay, and to who writes', async () => {
  const world = await World.make()
  const [bobs, carols] = [world.installation('bob'), world.installation('carol')]
  const [bob, carol] = [await world.online(await bobs.open()), await world.online(await carols.open())]
  const alice = await world.person('alice')
  const seen = ['bob', 'carol'].map((account) => watch(alice, account))
  for (const one of [bob, carol]) {
    const theirs = watch(one, 'alice')
    await alice.conversation(one.account).send('hello')
    await world.time.until(() => theirs.texts().length === 1)
    await one.conversation('alice').send('hello yourself')
  }
  await world.time.until(() => seen.every((one) => one.texts().length === 2 && one.allDelivered()))
  await bob.conversation('alice').block()
  await world.time.advance(60_000)
  await carol.close()
  for (const account of ['bob', 'carol']) await alice.conversation(account).send('are you there?')
  await world.time.advance(3 * 60_000)
  const states = seen.map(({ items }) => items.flatMap((one) => (one.kind === 'text' ? [one.state] : [])))
  assert.deepEqual(states[0], states[1])
  assert.deepEqual(states[0]?.at(-1), { name: 'sent' })
  const standing = ['bob', 'carol'].map((account) => {
    const { relation, trust } = alice.conversation(account)
    return [relation.value, trust.value]
  })
  assert.deepEqual(standing[0], standing[1])
  // The control: who is back says so.
  const back = await world.online(await carols.open())
  await world.time.until(() => seen[1]?.allDelivered() === true, 60 * 60_000)
  assert.isFalse(seen[0]?.allDelivered())
  await Promise.all([alice.close(), bob.close(), back.close()])
})
