import { assert, test } from '#test'
import { extendChain, limits } from '@sotto/protocol'
import { SqliteStorage } from '@sotto/relay'
import { must, packed } from '../relay/raw-device.js'
import { withRelay, type RawRelay } from '../relay/raw-relay.js'
import { dump } from '../relay/storage-dump.js'

/** Bob is a member with mail waiting; a thief has a token of the site that says "bob", and a device of his own. */
async function robbed(relay: RawRelay) {
  const alice = await relay.device('alice')
  const bob = await relay.device('bob')
  await (await alice.connect()).send(alice.batchTo([bob]))
  return { alice, bob, stolen: await relay.siteToken('bob'), thief: relay.stranger('bob') }
}

test('G05 control: with the proof of the device’s key the same token reads the mailbox and changes the list', () =>
  withRelay(async (relay) => {
    const { bob, stolen, thief } = await robbed(relay)
    bob.token = String(must(await bob.tryLogin({ siteToken: stolen })).body['token'])
    await (await bob.connect()).next('deliver')
    await bob.link(thief)
    must(await thief.tryLogin())
  }))

test('G05 a stolen site token alone reads no mailbox, changes no list, takes and leaves no key', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const { alice, bob, stolen, thief } = await robbed(relay)
      const next = await bob.nextList({ add: thief })
      thief.chain = extendChain(bob.known, next)
      const keys = await thief.preKeys(1)
      const before = await dump(storage)
      const refused = async (method: string, path: string, status: number, body?: unknown) => {
        const answer = await relay.call(method, path, {
          token: stolen,
          ...(body === undefined ? {} : { body }),
        })
        assert.equal(answer.status, status, `${method} ${path}`)
        assert.include(
          ['unauthorized', 'forbidden', 'lists-outdated', 'malformed', 'device-list-rejected'],
          answer.body['code'],
        )
      }
      await refused('GET', '/keys/count', 401)
      await refused('PUT', '/keys', 401, keys)
      await refused('POST', `/keys/alice/${alice.id}/claim`, 401)
      await refused('POST', `/keys/bob/${bob.id}/claim`, 401)
      // Another first list, a forged second one, and a good one that only a device may bring.
      await refused('PUT', '/devices', 409, { list: packed(await thief.firstList()) })
      await refused('PUT', '/devices', 403, { list: packed(await thief.nextList({})), keys })
      await refused('PUT', '/devices', 403, { list: packed(next), keys })

      const socket = await thief.socket()
      socket.say({ type: 'hello', token: stolen })
      assert.equal((await socket.bye()).code, 'unauthorized')
      for (const change of [{}, { device: bob.id }, { device: bob.id, accountId: bob.known.accountId }]) {
        const answer = await thief.tryLogin({ siteToken: stolen, accountId: bob.known.accountId, ...change })
        assert.include(['unauthorized', 'unknown-device'], answer.body['code'])
      }
      assert.equal(await dump(storage), before)

      // What it does give: the lists, which every member may read.
      const { body } = must(await relay.call('GET', '/devices/bob', { token: stolen }))
      assert.deepEqual(body['lists'], [packed(bob.known.head)])
    },
    { database: storage },
  )
})

test('G05 a proof that was overheard proves nothing to anybody else, or later', () =>
  withRelay(async (relay) => {
    const { bob, stolen } = await robbed(relay)
    const overheard: Uint8Array[] = []
    const sign = async (bytes: Uint8Array) => {
      const signature = await bob.sign(bytes)
      overheard.push(signature)
      return signature
    }
    must(await bob.tryLogin({ siteToken: stolen, sign }))
    const replay = async () => overheard[0] ?? new Uint8Array()
    for (const siteToken of [stolen, await relay.siteToken('bob', { expiresInS: 60 })]) {
      const answer = await bob.tryLogin({ siteToken, sign: replay })
      assert.deepEqual([answer.status, answer.body['code']], [401, 'unauthorized'])
    }
  }))

test('G05 a site token is worth ten minutes, whatever it says', () =>
  withRelay(async (relay) => {
    const { bob, stolen } = await robbed(relay)
    const read = async (token: string) => (await relay.call('GET', '/devices/bob', { token })).status
    assert.equal(await read(stolen), 200)
    assert.equal(await read(await relay.siteToken('bob', { expiresInS: 86_400 })), 401)
    relay.now += limits.siteTokenMs
    assert.equal(await read(stolen), 401)
    assert.equal((await bob.tryLogin({ siteToken: stolen })).status, 401)
  }))
