import { assert, test } from '#test'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limits, toBase64Url, randomBytes } from '@sotto/protocol'
import { must } from './raw-device.js'
import { withRelay } from './raw-relay.js'

test('a device logs in with the site’s token and the proof of its key', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    await alice.publishFirst(1)
    const { body } = must(await alice.tryLogin())
    assert.match(String(body['token']), /^[A-Za-z0-9_-]{43}$/)
    assert.equal(body['expiresInMs'], limits.tokenMs)
    const count = await relay.call('GET', '/keys/count', { token: String(body['token']) })
    assert.deepEqual(count.body, { preKeys: 1, signedPreKey: 1 })
  }))

test('a site’s token that is not right is refused with 401 and a code', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    await alice.publishFirst(0)
    const wrong = {
      'signed with another secret': { secret: 'another secret of at least thirty-two characters' },
      'for another realm': { audience: 'example.org' },
      'good for eleven minutes': { expiresInS: 11 * 60 },
    }
    for (const [what, claims] of Object.entries(wrong)) {
      const { status, body } = await alice.tryLogin({ siteToken: await relay.siteToken('alice', claims) })
      assert.deepEqual([status, body['code']], [401, 'unauthorized'], what)
    }
    const old = await relay.siteToken('alice', { now: relay.now - 20 * 60_000 })
    assert.deepInclude(await alice.tryLogin({ siteToken: old }), {
      status: 401,
      body: { code: 'token-expired' },
    })
    for (const siteToken of ['x', 'a.b.c', await relay.siteToken('Alice'), await relay.siteToken('..')]) {
      assert.deepInclude(await alice.tryLogin({ siteToken }), { status: 401, body: { code: 'unauthorized' } })
    }
  }))

test('a site’s token names its algorithm in vain', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    await alice.publishFirst(0)
    const key = new TextEncoder().encode(relay.site.secret)
    const now = Math.floor(relay.now / 1000)
    const signed = (alg: string) =>
      new SignJWT({ sub: 'alice', aud: relay.site.realm, iat: now, exp: now + 60 })
        .setProtectedHeader({ alg })
        .sign(key)
    must(await alice.tryLogin({ siteToken: await signed('HS256') }))
    assert.equal((await alice.tryLogin({ siteToken: await signed('HS512') })).status, 401)
    const [, claims = ''] = (await signed('HS256')).split('.')
    const none = `${toBase64Url(new TextEncoder().encode('{"alg":"none"}'))}.${claims}.`
    assert.equal((await alice.tryLogin({ siteToken: none })).status, 401)
  }))

test('a proof by another key, for another relay, or of another device is refused', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const mallory = await relay.device('mallory')
    const refused = async (change: Parameters<typeof alice.tryLogin>[0], status: number, code: string) => {
      const answer = await alice.tryLogin(change)
      assert.deepEqual([answer.status, answer.body['code']], [status, code])
    }
    must(await alice.tryLogin())
    await refused({ sign: mallory.sign }, 401, 'unauthorized')
    await refused({ sign: async () => new Uint8Array(64) }, 401, 'unauthorized')
    await refused({ relay: 'https://relay.example.net' }, 401, 'unauthorized')
    await refused({ device: mallory.id, sign: mallory.sign }, 403, 'unknown-device')
    await refused({ accountId: mallory.known.accountId }, 403, 'unknown-device')
    await refused({ siteToken: await relay.siteToken('mallory') }, 403, 'unknown-device')
  }))

test('a nonce serves once, and for a minute', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const { accountId } = alice.known
    const token = await relay.siteToken('alice')
    const ask = async () =>
      String(
        must(
          await relay.call('POST', '/login', {
            body: { token, accountId, device: alice.id, epoch: 1, sends: 0 },
          }),
        ).body['nonce'],
      )
    const nonce = await ask()
    const wrong = toBase64Url(randomBytes(64))
    const first = await relay.call('POST', '/login/proof', { body: { nonce, signature: wrong } })
    assert.equal(first.status, 401)
    let signed = new Uint8Array()
    const caught = await alice.tryLogin({
      sign: async (bytes) => {
        relay.now += limits.nonceMs
        signed = new Uint8Array(await alice.sign(bytes))
        return signed
      },
    })
    assert.deepInclude(caught, { status: 401, body: { code: 'unauthorized' } })
    const unknown = { nonce: await ask(), signature: toBase64Url(signed) }
    assert.equal((await relay.call('POST', '/login/proof', { body: unknown })).status, 401)
  }))

test('a login ends after fifteen minutes, a socket does not', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const socket = await alice.connect()
    relay.now += limits.tokenMs
    const answer = await relay.call('GET', '/keys/count', { token: alice.token })
    assert.deepInclude(answer, { status: 401, body: { code: 'token-expired' } })
    await socket.settle()
    const late = await alice.socket()
    late.say({ type: 'hello', token: alice.token })
    assert.equal((await late.bye()).code, 'unauthorized')
  }))

test('a site may sign with a key of a key set', async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const stranger = await generateKeyPair('EdDSA')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA' }] }
  let isUp = true
  const server = createServer((_request, response) => {
    response.writeHead(isUp ? 200 : 503, { 'content-type': 'application/json' })
    response.end(JSON.stringify(keys))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  const sign = (key: Parameters<SignJWT['sign']>[0], alg = 'EdDSA') =>
    new SignJWT()
      .setProtectedHeader({ alg, kid: 'one' })
      .setSubject('alice')
      .setAudience('example.com')
      .setExpirationTime('2m')
      .sign(key)
  try {
    isUp = false
    await withRelay(
      async (relay) => {
        const answer = await relay.call('GET', '/devices/bob', { token: await sign(privateKey) })
        assert.deepInclude(answer, { status: 503, body: { code: 'backend-failed', details: {} } })
      },
      { tokens: { jwks } },
    )
    isUp = true
    await withRelay(
      async (relay) => {
        const ask = async (token: string) => (await relay.call('GET', '/devices/bob', { token })).status
        assert.equal(await ask(await sign(privateKey)), 200)
        assert.equal(await ask(await sign(stranger.privateKey)), 401)
        // The public half of the set is no secret: it must not serve as one.
        assert.equal(
          await ask(await sign(new TextEncoder().encode(JSON.stringify(keys.keys[0])), 'HS256')),
          401,
        )
      },
      { tokens: { jwks } },
    )
  } finally {
    server.close()
  }
})
