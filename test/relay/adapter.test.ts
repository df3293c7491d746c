import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { relayBackend } from '@sotto/core/relay'
import type { Login } from '@sotto/core/ports'
import { SottoError, decodeClientFrame, encodeRelayFrame, randomBytes, toBase64Url } from '@sotto/protocol'
import { createRelay } from '@sotto/relay'
import { WebSocket, WebSocketServer } from 'ws'
import { assert, test } from '#test'
import { CaseDevice } from '../../packages/core/src/testing/case-device.js'
import { Site } from '../support/signing-site.js'
import { until } from '../support/until.js'

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (SottoError.is(error) ? error.code : error),
  )

const login: Login = {
  realm: 'example.com',
  account: 'alice',
  accountId: 'ab'.repeat(32),
  device: 'cd'.repeat(16),
  epoch: 1,
  sends: 0,
  token: () => Promise.resolve('site.token.signed'),
  sign: () => Promise.resolve(new Uint8Array(64)),
}

type Reply = { readonly status?: number; readonly body: string | object }

/** A relay of cardboard: each path is answered with what the test says; what was called is kept. */
async function withCardboard(
  replies: Record<string, (request: IncomingMessage, count: number) => Reply>,
  work: (url: string, calls: readonly string[], sockets: WebSocketServer) => Promise<void>,
): Promise<void> {
  const calls: string[] = []
  const all: Record<string, (request: IncomingMessage, count: number) => Reply> = {
    'POST /login': () => ({ body: { nonce: toBase64Url(randomBytes(32)) } }),
    'POST /login/proof': () => ({ body: { token: 'a-token-of-the-relay', expiresInMs: 900_000 } }),
    ...replies,
  }
  const server = createServer((request, response) => {
    const name = `${request.method ?? ''} ${request.url ?? ''}`
    calls.push(name)
    const count = calls.filter((one) => one === name).length
    const reply = all[name]?.(request, count) ?? { status: 404, body: { code: 'not-found' } }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (_socket, request) => calls.push(`socket ${request.url ?? ''}`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, sockets)
  } finally {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  }
}

test('an address that is no relay’s is refused at once', () => {
  const wrong = [
    'http://relay.example.com',
    'ftp://relay.example.com',
    'https://user:pass@relay.example.com',
    'https://relay.example.com/?token=x',
    'https://relay.example.com/#x',
    'relay.example.com',
    '',
  ]
  for (const url of wrong) assert.throws(() => relayBackend({ url }), /wrong-setting/, url)
  for (const url of ['https://relay.example.com/sotto', 'http://localhost:1', 'http://[::1]:1'])
    assert.isFunction(relayBackend({ url }))
})

test('whatever a relay answers becomes a value of ours or one code', async () => {
  const count = 'GET /keys/count'
  const cases: readonly (readonly [unknown, Reply])[] = [
    ['none', { body: { preKeys: 3, signedPreKey: null } }],
    ['backend-failed', { body: 'no JSON' }],
    ['backend-failed', { body: '[]' }],
    ['backend-failed', { body: { preKeys: '3', signedPreKey: null } }],
    ['backend-failed', { body: { preKeys: -1, signedPreKey: null } }],
    ['backend-failed', { body: { preKeys: 1, signedPreKey: 'x' } }],
    ['backend-failed', { status: 500, body: 'a page of a proxy' }],
    ['backend-failed', { status: 503, body: { code: 'store-failed' } }],
    ['unknown-code', { status: 400, body: { code: 'brand-new' } }],
    ['rate-limited', { status: 429, body: { code: 'rate-limited', details: { retryAfterMs: 5 } } }],
    ['rolled-back', { status: 409, body: { code: 'rolled-back', details: { epoch: 'many' } } }],
    ['device-removed', { status: 403, body: { code: 'device-removed' } }],
  ]
  for (const [code, reply] of cases) {
    await withCardboard({ [count]: () => reply }, async (url) => {
      const { directory } = relayBackend({ url })(() => login)
      assert.equal(await codeOf(directory.countKeys()), code, JSON.stringify(reply))
    })
  }
})

test('answers about lists and prekeys are bounded and decoded strictly', async () => {
  const lists = 'GET /devices/bob'
  const claim = 'POST /keys/bob/ef/claim'
  const cases: readonly (readonly [string, Reply])[] = [
    ['none', { body: { lists: [] } }],
    ['backend-failed', { body: {} }],
    ['backend-failed', { body: { lists: Array.from({ length: 513 }, () => 'AA') } }],
    ['backend-failed', { body: { lists: [7] } }],
    ['malformed', { body: { lists: ['AA'] } }],
    ['malformed', { body: { lists: ['not base64!'] } }],
    ['too-large', { body: ' '.repeat(16 * 1024 * 1024 + 1) }],
  ]
  for (const [code, reply] of cases) {
    await withCardboard({ [lists]: () => reply }, async (url) => {
      const { directory } = relayBackend({ url })(() => login)
      assert.equal(await codeOf(directory.lists('bob')), code)
    })
  }
  for (const body of [{}, { signedPreKey: 7 }, { signedPreKey: 'AA' }]) {
    await withCardboard({ [claim]: () => ({ body }) }, async (url) => {
      const { directory } = relayBackend({ url })(() => login)
      assert.include(['backend-failed', 'malformed'], await codeOf(directory.claim('bob', 'ef')))
    })
  }
})

test('names are encoded into the path, and no token stands in an address', () =>
  withCardboard({}, async (url, calls) => {
    const { directory, transport } = relayBackend({ url })(() => login)
    await codeOf(directory.lists('../keys?x', { era: 1, sequence: 2 }))
    await codeOf(directory.claim('a/b', '%'))
    void codeOf(transport.open({ signal: AbortSignal.timeout(200) }))
    await until(() => calls.includes('socket /socket'))
    assert.includeMembers(
      [...calls],
      ['GET /devices/..%2Fkeys%3Fx?era=1&sequence=2', 'POST /keys/a%2Fb/%25/claim'],
    )
    for (const one of calls) assert.notMatch(one, /site\.token|a-token/)
  }))

test('nobody there is offline; a login that is aborted is aborted, whatever hangs', async () => {
  const { directory, transport } = relayBackend({ url: 'http://127.0.0.1:9' })(() => login)
  assert.equal(await codeOf(directory.countKeys()), 'offline')
  assert.equal(await codeOf(transport.open({ signal: AbortSignal.abort() })), 'aborted')
  const hanging = { ...login, token: () => new Promise<string>(() => undefined) }
  const stop = new AbortController()
  const opening = codeOf(relayBackend({ url: 'http://127.0.0.1:9' })(() => hanging).transport.open(stop))
  stop.abort()
  assert.equal(await opening, 'aborted')
})

test('many calls share one login; another epoch makes another', () =>
  withCardboard(
    { 'GET /keys/count': () => ({ body: { preKeys: 1, signedPreKey: 1 } }) },
    async (url, calls) => {
      let epoch = 1
      const { directory } = relayBackend({ url })(() => ({ ...login, epoch }))
      const logins = () => calls.filter((one) => one === 'POST /login/proof').length
      await Promise.all(Array.from({ length: 9 }, () => directory.countKeys()))
      assert.equal(logins(), 1)
      const first = directory.countKeys()
      epoch = 2
      await Promise.all([first, directory.countKeys(), directory.countKeys()])
      assert.equal(logins(), 2)
    },
  ))

test('a failed login fails all who wait for it, once', () =>
  withCardboard(
    { 'POST /login': () => ({ status: 503, body: { code: 'backend-failed' } }) },
    async (url, calls) => {
      const { directory } = relayBackend({ url })(() => login)
      const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(directory.countKeys())))
      assert.deepEqual(
        codes,
        Array.from({ length: 5 }, () => 'backend-failed'),
      )
      assert.lengthOf(calls, 1)
    },
  ))

