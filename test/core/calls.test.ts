import { run } from '@sotto/core'
import { limits } from '@sotto/protocol'
import { assert, test } from '#test'
import { applyEvent } from '../../packages/core/src/calls/call-commits.js'
import { CallWorld, linesOf } from '../support/callers.js'
import { codeOf } from '../support/code-of.js'
import { watch } from '../support/people.js'

test('a voice call rings, is answered, connects and is hung up, and both threads say so', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const [hers, his] = [watch(alice.client, 'bob'), watch(bob.client, 'alice')]
  const call = await alice.client.placeCall('bob', { direct: true })
  assert.equal(call.state.value.phase, 'ringing')
  const rung = await calls.ring(bob)
  assert.equal(rung.state.value.phase, 'rung')
  assert.deepEqual([alice.media.opened.length, bob.media.opened.length], [0, 0], 'nothing before accept')
  await rung.answer({ direct: true })
  await calls.phase([call, rung], 'connected')
  assert.isTrue(call.state.value.here && rung.state.value.here)
  await calls.time.advance(65_000)
  await rung.hangUp()
  await calls.phase([call, rung], 'over')
  assert.deepEqual([call.state.value.outcome, rung.state.value.outcome], ['answered', 'answered'])
  assert.isTrue(alice.media.opened.every((one) => one.closed) && bob.media.opened.every((one) => one.closed))
  assert.isUndefined(alice.client.call.value)
  await calls.time.until(() => linesOf(his.items)[0] === '< voice answered')
  assert.deepEqual(linesOf(hers.items), ['> voice answered'])
  const [line] = his.items.filter((one) => one.kind === 'call')
  assert.isAtLeast(line?.durationMs ?? 0, 65_000)
})

test('the history has the last calls of all conversations, newest first, without what was deleted', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const carol = await calls.person('carol')
  await calls.introduce(carol, bob)
  let seen: readonly string[] = []
  bob.client.callHistory.subscribe((state) => {
    const all = state.name === 'read' ? state.records : []
    seen = all.map((one) => `${one.account} ${one.item.outcome ?? 'now'}`)
  })
  for (const who of [alice, carol]) {
    const call = await who.client.placeCall('bob', { direct: true })
    await (await calls.ring(bob)).decline()
    await calls.phase([call], 'over')
  }
  await calls.time.until(() => seen.length === 2 && seen.every((one) => one.endsWith('declined')))
  assert.deepEqual(seen, ['carol declined', 'alice declined'])
  await bob.client.conversation('carol').delete()
  await calls.time.until(() => seen.length === 1)
})

test('a call is declined, and nothing was ever captured', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const call = await alice.client.placeCall('bob', { video: true, direct: true })
  const rung = await calls.ring(bob)
  await rung.decline()
  await calls.phase([call], 'over')
  assert.equal(call.state.value.outcome, 'declined')
  assert.deepEqual([alice.media.opened.length, bob.media.opened.length], [0, 0])
})

test('nobody answers: the caller gives up after 45 s, the other finds a missed call that is unread', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const his = watch(bob.client, 'alice')
  const before = bob.client.conversation('alice').unread.value.count
  const call = await alice.client.placeCall('bob', { direct: true })
  await calls.ring(bob)
  await calls.phase([call], 'over')
  assert.equal(call.state.value.outcome, 'no-answer')
  await calls.time.until(() => linesOf(his.items)[0] === '< voice missed')
  await calls.time.until(() => bob.client.conversation('alice').unread.value.count === before + 1)
})

test('the caller hangs up before anybody answers: it rings no more', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const call = await alice.client.placeCall('bob', { direct: true })
  const rung = await calls.ring(bob)
  await call.hangUp()
  await calls.phase([rung], 'over')
  assert.deepEqual([call.state.value.outcome, rung.state.value.outcome], ['cancelled', 'missed'])
})

