import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { CallWorld } from '../support/callers.js'
import { codeOf } from '../support/code-of.js'

test('devices that were chosen are used by the next call, of every tab, and after a restart', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const other = await calls.open(alice.installation)
  await alice.client.callDevices.choose({ microphone: 'headset', camera: 'front', speaker: 'loud' })
  await alice.client.callDevices.choose({ camera: '' })
  const chosen = { microphone: 'headset', speaker: 'loud' }
  assert.deepEqual(alice.client.callDevices.chosen.value, chosen)
  await calls.time.until(() => other.client.callDevices.chosen.value.microphone === 'headset')
  await calls.connected(other, bob)
  assert.equal(other.media.opened[0]?.options.devices?.microphone, 'headset')
  assert.isUndefined(other.media.opened[0]?.options.devices?.camera)
  assert.deepEqual(bob.media.opened[0]?.options.devices, {}, 'his are his own')
  await Promise.all([alice.client.close(), other.client.close()])
  const again = await calls.open(alice.installation)
  assert.deepEqual(again.client.callDevices.chosen.value, chosen)
})

test('a device that was chosen in a call is used by later ones', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call } = await calls.connected(alice, bob)
  await call.set({}, { microphone: 'headset' })
  assert.equal(alice.media.opened[0]?.devices.microphone, 'headset')
  assert.deepEqual(alice.client.callDevices.chosen.value, { microphone: 'headset' })
  await call.hangUp()
  await calls.phase([call], 'over')
  await calls.connected(alice, bob)
  assert.equal(alice.media.opened[1]?.options.devices?.microphone, 'headset')
})

test('a check takes what was chosen, keeps what is chosen in it, and is let go when it is closed', async () => {
  const calls = await CallWorld.make()
  const { client, media } = await calls.person('alice')
  await client.callDevices.choose({ microphone: 'headset' })
  assert.isEmpty(media.checks, 'nothing before it is asked for')
  const check = await client.callDevices.check({ video: true })
  assert.deepEqual(check.sources.value, { microphone: true, camera: true })
  assert.equal(media.checks[0]?.devices.microphone, 'headset')
  await check.set({}, { camera: 'front' })
  assert.equal(media.checks[0]?.devices.camera, 'front')
  assert.deepEqual(client.callDevices.chosen.value, { microphone: 'headset', camera: 'front' })
  assert.isFalse(media.checks[0]?.closed)
  check.close()
  assert.isTrue(media.checks[0]?.closed)
  assert.isEmpty(media.opened)
})

test('a check ends when somebody calls, in the tab that nobody calls from too; there is none in a call', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const his = await calls.open(bob.installation)
  await bob.client.callDevices.check()
  await his.client.callDevices.check()
  await alice.client.callDevices.check()
  const call = await alice.client.placeCall('bob', { direct: true })
  assert.isTrue(alice.media.checks[0]?.closed, 'who calls')
  await calls.ring(bob)
  await calls.ring(his)
  assert.isTrue(bob.media.checks[0]?.closed && his.media.checks[0]?.closed)
  assert.equal(await codeOf(bob.client.callDevices.check()), 'call-refused')
  await call.hangUp()
  await calls.phase([call], 'over')
  await calls.time.until(() => bob.client.call.value === undefined)
  await bob.client.callDevices.check()
  assert.isFalse(bob.media.checks[1]?.closed, 'the control')
})

test('a check that comes too late is let go at once', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  let give = (): void => undefined
  const given = new Promise<void>((resolve) => (give = resolve))
  const real = bob.media.check.bind(bob.media)
  bob.media.check = async (options) => {
    await given
    return real(options)
  }
  const checking = codeOf(bob.client.callDevices.check())
  await alice.client.placeCall('bob', { direct: true })
  await calls.ring(bob)
  give()
  assert.equal(await checking, 'call-refused')
  assert.isTrue(bob.media.checks[0]?.closed)
})

test('another check takes the place of the one before, and an aborted one has no camera on', async () => {
  const calls = await CallWorld.make()
  const { client, media } = await calls.person('alice')
  const over = new AbortController()
  await client.callDevices.check()
  await client.callDevices.check({ signal: over.signal })
  assert.deepEqual(
    media.checks.map(({ closed }) => closed),
    [true, false],
  )
  over.abort()
  assert.isTrue(media.checks[1]?.closed)
  assert.match(await codeOf(client.callDevices.check({ signal: over.signal })), /AbortError/)
  assert.lengthOf(media.checks, 2)
})

test('closing the client lets a check go, and begins none', async () => {
  const calls = await CallWorld.make()
  const { client, media } = await calls.person('alice')
  await client.callDevices.check()
  await client.close()
  assert.isTrue(media.checks[0]?.closed)
  assert.equal(await codeOf(client.callDevices.check()), 'call-refused')
})

test('a check says why there is none, as capturing does, and what the site does not allow', async () => {
  const calls = await CallWorld.make()
  const { client, media } = await calls.person('alice')
  media.refusal = new SottoError('media-in-use')
  assert.equal(await codeOf(client.callDevices.check()), 'media-in-use')
  const none = await calls.world.installation('bob').open()
  assert.equal(await codeOf(none.callDevices.check()), 'call-refused')
  const token = async () => calls.world.network.token('carol', ['call.voice'])
  const carol = await calls.open(calls.world.installation('carol'), { token })
  assert.equal(await codeOf(carol.client.callDevices.check({ video: true })), 'forbidden')
  await carol.client.callDevices.check()
  assert.lengthOf(carol.media.checks, 1)
})

test('what is no name of a device is not kept', async () => {
  const calls = await CallWorld.make()
  const { client } = await calls.person('alice')
  assert.equal(await codeOf(client.callDevices.choose({ camera: 'x'.repeat(257) })), 'wrong-argument')
  assert.deepEqual(client.callDevices.chosen.value, {})
})