test('a token that is not believed any more is renewed once, the relay’s and the site’s', () =>
  withCardboard(
    {
      'GET /keys/count': (_request, count) =>
        count === 1
          ? { status: 401, body: { code: 'token-expired' } }
          : { body: { preKeys: 1, signedPreKey: null } },
      'GET /devices/bob': ({ headers }) =>
        headers.authorization === 'Bearer second'
          ? { body: { lists: [] } }
          : { status: 401, body: { code: 'unauthorized' } },
      'GET /devices/carol': () => ({ status: 401, body: { code: 'unauthorized' } }),
    },
    async (url, calls) => {
      const tokens = ['first', 'second', 'third', 'fourth']
      const token = () => Promise.resolve(tokens.shift() ?? 'none')
      const site = relayBackend({ url })(() => ({ ...login, token }))
      assert.deepEqual(await site.directory.lists('bob'), [])
      assert.equal(await codeOf(site.directory.lists('carol')), 'unauthorized')
      assert.lengthOf(calls, 4)
      const { directory } = relayBackend({ url })(() => login)
      assert.equal((await directory.countKeys()).preKeys, 1)
    },
  ))

test('a client goes on by itself where the relay was started again and knows no token', async () => {
  const site = new Site()
  const { realm, secret } = site
  const options = { realm, database: ':memory:', tokens: { secret } }
  const first = await createRelay(options)
  const { url, port } = await first.listen({ host: '127.0.0.1', port: 0 })
  const place = {
    realm,
    backend: () => relayBackend({ url }),
    token: (account: string) => site.token(account),
    dispose: () => Promise.resolve(),
  }
  const alice = await CaseDevice.published(place)
  await first.close()
  const second = await createRelay(options)
  await second.listen({ host: '127.0.0.1', port })
  // Lists went with the memory; the device publishes them again, as a client does where the relay has fallen behind.
  await alice.directory.publish(alice.chain.head, await alice.preKeys(2))
  assert.equal((await alice.directory.countKeys()).preKeys, 2)
  ;(await alice.open()).close()
  await second.close()
})

