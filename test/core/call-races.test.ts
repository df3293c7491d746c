import { assert, test } from '#test'
import { CallWorld } from '../support/callers.js'

test('a call that is declined on one device while it is answered on another: that one lets go at once, and says so', async () => {
  const { calls, alice, bob, tablet } = await CallWorld.withTablet()
  const call = await alice.client.placeCall('bob', { direct: true })
  const [phone, other] = [await calls.ring(bob), await calls.ring(tablet)]
  const began = calls.time.now()
  await Promise.all([other.decline(), phone.answer({ direct: true })])
  await calls.phase([call, phone, other], 'over')
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
