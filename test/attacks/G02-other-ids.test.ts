import { assert, test } from '#test'
import { extendChain, randomBytes, toHex, type Batch } from '@sotto/protocol'
import { SqliteStorage } from '@sotto/relay'
import { must, packed, type RawDevice } from '../relay/raw-device.js'
import { withRelay, type Answer, type RawRelay } from '../relay/raw-relay.js'
import { dump } from '../relay/storage-dump.js'

/** Alice and Bob with two devices each, and Mallory, who is a member of the site as well and knows every id. */
async function members(relay: RawRelay) {
  const bob = await relay.device('bob')
  const laptop = relay.stranger('bob')
  await bob.link(laptop)
  await laptop.login()
  return { alice: await relay.device('alice'), bob, laptop, mallory: await relay.device('mallory') }
}

async function withMembers(
  work: (
    people: Awaited<ReturnType<typeof members>>,
    storage: SqliteStorage,
    relay: RawRelay,
  ) => Promise<void>,
): Promise<void> {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(async (relay) => work(await members(relay), storage, relay), { database: storage })
}

const outcome = ({ status, body }: Answer) => `${status} ${String(body['code'])}`

/** Runs `attack` and tells whether it left anything behind. */
async function changesNothing(storage: SqliteStorage, attack: () => Promise<void>): Promise<void> {
  const before = await dump(storage)
  await attack()
  assert.equal(await dump(storage), before)
}

test('G02 POST /login: nobody logs in as a device of somebody else, nor as a somebody of his own device', () =>
  withMembers(async ({ bob, laptop, mallory }, storage, relay) => {
    must(await mallory.tryLogin())
    await changesNothing(storage, async () => {
      const siteToken = await relay.siteToken('mallory')
      const { accountId } = bob.known
      const attempts = [
        { device: bob.id },
        { device: bob.id, accountId },
        { device: bob.id, accountId, siteToken },
        { accountId },
        { device: laptop.id, accountId, epoch: 2 ** 31 },
        { siteToken: await relay.siteToken('bob') },
        { siteToken: await relay.siteToken('bob'), accountId },
        { siteToken: await relay.siteToken('bob'), accountId, device: bob.id },
      ]
      for (const attempt of attempts) {
        assert.match(outcome(await mallory.tryLogin(attempt)), /^40[13] (unauthorized|unknown-device)$/)
      }
    })
  }))

test('G02 PUT /devices: nobody publishes a list of somebody else, with either token', () =>
  withMembers(async ({ bob, mallory }, storage, relay) => {
    const ghost = relay.stranger('bob')
    const good = await bob.nextList({ add: ghost })
    ghost.chain = extendChain(bob.known, good)
    const keys = await ghost.preKeys(1)
    const put = (token: string, list: string) =>
      relay.call('PUT', '/devices', { token, body: { list, keys } })
    await changesNothing(storage, async () => {
      const lists = [
        good,
        bob.known.head,
        await ghost.firstList(),
        await ghost.firstList({ account: 'mallory' }),
      ]
      for (const token of [
        mallory.token,
        await relay.siteToken('mallory'),
        await relay.siteToken('nobody'),
      ]) {
        for (const list of lists) assert.notEqual((await put(token, packed(list))).status, 200)
      }
    })
    must(await put(bob.token, packed(good)))
  }))

test('G02 PUT /devices: a device that was removed publishes nothing', () =>
  withMembers(async ({ bob, laptop }, storage, relay) => {
    const { token } = laptop
    laptop.chain = bob.known
    await bob.remove(laptop)
    laptop.chain = bob.known
    const back = await laptop.nextList({ add: relay.stranger('bob') })
    await changesNothing(storage, async () => {
      const answer = await relay.call('PUT', '/devices', { token, body: { list: packed(back) } })
      assert.equal(outcome(answer), '401 unauthorized')
      const forged = await relay.call('PUT', '/devices', { token: bob.token, body: { list: packed(back) } })
      assert.equal(outcome(forged), '400 bad-signature')
    })
  }))

test('G02 GET /devices: lists are public to members, and to nobody else', () =>
  withMembers(async ({ mallory }, _storage, relay) => {
    const read = (token?: string) => relay.call('GET', '/devices/bob', token === undefined ? {} : { token })
    must(await read(mallory.token))
    assert.equal(outcome(await read()), '401 unauthorized')
    assert.equal(outcome(await read('x')), '401 unauthorized')
    const elsewhere = await relay.siteToken('mallory', { audience: 'example.org' })
    assert.equal(outcome(await read(elsewhere)), '401 unauthorized')
  }))

