import { manualTime } from '@sotto/core/memory'
import type { MediaServer } from '@sotto/core/ports'
import { assert, test } from '#test'
import type { Announcement } from '../../packages/core/src/announcements.js'
import { SharedServers } from '../../packages/core/src/calls/shared-servers.js'
import { codeOf } from '../support/code-of.js'

const servers: readonly MediaServer[] = [{ urls: ['turn:a.example'], username: 'one', credential: 'two' }]

/** Tabs that hear each other; the one of that number leads. */
function tabs(count: number, answersAfterMs: number) {
  const time = manualTime()
  const state = { leader: 0, asked: 0, said: 0 }
  const all: SharedServers[] = Array.from(
    { length: count },
    (_, place) =>
      new SharedServers({
        time,
        leads: () => state.leader === place,
        list: async () => {
          state.asked++
          await time.sleep(answersAfterMs)
          return servers
        },
        announce(what: Announcement) {
          if (what.kind !== 'servers' && what.kind !== 'servers-wanted') return
          state.said++
          queueMicrotask(() => all.forEach((one) => one.hear(what)))
        },
      }),
  )
  return { time, state, all }
}

test('a backend that takes its time is asked once for a tab that does not lead, however often that tab asks', async () => {
  const { time, state, all } = tabs(2, 4_500)
  let named: readonly MediaServer[] | undefined
  void all[1]?.list().then((one) => (named = one))
  await time.until(() => named !== undefined)
  assert.deepEqual(named, servers)
  assert.equal(state.asked, 1)
})

test('a tab that takes the lead while it asks names the servers itself, and nobody is waited for when nobody leads', async () => {
  const { time, state, all } = tabs(2, 10)
  state.leader = 7
  let named: readonly MediaServer[] | undefined
  void all[1]?.list().then((one) => (named = one))
  await time.advance(1_500)
  assert.isUndefined(named)
  state.leader = 1
  await time.advance(1_000)
  assert.deepEqual(named, servers)

  state.leader = 7
  let code: unknown
  const began = time.now()
  void codeOf(all[1]?.list() ?? Promise.resolve()).then((one) => (code = one))
  await time.until(() => code !== undefined)
  assert.equal(code, 'offline')
  assert.equal(time.now() - began, 10_000)
  const { said } = state
  await time.advance(20_000)
  assert.equal(state.said, said, 'it asks no more')
})
