import { assert, test } from '#test'
import { connect } from 'node:net'
import { limits, randomBytes, toBase64Url } from '@sotto/protocol'
import { SqliteStorage } from '@sotto/relay'
import { must, packed, type RawDevice } from './raw-device.js'
import { withRelay, type RawRelay } from './raw-relay.js'
import { dump } from './storage-dump.js'

interface Bad {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Record<string, string>
  readonly status: number
  readonly code: string
}

async function badRequests(relay: RawRelay, alice: RawDevice): Promise<readonly Bad[]> {
  const { token } = alice
  const site = await relay.siteToken('alice')
  const list = packed(alice.known.head)
  const login = { token: site, accountId: alice.known.accountId, device: alice.id, epoch: 1, sends: 0 }
  const malformed = { status: 400, code: 'malformed' }
  const unauthorized = { status: 401, code: 'unauthorized' }
  const keys = (body: unknown): Bad => ({ method: 'PUT', path: '/keys', token, body, ...malformed })
  const logins = (body: unknown): Bad => ({ method: 'POST', path: '/login', body, ...malformed })
  const publish = (body: unknown): Bad => ({ method: 'PUT', path: '/devices', token, body, ...malformed })
  const get = (path: string): Bad => ({ method: 'GET', path, token, ...malformed })
  const json = { 'content-type': 'application/json' }
  return [
    logins(undefined),
    logins('{'),
    logins('[]'),
    logins('null'),
    logins('{"__proto__":{"a":1}}'),
    logins({ ...login, more: 1 }),
    logins({ ...login, epoch: '1' }),
    logins({ ...login, epoch: -1 }),
    logins({ ...login, epoch: 1.5 }),
    logins({ ...login, epoch: 2 ** 32 }),
    logins({ ...login, sends: '1' }),
    logins({ ...login, sends: -1 }),
    logins({ ...login, sends: 1.5 }),
    logins({ ...login, sends: 2 ** 53 }),
    logins({ ...login, device: alice.id.toUpperCase() }),
    logins({ ...login, device: [alice.id] }),
    logins({ ...login, accountId: `${alice.known.accountId}0` }),
    logins({ ...login, token: 'x'.repeat(10_000) }),
    { method: 'POST', path: '/login', body: 'x=1', headers: { 'content-type': 'text/plain' }, ...malformed },
    { method: 'POST', path: '/login', body: '', headers: json, ...malformed },
    { method: 'POST', path: '/login/proof', body: { nonce: '*', signature: 'AA' }, ...malformed },
    { method: 'POST', path: '/login/proof', body: { nonce: 'AA', signature: 'A' }, ...malformed },
    publish({}),
    publish({ list: '' }),
    publish({ list: 'AA' }),
    publish({ list: `${list}==` }),
    publish({ list: `${list}AA` }),
    publish({ list, keys: [] }),
    publish({ list: toBase64Url(randomBytes(500)) }),
    keys({}),
    keys({ preKeys: 'AA' }),
    keys({ preKeys: [1] }),
    keys({ preKeys: Array.from({ length: limits.preKeysHeld + 1 }, () => 'AA') }),
    keys({ preKeys: [], signedPreKey: null }),
    get('/devices/Alice'),
    get('/devices/alice?era=-1&sequence=0'),
    get('/devices/alice?era=0&sequence=x'),
    get('/devices/alice?era=0&sequence=1&more=1'),
    get(`/devices/${'a'.repeat(65)}`),
    get('/devices/%00'),
    get('/devices/%E0%A4%A'),
    { method: 'POST', path: '/keys/alice/nothex/claim', token, ...malformed },
    { method: 'GET', path: '/keys', token, status: 404, code: 'not-found' },
    { method: 'DELETE', path: '/devices', token, status: 404, code: 'not-found' },
    { method: 'GET', path: '/socket', token, status: 404, code: 'not-found' },
    { method: 'GET', path: '/../etc/passwd', status: 404, code: 'not-found' },
    { method: 'GET', path: '/keys/count', ...unauthorized },
    { method: 'GET', path: '/keys/count', headers: { authorization: 'Basic eA==' }, ...unauthorized },
    { method: 'GET', path: '/keys/count', headers: { authorization: `bearer ${token}` }, ...unauthorized },
    { method: 'GET', path: '/keys/count', token: `${token}x`, ...unauthorized },
    { method: 'GET', path: `/keys/count?token=${token}`, ...unauthorized },
    { method: 'GET', path: '/devices/bob', token: 'a.b.c', ...unauthorized },
    {
      method: 'PUT',
      path: '/keys',
      token,
      body: { preKeys: ['A'.repeat(limits.httpBody)] },
      status: 413,
      code: 'too-large',
    },
  ]
}

