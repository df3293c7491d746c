import { assert, test } from '#test'
import { SottoError } from '@sotto/protocol'
import { createRelay, type RelayOptions } from '@sotto/relay'

const secret = 'a secret of at least thirty-two characters'
const good: RelayOptions = { realm: 'example.com', database: ':memory:', tokens: { secret } }

/** The setting that is named as wrong; `none` where the relay starts. */
async function wrongSetting(change: Partial<RelayOptions>): Promise<unknown> {
  try {
    await (await createRelay({ ...good, ...change })).close()
    return 'none'
  } catch (error) {
    if (!SottoError.is(error, 'wrong-setting')) throw error
    return error.details.name
  }
}

test('an embedded relay names the setting that is wrong', async () => {
  assert.equal(await wrongSetting({}), 'none')
  assert.equal(await wrongSetting({ realm: 'https://example.com' }), 'realm')
  assert.equal(await wrongSetting({ realm: 'Example.com' }), 'realm')
  assert.equal(await wrongSetting({ tokens: { secret: 'short' } }), 'secret')
  assert.equal(await wrongSetting({ tokens: { jwks: 'keys.json' } }), 'jwks')
  assert.equal(await wrongSetting({ tokens: { jwks: 'file:///etc/passwd' } }), 'jwks')
  assert.equal(await wrongSetting({ allowedOrigins: ['https://example.com/'] }), 'allowedOrigins')
  assert.equal(await wrongSetting({ allowedOrigins: ['*'] }), 'allowedOrigins')
  assert.equal(await wrongSetting({ origin: 'relay.example.com' }), 'origin')
})

test('an embedded relay takes TURN addresses alone, eight of them, and a secret that is long enough', async () => {
  const url = 'turn:turn.example.com'
  const turn = (urls: readonly string[], shared = secret) => wrongSetting({ turn: { urls, secret: shared } })
  const right = [
    url,
    `${url}:443?transport=tcp`,
    'turns:203.0.113.7:5349',
    'turn:[2001:db8::7]:3478?transport=udp',
  ]
  assert.equal(await turn(right), 'none')
  assert.equal(await turn(Array.from({ length: 8 }, () => url)), 'none')
  assert.equal(await turn(Array.from({ length: 9 }, () => url)), 'turn.urls')
  assert.equal(await turn([]), 'turn.urls')
  const wrong = [
    '',
    'turn.example.com',
    'stun:turn.example.com',
    'https://turn.example.com',
    'turn://turn.example.com',
    'turn:user@turn.example.com',
    'turn:turn.example.com/path',
    'turn:turn.example.com:0',
    'turn:turn.example.com:65536',
    'turn:turn.example.com?transport=sctp',
    'turn:turn.example.com\n',
    'turn:[2001:db8::7::1]',
    'turn:999.0.113.7',
    `turn:${'x'.repeat(300)}`,
  ]
  for (const one of wrong) assert.equal(await turn([url, one]), 'turn.urls', one)
  assert.equal(await turn([url], 'x'.repeat(31)), 'turn.secret')
  assert.equal(await turn([url], 'ü'.repeat(16)), 'none')
})

test('an embedded relay that does not start lets go of its database', async () => {
  let closed = 0
  const refuse = () => Promise.reject(new SottoError('store-failed'))
  const database = { read: refuse, write: refuse, close: async () => void closed++ }
  const error = await createRelay({ ...good, database }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.isTrue(SottoError.is(error, 'store-failed'))
  assert.equal(closed, 1)
})
