import { relayBackend } from '@sotto/core/relay'
import { limits } from '@sotto/protocol'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'

const url = 'turn:turn.example.com:3478'
const server = { urls: [url], username: '1700000000:0123', credential: 'c2VjcmV0' }
const answer = { servers: [server], expiresInMs: 600_000 }

/** The servers of a relay that lets everybody log in and answers this to `POST /calls/turn`. */
function serversOf(said: unknown) {
  const answers: Readonly<Record<string, unknown>> = {
    '/login': { nonce: 'A'.repeat(43) },
    '/login/proof': { token: 'a-token-of-the-relay', expiresInMs: 900_000 },
    '/calls/turn': said,
  }
  const asked: string[] = []
  const fetch = async (address: string | URL | Request, { method, headers }: RequestInit = {}) => {
    const { pathname } = new URL(address instanceof Request ? address.url : address)
    asked.push(`${method} ${pathname} ${new Headers(headers).get('authorization')}`)
    return Response.json(answers[pathname])
  }
  const { servers } = relayBackend({ url: 'https://relay.example.com', fetch })(() => ({
    realm: 'example.com',
    account: 'alice',
    accountId: 'ab'.repeat(32),
    device: 'cd'.repeat(16),
    epoch: 1,
    sends: 0,
    token: async () => 'site.token.signed',
    sign: async () => new Uint8Array(64),
  }))
  if (servers === undefined) throw new Error('no servers')
  return { servers, asked }
}

test('the relay’s servers are asked for with the device’s token, and taken as they are', async () => {
  const { servers, asked } = serversOf({ ...answer, more: 1, servers: [{ ...server, more: 2 }] })
  const lastsMs = answer.expiresInMs
  assert.deepEqual(await servers.list(), [{ ...server, lastsMs }])
  assert.equal(asked.at(-1), 'POST /calls/turn Bearer a-token-of-the-relay')
  assert.deepEqual(await serversOf({ ...answer, servers: [] }).servers.list(), [])
  const most = Array.from({ length: limits.turnServers }, () => ({
    ...server,
    urls: Array.from({ length: limits.turnUrls }, () => url),
    username: 'x'.repeat(limits.turnCredential),
  }))
  assert.deepEqual(
    await serversOf({ ...answer, servers: most }).servers.list(),
    most.map((one) => ({ ...one, lastsMs })),
  )
})

test('one server that is not right, and none of the answer is used', async () => {
  const wrongServers: readonly unknown[] = [
    null,
    url,
    [],
    {},
    { ...server, urls: [] },
    { ...server, urls: url },
    { ...server, urls: Array.from({ length: limits.turnUrls + 1 }, () => url) },
    { ...server, urls: [url, 1] },
    ...['stun:stun.example.com', 'https://turn.example.com', 'turn:turn.example.com/x', 'turn:', ''].map(
      (one) => ({ ...server, urls: [url, one] }),
    ),
    { ...server, urls: [`turn:${'x'.repeat(limits.turnUrl)}`] },
  ]
  const wrongWords: readonly unknown[] = [
    undefined,
    null,
    7,
    '',
    'two words',
    'a\nb',
    'x'.repeat(limits.turnCredential + 1),
  ]
  for (const word of wrongWords) {
    const wrong = [
      { ...server, username: word },
      { ...server, credential: word },
    ]
    for (const one of wrong) assert.equal(await codeFor([server, one]), 'backend-failed', String(word))
  }
  for (const one of wrongServers)
    assert.equal(await codeFor([server, one]), 'backend-failed', JSON.stringify(one))
  assert.equal(await codeFor(undefined), 'backend-failed')
  assert.equal(await codeFor(server), 'backend-failed')
  assert.equal(await codeFor(Array.from({ length: limits.turnServers + 1 }, () => server)), 'backend-failed')
  for (const expiresInMs of [undefined, null, '600000', -1, 0.5, Infinity])
    assert.equal(await codeOf(serversOf({ ...answer, expiresInMs }).servers.list()), 'backend-failed')
  assert.equal(await codeFor([server, server]), 'nothing', 'the control')
})

const codeFor = (servers: unknown): Promise<string> =>
  codeOf(serversOf({ ...answer, servers }).servers.list())