test('every bad request gets one error with a code, and changes nothing', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const alice = await relay.device('alice')
      const before = await dump(storage)
      for (const { status, code, method, path, ...rest } of await badRequests(relay, alice)) {
        const answer = await relay.call(method, path, rest)
        const what = `${method} ${path.slice(0, 80)} ${JSON.stringify(rest.body ?? '').slice(0, 80)}`
        assert.deepEqual([answer.status, answer.body['code']], [status, code], what)
        assert.includeMembers(['code', 'details'], Object.keys(answer.body), what)
        assert.notInclude(answer.text, 'alice', what)
      }
      assert.equal(await dump(storage), before)
      must(await alice.tryLogin())
    },
    { database: storage },
  )
})

test('what is no HTTP is told so, and a reset ends nothing', () =>
  withRelay(async (relay) => {
    const port = Number(new URL(relay.url).port)
    const tell = (text: string) =>
      new Promise<string>((resolve) => {
        let heard = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(text))
        socket.on('data', (data) => (heard += String(data)))
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(heard))
      })
    assert.include(await tell('garbage\r\n\r\n'), '{"code":"malformed"')
    assert.include(await tell(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`), 'malformed')
    const upgrade = (more: string) =>
      `GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n${more}\r\n`
    assert.match(await tell(upgrade('')), /^HTTP\/1.1 400/)
    assert.match(await tell(upgrade('').replace('/socket', '/socket?token=x')), /^HTTP\/1.1 404/)
    const dying = connect(port, '127.0.0.1', () => {
      dying.write(upgrade('origin: https://evil.example\r\n'))
      dying.resetAndDestroy()
    })
    await new Promise((resolve) => dying.once('close', resolve))
    must(await relay.call('GET', '/health'))
  }))

test('random bytes in place of every signed thing are refused', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const { token } = alice
    for (let i = 0; i < 40; i++) {
      const bytes = toBase64Url(randomBytes(1 + i * 7))
      for (const [path, body] of [
        ['/devices', { list: bytes }],
        ['/keys', { preKeys: [bytes] }],
        ['/keys', { preKeys: [], signedPreKey: bytes }],
      ] as const) {
        const answer = await relay.call('PUT', path, { token, body })
        assert.deepEqual([answer.status, answer.body['code']], [400, 'malformed'])
      }
    }
    must(await relay.call('GET', '/keys/count', { token }))
  }))

test('only the pages that are named may call', () =>
  withRelay(
    async (relay) => {
      const allowed = async (origin: string) => {
        const response = await fetch(`${relay.url}/health`, { headers: { origin } })
        return response.headers.get('access-control-allow-origin')
      }
      assert.equal(await allowed('https://example.com'), 'https://example.com')
      assert.isNull(await allowed('https://example.org'))
      assert.isNull(await allowed('null'))
    },
    { allowedOrigins: ['https://example.com'] },
  ))

test('answers are kept by no cache and read as nothing but data', () =>
  withRelay(async (relay) => {
    const { headers } = await fetch(`${relay.url}/nothing`)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
  }))
