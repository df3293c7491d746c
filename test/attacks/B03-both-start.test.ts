import { assert, test } from '#test'
import type { StampedEnvelope } from '@sotto/protocol'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { until } from '../support/until.js'
import { readSessions } from '../../packages/core/src/sessions/session-rows.js'
import { liveSession } from '../../packages/core/src/sessions/generations.js'
import { run } from '@sotto/core'

test('B03 both start at once: nothing is lost, and both go on in one session', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
    const [alice, bob] = [await alices.online(), await bobs.online()]
    const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
    const held: (readonly [string, StampedEnvelope])[] = []
    relay.hooks.onDeliver = (stamped, device) => {
      held.push([device, stamped])
      return []
    }
    for (let i = 0; i < 10; i++) {
      await alice.conversation('bob').send(`a${i}`)
      await bob.conversation('alice').send(`b${i}`)
    }
    await until(() => held.length >= 20)
    delete relay.hooks.onDeliver
    for (const [device, stamped] of held) relay.inject(device, stamped)
    await until(() => hers.texts().length === 20 && his.texts().length === 20)
    for (let i = 0; i < 30; i++) {
      await alice.conversation('bob').send(`c${i}`)
      await bob.conversation('alice').send(`d${i}`)
    }
    await until(() => hers.texts().length === 80 && his.texts().length === 80)
    const [alicesOwn, bobsOwn] = [await alices.device(), await bobs.device()]
    const live = async (of: typeof alices, other: typeof alicesOwn) =>
      liveSession(await run(await of.sealed(), (rows) => readSessions(rows, other.address)))?.name
    assert.equal(await live(alices, bobsOwn), await live(bobs, alicesOwn))
    assert.isFalse([...hers.items, ...his.items].some((one) => one.kind === 'gap'))
  }))
