import { assert, test } from '#test'
import { CallWorld, linesOf } from '../support/callers.js'
import { watch } from '../support/people.js'

test('a call that is declined on one device while it is answered on another: that one lets go at once, and says so', async () => {
  const { calls, alice, bob, tablet } = await CallWorld.withTablet()
  const call = await alice.client.placeCall('bob', { direct: true })
  const [phone, other] = [await calls.ring(bob), await calls.ring(tablet)]
  const began = calls.time.now()
  // The browser asks there for the microphone.
  const open = bob.media.open.bind(bob.media)
  let allow = () => undefined as void
  const allowed = new Promise<void>((resolve) => (allow = resolve))
  bob.media.open = (options) => allowed.then(() => open(options))
  await phone.answer({ direct: true })
  await other.decline()
  await calls.phase([call, other], 'over')
  allow()
  await calls.phase([phone], 'over')
  assert.isBelow(calls.time.now() - began, 5_000)
  assert.deepEqual(
    [call, phone, other].map(({ state }) => state.value.outcome),
    ['declined', 'declined', 'declined'],
  )
  assert.isTrue(bob.media.opened.every((one) => one.closed))
})

test('when the other end goes, no device of ours is said to be gone', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call } = await calls.connected(alice, bob, true)
  const [session] = alice.media.opened
  const seen: boolean[] = []
  call.sources.subscribe(({ microphone }) => seen.push(microphone))
  session?.link.set('left')
  // What ends lets go of all that it had.
  session?.sources.set({ microphone: false, camera: false, screen: false })
  assert.deepEqual(seen, [true])
  await calls.phase([call], 'over')
  assert.deepEqual(seen, [true])
})

test('media that fail with an error of their own end the call at both sides within seconds, and the next call goes', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const open = bob.media.open.bind(bob.media)
  const cause = new TypeError('none of ours')
  bob.media.open = () => Promise.reject(cause)
  const call = await alice.client.placeCall('bob', { direct: true })
  const theirs = await calls.ring(bob)
  const began = calls.time.now()
  await theirs.answer({ direct: true })
  await calls.phase([call, theirs], 'over')
  assert.isBelow(calls.time.now() - began, 5_000)
  assert.deepEqual([call.state.value.outcome, theirs.state.value.outcome], ['failed', 'failed'])
  assert.equal(theirs.state.value.error?.code, 'call-refused')
  assert.equal(theirs.state.value.error?.cause, cause)
  bob.media.open = open
  await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
  await calls.connected(alice, bob)
})

test('what the media make of a signal of the other side, whatever error it is, ends nothing: they go on', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const { call, theirs } = await calls.connected(alice, bob)
  const [session] = alice.media.opened
  const [other] = bob.media.opened
  if (session === undefined || other === undefined) throw new Error('no media')
  const taken: string[] = []
  session.take = async ({ type }) => {
    taken.push(type)
    if (taken.length === 1) throw new TypeError('none of ours')
  }
  other.options.onsignal({ type: 'restart' })
  other.options.onsignal({ type: 'restart' })
  await calls.time.until(() => taken.length === 2)
  assert.deepEqual([call.state.value.phase, theirs.state.value.phase], ['connected', 'connected'])
  await call.hangUp()
  await calls.phase([call, theirs], 'over')
  assert.isTrue(session.closed)
})

test('both call at once: a device that only rang has not missed a call that its person is in', async () => {
  const { calls, alice, bob, tablet } = await CallWorld.withTablet()
  const seen = watch(tablet.client, 'alice')
  const winners = new Set<boolean>()
  while (winners.size < 2) {
    await Promise.all([
      alice.client.placeCall('bob', { direct: true }),
      bob.client.placeCall('alice', { direct: true }),
    ])
    const both = () => [alice.client.call.value, bob.client.call.value]
    await calls.time.until(() => both().every((one) => one?.state.value.phase === 'connected'), 200_000)
    const [hers, his] = both()
    if (hers === undefined || his === undefined) throw new Error('no call')
    winners.add(hers.mine)
    await calls.time.until(() => tablet.client.call.value === undefined)
    await hers.hangUp()
    await calls.phase([hers, his], 'over')
    await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
    await calls.time.advance(2_000)
  }
  const lines = linesOf(seen.items)
  assert.isAtLeast(lines.length, 4)
  assert.isEmpty(lines.filter((one) => one.includes('missed') || one.includes('now')))
  assert.equal(tablet.client.conversation('alice').unread.value.count, 0)
})

test('the leading tab goes while it rings, and another one goes while the third has the call: it goes on, changes, and is hung up', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const [second, third] = [await calls.open(bob.installation), await calls.open(bob.installation)]
  const call = await alice.client.placeCall('bob', { direct: true })
  await calls.ring(bob)
  const theirs = await calls.ring(third)
  await bob.client.close()
  // Whoever leads now has come so far that it sends.
  const seen = watch(alice.client, 'bob')
  await third.client.conversation('alice').send('one moment')
  await calls.time.until(() => seen.texts().includes('< one moment'))
  let answered = false
  void theirs.answer({ direct: true }).then(() => (answered = true))
  await calls.time.until(() => answered)
  await calls.phase([call, theirs], 'connected')
  await second.client.close()
  await calls.time.advance(20_000)
  assert.deepEqual([call.state.value.phase, theirs.state.value.phase], ['connected', 'connected'])
  await theirs.askVideo()
  await calls.time.until(() => call.state.value.asks === 'they')
  await call.agreeVideo()
  await calls.time.until(() => theirs.state.value.video)
  await theirs.hangUp()
  await calls.phase([call, theirs], 'over')
  assert.deepEqual([call.state.value.outcome, theirs.state.value.outcome], ['answered', 'answered'])
  assert.isTrue([...alice.media.opened, ...third.media.opened].every((one) => one.closed))
})

test('two tabs answer in the same moment: one has the call, the other one captures nothing', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const second = await calls.open(bob.installation)
  const call = await alice.client.placeCall('bob', { direct: true })
  const both = [await calls.ring(bob), await calls.ring(second)]
  const answers = await Promise.allSettled(both.map((one) => one.answer({ direct: true })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await calls.phase([call, ...both], 'connected')
  assert.lengthOf([...bob.media.opened, ...second.media.opened], 1)
  assert.lengthOf(
    both.filter(({ state }) => state.value.here),
    1,
  )
  await call.hangUp()
  await calls.phase([call, ...both], 'over')
})

test('both hang up in the same moment, and a call that was just hung up is followed by another at once', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  for (let turn = 0; turn < 3; turn++) {
    const { call, theirs } = await calls.connected(alice, bob)
    await Promise.allSettled([call.hangUp(), theirs.hangUp()])
    const again = await alice.client.placeCall('bob', { direct: true })
    await calls.phase([call, theirs], 'over')
    const rung = await calls.ring(bob, 'rung')
    assert.equal(rung.id, again.id)
    await Promise.allSettled([again.hangUp(), rung.decline()])
    await calls.phase([again, rung], 'over')
    assert.include(['cancelled', 'declined'], again.state.value.outcome)
    assert.include(['missed', 'declined'], rung.state.value.outcome)
    await calls.time.until(() => [alice, bob].every(({ client }) => client.call.value === undefined))
  }
  assert.isTrue([...alice.media.opened, ...bob.media.opened].every((one) => one.closed))
})
