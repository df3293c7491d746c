import { createHmac } from 'node:crypto'
import { limits, type TurnServer } from '@sotto/protocol'
import { assert, test } from '#test'
import { must, type RawDevice } from './raw-device.js'
import { withRelay, type RawRelay } from './raw-relay.js'

const secret = 'what the relay and its TURN server share'
const urls = ['turn:turn.example.com:3478', 'turns:turn.example.com:5349?transport=tcp']
const turn = { urls, secret }

const ask = ({ relay, token }: RawDevice) => relay.call('POST', '/calls/turn', { token })

/** The one server of an answer. */
function serverIn(body: Readonly<Record<string, unknown>>): TurnServer {
  const [server, ...more] = body['servers'] as TurnServer[]
  assert.isEmpty(more)
  if (server === undefined) throw new Error('no server')
  return server
}

/** Logs a device in by a token of the site that says these features; the answer of the step that failed, or of the last. */
async function login(relay: RawRelay, device: RawDevice, features?: unknown) {
  const siteToken = await relay.siteToken(device.account, features === undefined ? {} : { features })
  const answer = await device.tryLogin({ siteToken })
  if (answer.status === 200) device.token = String(answer.body['token'])
  return answer
}

test('a device gets a user name that ends in ten minutes, and the credential that follows from it', () =>
  withRelay(
    async (relay) => {
      const { body } = must(await ask(await relay.device('alice')))
      assert.hasAllKeys(body, ['servers', 'expiresInMs'])
      assert.equal(body['expiresInMs'], limits.turnMs)
      const { username, credential, ...rest } = serverIn(body)
      assert.deepEqual(rest, { urls })
      const [, until = ''] = /^(\d+):[0-9a-f]{32}$/.exec(username) ?? []
      assert.equal(Number(until), Math.ceil((relay.now + limits.turnMs) / 1000))
      assert.equal(credential, createHmac('sha1', secret).update(username).digest('base64'))
    },
    { turn },
  ))

test('no two user names are alike, and nothing of the account is in them', () =>
  withRelay(
    async (relay) => {
      const alice = await relay.device('alice')
      const names = new Set<string>()
      for (let i = 0; i < 5; i++) {
        const { text, body } = must(await ask(alice))
        names.add(serverIn(body).username.split(':')[1] ?? '')
        for (const own of ['alice', alice.id, alice.known.accountId]) assert.notInclude(text, own)
      }
      assert.equal(names.size, 5)
    },
    { turn },
  ))

test('a relay without a TURN server names none, however often it is asked', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    for (let i = 0; i <= limits.turnPerHour; i++)
      assert.deepEqual(must(await ask(alice)).body, { servers: [], expiresInMs: limits.turnMs })
  }))

test('an account gets thirty user names an hour, whichever of its devices asks', () =>
  withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      const tablet = relay.stranger('alice')
      await alice.link(tablet)
      await tablet.login()
      for (let i = 0; i < limits.turnPerHour; i++) must(await ask(i % 2 === 0 ? alice : tablet))
      for (const device of [alice, tablet]) {
        const { status, body } = await ask(device)
        const details = { retryAfterMs: 3_600_000 / limits.turnPerHour }
        assert.deepEqual([status, body], [429, { code: 'rate-limited', details }])
      }
      must(await ask(bob))
      relay.now += 3_600_000 / limits.turnPerHour
      must(await ask(tablet))
      assert.equal((await ask(alice)).status, 429)
    },
    { turn },
  ))

test('a device has to have logged in: the site’s token alone gets nobody into the TURN server', () =>
  withRelay(
    async (relay) => {
      const token = await relay.siteToken('alice')
      for (const options of [{}, { token }, { token: 'guess' }]) {
        const { status, body } = await relay.call('POST', '/calls/turn', options)
        assert.deepEqual([status, body], [401, { code: 'unauthorized' }])
      }
    },
    { turn },
  ))

test('a site that names features lets only those call that have one for calls', () =>
  withRelay(
    async (relay) => {
      const alice = await relay.device('alice')
      for (const features of [undefined, ['call.voice'], ['call.video'], ['other', 'call.voice']]) {
        must(await login(relay, alice, features))
        must(await ask(alice))
      }
      for (const features of [[], ['other'], ['call'], ['CALL.VOICE'], ['call.voice ', '']]) {
        must(await login(relay, alice, features))
        const { status, body } = await ask(alice)
        assert.deepEqual([status, body], [403, { code: 'forbidden' }], JSON.stringify(features))
        // Writing is another thing.
        must(await relay.call('GET', '/keys/count', { token: alice.token }))
      }
    },
    { turn },
  ))

test('where the site lets nobody call, the relay says so without a TURN server as well', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    must(await login(relay, alice, []))
    assert.equal((await ask(alice)).status, 403)
  }))

test('features that are no list of names are no features: the token is refused', () =>
  withRelay(
    async (relay) => {
      const alice = await relay.device('alice')
      const many = Array.from({ length: limits.features }, (_, i) => `feature.${i}`)
      must(await login(relay, alice, [...many.slice(1), 'call.voice']))
      must(await ask(alice))
      const wrong: readonly unknown[] = [
        null,
        'call.voice',
        true,
        { 'call.voice': true },
        ['call.voice', 1],
        [['call.voice']],
        ['x'.repeat(limits.feature + 1)],
        [...many, 'call.voice'],
      ]
      for (const features of wrong) {
        const { status, body } = await login(relay, alice, features)
        assert.deepEqual([status, body], [401, { code: 'unauthorized' }], JSON.stringify(features))
        const token = await relay.siteToken('alice', { features })
        assert.equal((await relay.call('GET', '/devices/bob', { token })).status, 401)
      }
    },
    { turn },
  ))

test('a login has the features of its own token: none is added at it, and none stays from another', () =>
  withRelay(
    async (relay) => {
      const alice = await relay.device('alice')
      const free = alice.token
      const siteToken = await relay.siteToken('alice', { features: [] })
      const { accountId } = alice.known
      const claimed = { token: siteToken, accountId, device: alice.id, epoch: 1, sends: 0 }
      const features = ['call.voice']
      const asked = await relay.call('POST', '/login', { body: { ...claimed, features } })
      assert.deepInclude([asked.status, asked.body['code']], 'malformed')
      const { body } = must(await relay.call('POST', '/login', { body: claimed }))
      const proof = { nonce: body['nonce'], signature: 'AA', features }
      assert.equal((await relay.call('POST', '/login/proof', { body: proof })).status, 400)
      must(await login(relay, alice, []))
      assert.equal((await ask(alice)).status, 403)
      must(await relay.call('POST', '/calls/turn', { token: free }))
    },
    { turn },
  ))