test('a socket that brings what is no frame, or more than can be held, is given up', () =>
  withCardboard({}, async (url, _calls, sockets) => {
    const open = async (after: (socket: WebSocket) => void) => {
      sockets.once('connection', (socket) => {
        socket.once('message', (data: Buffer) => {
          assert.equal(decodeClientFrame(new Uint8Array(data)).type, 'hello')
          socket.send(encodeRelayFrame({ type: 'welcome', now: 1 }))
          after(socket)
        })
      })
      return relayBackend({ url })(() => login).transport.open({ signal: new AbortController().signal })
    }
    const ended = async (connection: AsyncIterable<unknown>) => {
      let count = 0
      for await (const one of connection) count += one === undefined ? 0 : 1
      return count
    }
    const garbage = await open((socket) => socket.send(new Uint8Array([1, 2, 3])))
    assert.equal(await codeOf(ended(garbage)), 'backend-failed')
    const text = await open((socket) => socket.send('hello'))
    assert.equal(await codeOf(ended(text)), 'backend-failed')
    const byes = await open((socket) => socket.send(encodeRelayFrame({ type: 'bye', code: 'brand-new' })))
    assert.equal(await codeOf(ended(byes)), 'unknown-code')

    const mailbox = randomBytes(16)
    const body = new Uint8Array(128 * 1024).fill(7)
    const envelope = {
      v: 1,
      id: 'ef'.repeat(16),
      to: { type: 'mailbox' as const, mailbox },
      body,
      ext: new Map(),
    }
    const many = 600
    let closed = false
    const flood = await open((socket) => {
      socket.once('close', () => (closed = true))
      for (let delivery = 0; delivery < many; delivery++)
        socket.send(encodeRelayFrame({ type: 'deliver', delivery, stamped: { envelope, at: 1 } }))
    })
    await until(() => closed)
    const taken = await ended(flood)
    assert.isAbove(taken, 400)
    assert.isBelow(taken, 520)
  }))

test('what nobody knows the fate of is offline: the core sends it again', () =>
  withCardboard({}, async (url, _calls, sockets) => {
    sockets.once('connection', (socket) => {
      socket.once('message', () => {
        socket.send(encodeRelayFrame({ type: 'welcome', now: 1 }))
        socket.once('message', () => socket.terminate())
      })
    })
    const signal = new AbortController().signal
    const connection = await relayBackend({
      url,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    })(() => login).transport.open({ signal })
    const hash = 'ab'.repeat(32)
    const address = { realm: 'example.com', account: 'bob', accountId: hash, device: 'cd'.repeat(16) }
    const good = {
      shared: [],
      envelopes: [
        {
          id: 'ef'.repeat(16),
          to: { type: 'address' as const, address },
          body: new Uint8Array(9),
          ext: new Map(),
        },
      ],
      lists: [{ accountId: hash, era: 0, sequence: 1, hash }],
      sends: 1,
    }
    // What is no batch is a mistake of the caller's, and the connection's life goes on.
    assert.equal(await codeOf(connection.send({ ...good, envelopes: [] })), 'malformed')
    const [first, second] = [codeOf(connection.send(good)), codeOf(connection.send(good))]
    assert.deepEqual([await first, await second], ['offline', 'offline'])
    assert.equal(await codeOf(connection.send(good)), 'offline')
  }))