test('whoever calls sees that it rings, and says again and again that they call still', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  bob.installation.link.down()
  const call = await alice.client.placeCall('bob', { direct: true })
  await calls.time.advance(2_000)
  assert.isFalse(call.state.value.alerting)
  bob.installation.link.up()
  const rung = await calls.ring(bob)
  await calls.time.until(() => call.state.value.alerting)
  const startedAt = rung.state.value.startedAt
  await calls.time.until(() => calls.time.now() - startedAt > 35_000)
  assert.deepEqual([call.state.value.phase, rung.state.value.phase], ['ringing', 'rung'])
})

test('whoever calls is gone without a word: it rings no more within seconds, and is a missed call', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const call = await alice.client.placeCall('bob', { direct: true })
  const rung = await calls.ring(bob)
  await calls.time.until(() => call.state.value.alerting)
  alice.installation.link.down()
  const goneAt = calls.time.now()
  await calls.phase([rung], 'over')
  assert.equal(rung.state.value.outcome, 'missed')
  assert.isAtMost(calls.time.now() - goneAt, limits.callSilenceMs + 1_000)
})

test('who is in a call is busy for a third, and goes on talking', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const carol = await calls.person('carol')
  await calls.introduce(carol, bob)
  const { theirs } = await calls.connected(alice, bob)
  const third = await carol.client.placeCall('bob', { direct: true })
  await calls.phase([third], 'over')
  assert.equal(third.state.value.outcome, 'busy')
  assert.equal(theirs.state.value.phase, 'connected')
})

for (const [hers, his] of [
  [false, false],
  [true, true],
  [true, false],
] as const) {
  const kinds = [hers, his].map((video) => (video ? 'video' : 'voice')).join(' and ')
  test(`both call at once, ${kinds}: one call remains, both are in it, and it is video if both meant so`, async () => {
    const calls = await CallWorld.make()
    const { alice, bob } = await calls.contacts()
    await Promise.all([
      alice.client.placeCall('bob', { direct: true, video: hers }),
      bob.client.placeCall('alice', { direct: true, video: his }),
    ])
    const both = () => [alice.client.call.value, bob.client.call.value]
    await calls.time.until(() => both().every((one) => one?.state.value.phase === 'connected'), 200_000)
    assert.equal(both()[0]?.id, both()[1]?.id)
    assert.deepEqual(
      both().map((one) => one?.state.value.video),
      [hers && his, hers && his],
    )
    const cameras = [alice, bob].flatMap(({ media }) => media.opened.map(({ options }) => options.video))
    assert.deepEqual(cameras, [hers && his, hers && his])
  })
}

test('all devices ring; the first to accept has it, the others hear that it was answered elsewhere', async () => {
  const { calls, alice, bob, tablet } = await CallWorld.withTablet()
  const call = await alice.client.placeCall('bob', { direct: true })
  const [phone, other] = [await calls.ring(bob), await calls.ring(tablet)]
  await other.answer({ direct: true })
  await calls.phase([call, other], 'connected')
  await calls.phase([phone], 'over')
  assert.equal(phone.state.value.outcome, 'elsewhere')
  assert.lengthOf(bob.media.opened, 0)
})

test('a call that is declined on one device is declined on the others', async () => {
  const { calls, alice, bob, tablet } = await CallWorld.withTablet()
  await alice.client.placeCall('bob', { direct: true })
  const [phone, other] = [await calls.ring(bob), await calls.ring(tablet)]
  await other.decline()
  await calls.phase([phone], 'over')
  assert.equal(phone.state.value.outcome, 'declined')
})

