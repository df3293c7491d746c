import type { Client } from '@sotto/core'
import { assert, test } from '#test'
import { CallWorld, type Caller } from '../support/callers.js'
import { codeOf } from '../support/code-of.js'
import { until } from '../support/until.js'

const direct = true
const server = { urls: ['turn:turn.example.com'], username: 'somebody', credential: 'secret' }

/** A token of the site that lets `account` do this; everything without `features`. */
const tokenOf =
  ({ world: { network } }: CallWorld, account: string, features?: readonly unknown[]) =>
  async () =>
    network.token(account, features)

/** Two who may write to each other; the site lets Alice do this, and Bob everything. */
async function allowing(features?: readonly string[]) {
  const calls = await CallWorld.make()
  const token = tokenOf(calls, 'alice', features)
  const alice = await calls.open(calls.world.installation('alice'), { token })
  const bob = await calls.person('bob')
  await calls.introduce(alice, bob)
  return { calls, alice, bob }
}

const place = ({ client }: Caller, account: string, video: boolean): Promise<string> =>
  codeOf(client.placeCall(account, { video, direct }))

const featuresOf = ({ features: { value } }: Client) => value && [...value]

test('what the site lets an account do is known from its token, in every tab', async () => {
  const { calls, alice, bob } = await allowing(['call.voice', 'other'])
  assert.deepEqual(featuresOf(alice.client), ['call.voice', 'other'])
  assert.isUndefined(featuresOf(bob.client))
  const second = await calls.open(alice.installation)
  await calls.time.until(() => featuresOf(second.client)?.length === 2)
  assert.deepEqual(featuresOf(second.client), ['call.voice', 'other'])
  assert.equal(await place(second, 'bob', true), 'forbidden')
})

test('features that are no list of names make a token that is refused', async () => {
  const calls = await CallWorld.make()
  const token = tokenOf(calls, 'alice', ['call.voice', 7])
  const client = await calls.world.installation('alice').open({ token })
  await until(async () => {
    await calls.time.advance(200)
    return client.state.value.name !== 'starting'
  })
  assert.deepInclude(client.state.value, { code: 'unauthorized' })
})

test('nobody places a call that the site does not let them make', async () => {
  for (const [features, voice, video] of [
    [undefined, 'nothing', 'nothing'],
    [['call.video'], 'nothing', 'nothing'],
    [['call.voice'], 'nothing', 'forbidden'],
    [['other'], 'forbidden', 'forbidden'],
    [[], 'forbidden', 'forbidden'],
  ] as const) {
    const { calls, alice, bob } = await allowing(features)
    const said = `with ${JSON.stringify(features)}`
    assert.equal(await place(alice, 'bob', true), video, `video ${said}`)
    if (video === 'nothing') {
      await (await calls.ring(alice)).hangUp()
      await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
    }
    assert.isUndefined(alice.client.call.value)
    assert.equal(await place(alice, 'bob', false), voice, `voice ${said}`)
  }
})

test('a call that is not allowed is refused before anybody is asked to agree to a direct one', async () => {
  const { alice } = await allowing([])
  assert.equal(await codeOf(alice.client.placeCall('bob')), 'forbidden')
})

test('nobody answers as the site does not let them, but may answer a video call by voice: then it is a voice call for both', async () => {
  const { calls, alice, bob } = await allowing(['call.voice'])
  const placed = await bob.client.placeCall('alice', { video: true, direct })
  const rung = await calls.ring(alice)
  assert.equal(await codeOf(rung.answer({ video: true, direct })), 'forbidden')
  assert.equal(rung.state.value.phase, 'rung')
  await rung.answer({ direct })
  await calls.phase([rung, placed], 'connected')
  assert.deepEqual(
    [placed, rung].map(({ state }) => state.value.video),
    [false, false],
  )
  assert.deepEqual(
    [bob, alice].map(({ media }) => media.opened.map(({ options: { video } }) => video)),
    [[false], [false]],
  )
  assert.equal(await codeOf(rung.set({ camera: true })), 'forbidden')
  assert.isFalse(rung.sources.value.camera)
  assert.equal(await codeOf(placed.set({ camera: true })), 'call-refused')
  assert.isFalse(placed.sources.value.camera)
})

test('who may be seen and answers a video call by voice sees all the same', async () => {
  const { calls, alice, bob } = await allowing(['call.video'])
  const placed = await bob.client.placeCall('alice', { video: true, direct })
  const rung = await calls.ring(alice)
  await rung.answer({ direct })
  await calls.phase([rung, placed], 'connected')
  assert.deepEqual(
    [bob, alice].map(({ media }) => media.opened.map(({ options: { video } }) => video)),
    [[true], [false]],
  )
  await rung.set({ camera: true })
  assert.isTrue(rung.sources.value.camera)
})

test('who may make no call declines, and captures nothing', async () => {
  const { calls, alice, bob } = await allowing(['other'])
  const call = await bob.client.placeCall('alice', { direct })
  const rung = await calls.ring(alice)
  assert.equal(await codeOf(rung.answer({ direct })), 'forbidden')
  await rung.decline()
  await calls.phase([call], 'over')
  assert.deepEqual([alice.media.opened.length, bob.media.opened.length], [0, 0])
})

test('a voice call becomes no video call where the site does not allow one', async () => {
  const { calls, alice, bob } = await allowing(['call.voice'])
  const { call, theirs } = await calls.connected(alice, bob)
  assert.equal(await codeOf(call.askVideo()), 'forbidden')
  await theirs.askVideo()
  await calls.time.until(() => call.state.value.asks === 'they')
  assert.equal(await codeOf(call.agreeVideo()), 'forbidden')
  await call.refuseVideo()
  await calls.time.until(() => theirs.state.value.asks === 'nobody')
  assert.isFalse(call.state.value.video || theirs.state.value.video)
  assert.equal(await codeOf(call.set({ screen: true })), 'forbidden')
  assert.isFalse(call.sources.value.screen)
  await theirs.set({ screen: true })
  await calls.time.until(() => call.theirSources.value.screen)
})

test('a call placed before the site has answered waits for its word', async () => {
  for (const [features, outcome] of [
    [['call.video'], 'nothing'],
    [['call.voice'], 'forbidden'],
  ] as const) {
    const { calls, alice } = await allowing()
    await alice.client.close()
    let answer = () => undefined as void
    const answered = new Promise<void>((resolve) => (answer = resolve))
    let asked = false
    const token = tokenOf(calls, 'alice', features)
    const client = await alice.installation.open({
      media: alice.media,
      token: async () => {
        asked = true
        await answered
        return token()
      },
    })
    await until(async () => {
      await calls.time.advance(200)
      return asked
    })
    assert.isUndefined(featuresOf(client))
    const placed = codeOf(client.placeCall('bob', { video: true, direct }))
    answer()
    assert.equal(await placed, outcome)
  }
})

test('a call that was placed through a server is not led past it by a backend that names none any more', async () => {
  for (const names of [[server], []]) {
    const { calls, alice, bob } = await allowing()
    const { network } = calls.world
    network.servers = [server]
    const call = await alice.client.placeCall('bob')
    const rung = await calls.ring(bob)
    network.servers = names
    await rung.answer({ direct })
    await calls.phase([call], 'connected')
    const [session] = alice.media.opened
    assert.isTrue(session?.options.relayOnly)
    await session?.restart()
    assert.deepEqual(session?.servers, [server])
  }
})
