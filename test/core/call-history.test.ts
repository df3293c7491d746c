import { run } from '@sotto/core'
import { randomBytes, toHex } from '@sotto/protocol'
import { assert, test } from '#test'
import { putLine } from '../../packages/core/src/calls/call-lines.js'
import { callHistoryRows } from '../../packages/core/src/calls/call-row.js'
import { CallWorld } from '../support/callers.js'

test('the history keeps the last 200 calls; the lines of older ones stay in their threads', async () => {
  const calls = await CallWorld.make()
  const { alice } = await calls.contacts()
  const own = await calls.world.deviceOn(alice.installation)
  const store = await alice.installation.sealed()
  const lines: string[] = []
  for (let i = 0; i < 205; i++) {
    const id = toHex(randomBytes(16))
    const call = { id, account: 'bob', mine: true, video: false, outcome: 'no-answer', own } as const
    lines.push(await run(store, (rows) => putLine(rows, { ...call, now: 1_000_000 + i * 60_000 })))
  }
  const kept = await run(store, (rows) => callHistoryRows.list(rows, { prefix: 'all', limit: 1000 }))
  assert.deepEqual(
    kept.map(({ row }) => row.key),
    lines.slice(-200),
  )
  const oldest = lines[0] ?? ''
  const shown = await run(store, (rows) => rows.list('messages', { prefix: 'bob', limit: 1000 }))
  assert.isTrue(shown.some(({ key }) => key === oldest))
})
