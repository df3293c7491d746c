import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { CallWorld, type Caller } from '../support/callers.js'
import { codeOf } from '../support/code-of.js'

const lastsMs = 10 * 60_000

/** The backend names a server, each time with another user name, or refuses to. Returns those names. */
function naming({ world: { network } }: CallWorld, refusal: { code?: SottoError } = {}): readonly string[] {
  const named: string[] = []
  Object.defineProperty(network, 'servers', {
    configurable: true,
    get() {
      if (refusal.code !== undefined) throw refusal.code
      named.push(`user-${named.length}`)
      const [username] = named.slice(-1)
      return [{ urls: ['turn:turn.example.com'], username, credential: 'secret', lastsMs }]
    },
  })
  return named
}

function sessionOf({ media }: Caller) {
  const session = media.opened.at(-1)
  if (session === undefined) throw new Error('no session')
  return session
}
const userOf = (caller: Caller) => sessionOf(caller).servers[0]?.username

test('servers are named once to each end of a call, and to the next call anew', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const named = naming(calls)
  const { call } = await calls.connected(alice, bob)
  assert.deepEqual([userOf(alice), userOf(bob), named.length], ['user-0', 'user-1', 2])
  assert.isTrue(sessionOf(alice).options.relayOnly)
  await call.hangUp()
  await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
  await calls.connected(bob, alice)
  assert.deepEqual([userOf(bob), userOf(alice), named.length], ['user-2', 'user-3', 4])
})

test('who looks for another way after half of what lets it in has passed is let in anew; where that fails, it keeps what it has', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const refusal: { code?: SottoError } = {}
  const named = naming(calls, refusal)
  await calls.connected(alice, bob)
  const session = sessionOf(alice)
  await calls.time.advance(lastsMs * 0.4)
  await session.restart()
  assert.deepEqual([userOf(alice), named.length], ['user-0', 2])
  await calls.time.advance(lastsMs * 0.2)
  refusal.code = new SottoError('offline')
  await session.restart()
  assert.equal(userOf(alice), 'user-0')
  delete refusal.code
  await session.restart()
  assert.deepEqual([userOf(alice), named.length], ['user-2', 3])
  await session.restart()
  assert.equal(named.length, 3)
})

test('a tab that does not lead says why it got no servers, and when to ask again', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const second = await calls.open(alice.installation)
  for (const code of [
    new SottoError('rate-limited', { retryAfterMs: 7_000 }),
    new SottoError('backend-failed', {}),
    new SottoError('forbidden'),
  ]) {
    naming(calls, { code })
    const error: unknown = await second.client.placeCall(bob.client.account).catch((one: unknown) => one)
    assert.isTrue(SottoError.is(error, code.code), code.code)
    if (SottoError.is(error, 'rate-limited')) assert.equal(error.details.retryAfterMs, 7_000)
  }
})

test('who answers while the backend refuses a server captures and says nothing: it rings on, and is answered when one is named', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const refusal: { code?: SottoError } = {}
  naming(calls, refusal)
  const call = await alice.client.placeCall('bob')
  const rung = await calls.ring(bob)
  for (const code of [new SottoError('forbidden'), new SottoError('backend-failed', {})]) {
    refusal.code = code
    assert.equal(await codeOf(rung.answer()), code.code)
    await calls.time.advance(1_000)
    assert.deepEqual([call.state.value.phase, rung.state.value.phase], ['ringing', 'rung'])
    assert.deepEqual([alice.media.opened.length, bob.media.opened.length], [0, 0])
  }
  delete refusal.code
  await rung.answer()
  await calls.phase([call, rung], 'connected')
  assert.isTrue(sessionOf(bob).options.relayOnly)
})

test('calls go through the server until the person lets those with a contact go directly, and again when it is none any more', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  naming(calls)
  const ways = async () => {
    const { call } = await calls.connected(alice, bob)
    await call.hangUp()
    await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
    return [alice, bob].map((one) => sessionOf(one).options.relayOnly)
  }
  const hers = alice.client.conversation('bob')
  assert.deepEqual(await ways(), [true, true])
  await hers.setDirectCalls(true)
  await calls.time.until(() => hers.directCalls.value)
  // It is her address: what he shows is his to say.
  assert.deepEqual(await ways(), [false, true])
  await hers.block()
  await calls.time.until(() => !hers.directCalls.value)
  await hers.unblock()
  assert.deepEqual(await ways(), [true, true])
  await hers.setDirectCalls(true)
  await hers.setDirectCalls(false)
  assert.deepEqual(await ways(), [true, true])
  assert.equal(await codeOf(alice.client.conversation('nobody').setDirectCalls(true)), 'call-refused')
})