test('G02 PUT /keys and GET /keys/count: a token names its device, and nothing else does', () =>
  withMembers(async ({ bob, laptop, mallory }, storage, relay) => {
    const count = async (device: RawDevice) =>
      must(await relay.call('GET', '/keys/count', { token: device.token })).body['preKeys']
    const put = (token: string, body: unknown) => relay.call('PUT', '/keys', { token, body })
    const others = [await bob.preKeys(1), await laptop.preKeys(1)]
    await changesNothing(storage, async () => {
      for (const keys of others) assert.equal(outcome(await put(mallory.token, keys)), '400 bad-signature')
      // Not even by another device of the same account.
      assert.equal(outcome(await put(bob.token, others[1])), '400 bad-signature')
      assert.equal(outcome(await put(await relay.siteToken('bob'), others[0])), '401 unauthorized')
      const answer = await relay.call('GET', `/keys/count?device=${bob.id}`, { token: mallory.token })
      assert.deepEqual(answer.body['preKeys'], 2)
    })
    must(await put(bob.token, others[0]))
    assert.deepEqual([await count(bob), await count(laptop), await count(mallory)], [3, 2, 2])
  }))

test('G02 POST /keys/…/claim: an account and a device that do not belong together give nothing', () =>
  withMembers(async ({ alice, bob, mallory }, storage, relay) => {
    const claim = (account: string, device: string, token = mallory.token) =>
      relay.call('POST', `/keys/${account}/${device}/claim`, { token })
    await changesNothing(storage, async () => {
      assert.equal(outcome(await claim('alice', bob.id)), '404 no-prekey')
      assert.equal(outcome(await claim('mallory', alice.id)), '404 no-prekey')
      assert.equal(outcome(await claim('bob', bob.id, await relay.siteToken('mallory'))), '401 unauthorized')
    })
    assert.property(must(await claim('bob', bob.id)).body, 'preKey')
  }))

test('G02 socket: a token opens the mailbox of its device alone', () =>
  withMembers(async ({ alice, bob, laptop, mallory }) => {
    await (await alice.connect()).send(alice.batchTo([bob]))
    const evil = await mallory.connect()
    const other = await laptop.connect()
    const { delivery } = await (await bob.connect()).next('deliver')
    for (const socket of [evil, other]) {
      socket.say({ type: 'ack', deliveries: [delivery, delivery + 1, 1, 2 ** 40] })
      await socket.settle()
      assert.lengthOf(socket.heard, 0)
    }
    assert.equal((await (await bob.connect()).next('deliver')).delivery, delivery)
  }))

test('G02 socket: a batch comes from the device of the token, whatever it says, and goes where its lists say', () =>
  withMembers(async ({ alice, bob, mallory }, storage) => {
    const evil = await mallory.connect()
    const good = mallory.batchTo([bob])
    const to = (change: Partial<RawDevice['address']>): Batch => ({
      ...good,
      envelopes: [
        {
          id: toHex(randomBytes(16)),
          to: { type: 'address', address: { ...bob.address, ...change } },
          body: randomBytes(10),
          ext: good.envelopes[0]?.ext ?? new Map(),
        },
      ],
    })
    await changesNothing(storage, async () => {
      for (const change of [
        { account: 'alice' },
        { accountId: alice.known.accountId },
        { device: alice.id },
        { account: 'alice', accountId: alice.known.accountId },
        // Alice as she is, whose list this batch does not name.
        alice.address,
        { realm: 'example.org' },
        { device: toHex(randomBytes(16)) },
      ]) {
        assert.equal((await evil.send(to(change))).type, 'refused')
      }
    })
    assert.equal((await evil.send(good)).type, 'sent')
    const { stamped } = await (await bob.connect()).next('deliver')
    assert.deepEqual(stamped.from, {
      account: 'mallory',
      accountId: mallory.known.accountId,
      device: mallory.id,
    })
  }))

test('G02 socket: the envelope id of somebody else is no id of ours: it suppresses nothing', () =>
  withMembers(async ({ alice, bob, mallory }) => {
    const batch = alice.batchTo([bob])
    const [envelope] = batch.envelopes
    if (envelope === undefined) throw new Error('no envelope')
    const borrowed = { ...mallory.batchTo([bob]), envelopes: [envelope] }
    assert.equal((await (await mallory.connect()).send(borrowed)).type, 'sent')
    assert.equal((await (await alice.connect()).send(batch)).type, 'sent')
    const socket = await bob.connect()
    const from = [(await socket.next('deliver')).stamped.from, (await socket.next('deliver')).stamped.from]
    assert.deepEqual(
      from.map((one) => one?.account),
      ['mallory', 'alice'],
    )
  }))
