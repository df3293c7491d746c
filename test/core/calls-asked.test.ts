import type { Call } from '@sotto/core'
import { limits } from '@sotto/protocol'
import { assert, test } from '#test'
import { CallWorld } from '../support/callers.js'

for (const [who, end, outcome] of [
  ['the one who answered hangs up', ({ theirs }) => theirs.hangUp(), 'failed'],
  ['the one who called hangs up', ({ call }) => call.hangUp(), 'cancelled'],
  // It can say nothing any more: to who called, it is a device on which nobody answered.
  ['the client is closed', ({ bob }) => bob.client.close(), 'no-answer'],
  ['half a minute passes', ({ calls }) => calls.time.advance(limits.callConnectMs + 1_000), 'failed'],
] satisfies readonly (readonly [string, (asked: Asked) => Promise<void>, string])[])
  test(`while the browser asks whether a camera may be used, ${who}: both sides know, and what is given later is let go`, async () => {
    const asked = await whileAsked()
    const { calls, call, theirs, bob, give } = asked
    await end(asked)
    await calls.phase([call, theirs], 'over')
    assert.equal(call.state.value.outcome, outcome)
    give()
    await calls.time.until(() => bob.media.opened.length === 1)
    await calls.time.until(() => bob.media.opened[0]?.closed === true)
    assert.lengthOf(asked.alice.media.opened, 0)
  })

interface Asked extends Awaited<ReturnType<CallWorld['contacts']>> {
  readonly calls: CallWorld
  readonly call: Call
  readonly theirs: Call
  /** The person says yes. */
  readonly give: () => void
}

/** Alice calls Bob, who answers, and has yet to let his browser use the camera. */
async function whileAsked(): Promise<Asked> {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  let give = (): void => undefined
  const given = new Promise<void>((resolve) => (give = resolve))
  const open = bob.media.open.bind(bob.media)
  let isAsked = false
  bob.media.open = async (options) => {
    isAsked = true
    await given
    return open(options)
  }
  const call = await alice.client.placeCall('bob', { video: true, direct: true })
  const theirs = await calls.ring(bob)
  await theirs.answer({ video: true, direct: true })
  await calls.time.until(() => isAsked)
  return { calls, alice, bob, call, theirs, give }
}
