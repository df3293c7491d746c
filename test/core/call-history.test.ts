import { run, type CallHistoryState } from '@sotto/core'
import { randomBytes, toHex } from '@sotto/protocol'
import { assert, test } from '#test'
import { putLine } from '../../packages/core/src/calls/call-lines.js'
import { callHistoryRows } from '../../packages/core/src/calls/call-row.js'
import type { RowReader } from '../../packages/core/src/store/rows.js'
import { CallWorld } from '../support/callers.js'
import { unreadable } from '../support/unreadable-store.js'

const readHistory = (rows: RowReader) => callHistoryRows.list(rows, { prefix: 'all', limit: 1000 })

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
  const kept = await run(store, readHistory)
  assert.deepEqual(
    kept.map(({ row }) => row.key),
    lines.slice(-200),
  )
  const oldest = lines[0] ?? ''
  const shown = await run(store, (rows) => rows.list('messages', { prefix: 'bob', limit: 1000 }))
  assert.isTrue(shown.some(({ key }) => key === oldest))
})

test('a history that the store does not give says so, and is read when it is asked for again', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  const call = await alice.client.placeCall('bob', { direct: true })
  await (await calls.ring(bob)).decline()
  await calls.phase([call], 'over')
  await bob.client.close()
  let broken = true
  const store = await unreadable(bob.installation, readHistory, () => broken)
  const client = await bob.installation.open({ store })
  const states: CallHistoryState[] = []
  client.callHistory.subscribe((state) => states.push(state))
  await calls.time.until(() => states.length === 2)
  assert.deepEqual(states, [{ name: 'loading' }, { name: 'failed', code: 'store-failed' }])
  await client.readCallHistory()
  assert.deepEqual(states.slice(2), [{ name: 'loading' }, { name: 'failed', code: 'store-failed' }])
  broken = false
  await client.readCallHistory()
  const [again, read] = states.slice(4)
  assert.deepEqual(again, { name: 'loading' })
  if (read?.name !== 'read') throw new Error('not read')
  assert.deepEqual(
    read.records.map(({ account, item }) => [account, item.outcome]),
    [['alice', 'declined']],
  )
  broken = true
  await client.readCallHistory()
  assert.equal(client.callHistory.value, read, 'what was read stays')
})

test('a history that could not be read is read when somebody calls', async () => {
  const calls = await CallWorld.make()
  const { alice, bob } = await calls.contacts()
  await bob.client.close()
  let broken = true
  const store = await unreadable(bob.installation, readHistory, () => broken)
  const again = await calls.open(bob.installation, { store })
  const { callHistory } = again.client
  callHistory.subscribe(() => undefined)
  await calls.time.until(() => callHistory.value.name === 'failed')
  broken = false
  const call = await alice.client.placeCall('bob', { direct: true })
  await (await calls.ring(again)).decline()
  await calls.phase([call], 'over')
  await calls.time.until(() => callHistory.value.name === 'read' && callHistory.value.records.length === 1)
})