test('of a call that another device placed the thread says what came of it, whoever ends it', async () => {
  const { calls, alice, bob, tablet } = await CallWorld.withTablet()
  const seen = watch(tablet.client, 'alice')
  const last = () => linesOf(seen.items).at(-1)
  for (const [end, said] of [
    ['hang up', '> voice answered'],
    ['they hang up', '> voice answered'],
    ['decline', '> voice declined'],
    ['cancel', '> voice cancelled'],
    ['nobody', '> voice no-answer'],
  ] as const) {
    const call = await bob.client.placeCall('alice', { direct: true })
    const theirs = await calls.ring(alice)
    await calls.time.until(() => last() === '> voice elsewhere')
    if (end === 'decline') await theirs.decline()
    else if (end === 'cancel') await call.hangUp()
    else if (end !== 'nobody') {
      await theirs.answer({ direct: true })
      await calls.phase([call, theirs], 'connected')
      await calls.time.advance(2_000)
      await (end === 'hang up' ? call : theirs).hangUp()
    }
    await calls.phase([call, theirs], 'over')
    await calls.time.until(() => last() === said)
    await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
  }
})

test('another tab of the same browser hangs up, before and after the call is answered', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const second = await calls.open(alice.installation)
  for (const outcome of ['cancelled', 'answered']) {
    const call = await alice.client.placeCall('bob', { direct: true })
    const theirs = await calls.ring(bob)
    if (outcome === 'answered') {
      await theirs.answer({ direct: true })
      await calls.phase([call, theirs], 'connected')
    }
    const shown = await calls.ring(second, outcome === 'answered' ? 'connected' : 'ringing')
    await shown.hangUp()
    await calls.phase([call, theirs, shown], 'over')
    assert.equal(call.state.value.outcome, outcome)
    assert.isTrue(alice.media.opened.every((one) => one.closed))
    await calls.time.until(() => bob.client.call.value === undefined)
  }
})

test('voice becomes video when the other side agrees, and not when it refuses', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call, theirs } = await calls.connected(alice, bob)
  assert.equal(await codeOf(call.set({ camera: true })), 'call-refused')
  await call.askVideo()
  await calls.time.until(() => theirs.state.value.asks === 'they')
  await theirs.refuseVideo()
  await calls.time.until(() => call.state.value.asks === 'nobody')
  assert.isFalse(call.state.value.video)
  await theirs.askVideo()
  await calls.time.until(() => call.state.value.asks === 'they')
  await call.agreeVideo()
  await calls.time.until(() => call.sources.value.camera && theirs.sources.value.camera)
  assert.isTrue(call.state.value.video && theirs.state.value.video)
})

test('a video call is answered without a camera: it is seen all the same, and a camera can come later', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const call = await alice.client.placeCall('bob', { video: true, direct: true })
  const theirs = await calls.ring(bob)
  await theirs.answer({ direct: true })
  await calls.phase([call, theirs], 'connected')
  assert.isTrue(call.sources.value.camera && theirs.state.value.video)
  await calls.time.until(() => !call.theirSources.value.camera)
  await theirs.set({ camera: true })
  await calls.time.until(() => call.theirSources.value.camera)
})

test('who is blocked in a call, or while it rings, is in it no more', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call, theirs } = await calls.connected(alice, bob)
  await bob.client.conversation('alice').block()
  await calls.phase([call, theirs], 'over')
  await bob.client.conversation('alice').unblock()
  const again = await alice.client.placeCall('bob', { direct: true })
  const rung = await calls.ring(bob)
  await bob.client.conversation('alice').block()
  await calls.phase([rung], 'over')
  await again.hangUp()
})

test('what is on at one side is known at the other', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call, theirs } = await calls.connected(alice, bob)
  await call.set({ microphone: false })
  await calls.time.until(() => !theirs.theirSources.value.microphone)
  assert.isTrue(call.theirSources.value.microphone)
})

test('what goes off by itself at one side is known at the other: a device that was pulled out, a screen that the browser’s own "stop" ended', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call, theirs } = await calls.connected(alice, bob, true)
  await call.set({ screen: true })
  const off = { microphone: false, camera: false, screen: false }
  for (const [now, source] of [
    [{ ...off, microphone: true, camera: true }, 'screen'],
    [{ ...off, microphone: true }, 'camera'],
    [off, 'microphone'],
  ] as const) {
    await calls.time.until(() => theirs.theirSources.value[source])
    alice.media.opened[0]?.sources.set(now)
    await calls.time.until(() => !theirs.theirSources.value[source])
  }
  assert.equal(theirs.state.value.phase, 'connected')
})

test('a connection that is lost comes back within 30 s, or the call is over', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call, theirs } = await calls.connected(alice, bob)
  const [session] = alice.media.opened
  session?.cut()
  await calls.phase([call], 'lost')
  await session?.restart()
  await calls.phase([call], 'connected')
  session?.cut()
  await calls.phase([call, theirs], 'over')
  assert.deepEqual([call.state.value.outcome, theirs.state.value.outcome], ['lost', 'lost'])
})

test('the other end is gone: the call is over at once', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call } = await calls.connected(alice, bob)
  bob.media.opened[0]?.close()
  await calls.phase([call], 'over')
})

test('a second tab shows the call, and ends it when the tab that has it dies', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const second = await calls.open(bob.installation)
  const { call } = await calls.connected(alice, bob)
  const shown = await calls.ring(second, 'connected')
  assert.isFalse(shown.state.value.here)
  await bob.client.close()
  await calls.phase([call, shown], 'over')
  assert.equal(shown.state.value.outcome, 'answered')
})

test('a tab that hung up and died before it could say so: another one knows what the call came to', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const call = await alice.client.placeCall('bob', { direct: true })
  await calls.ring(bob)
  const [own, now] = [await calls.world.deviceOn(alice.installation), calls.time.now()]
  await run(await alice.installation.sealed(), (rows) =>
    applyEvent(rows, call.id, { name: 'hang-up' }, { own, now }),
  )
  // What was told before it is read after it.
  const { channels } = alice.installation
  channels.open('test-alice').post({ kind: 'call', account: 'bob', call: call.id, effects: [] })
  await calls.phase([call], 'over')
  assert.equal(call.state.value.outcome, 'cancelled')
})

test('where no server passes media on, a call waits for the person’s word, once', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  assert.equal(await codeOf(alice.client.placeCall('bob')), 'call-direct')
  assert.isUndefined(alice.client.call.value)
  const { call } = await calls.connected(alice, bob)
  await call.hangUp()
  await calls.time.until(() => alice.client.call.value === undefined && bob.client.call.value === undefined)
  assert.equal((await alice.client.placeCall('bob')).state.value.phase, 'ringing')
})

test('a stranger cannot be called, and nobody twice at once', async () => {
  const calls = await CallWorld.make()
  const { alice } = await calls.contacts()
  assert.equal(await codeOf(alice.client.placeCall('nobody', { direct: true })), 'call-refused')
  await alice.client.placeCall('bob', { direct: true })
  assert.equal(await codeOf(alice.client.placeCall('bob', { direct: true })), 'call-refused')
})

test('a ring that comes later than a minute is a missed call', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const his = watch(bob.client, 'alice')
  bob.installation.link.down()
  const calledAt = calls.time.now()
  await alice.client.placeCall('bob', { direct: true })
  await calls.time.advance(61_000)
  bob.installation.link.up()
  await calls.time.until(() => linesOf(his.items)[0] === '< voice missed')
  assert.isUndefined(bob.client.call.value)
  // It says when she called, not when he was back.
  const [line] = his.items.filter((one) => one.kind === 'call')
  assert.isBelow(Math.abs((line?.at ?? 0) - calledAt), 2_000)
})

test('a device that cannot be had ends the call at both sides, and says why', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { SottoError } = await import('@sotto/protocol')
  bob.media.refusal = new SottoError('no-microphone')
  const call = await alice.client.placeCall('bob', { direct: true })
  const rung = await calls.ring(bob)
  await rung.answer({ direct: true })
  await calls.phase([call, rung], 'over')
  assert.equal(rung.state.value.error?.code, 'no-microphone')
  assert.equal(call.state.value.outcome, 'failed')
})
