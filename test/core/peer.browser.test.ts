import { assert, test } from '#test'
import { close, connected, ends, pause } from '../support/peer-ends.js'
import { framesWithin, shades } from '../support/seen-and-heard.js'
import { until } from '../support/until.js'

test('two ends of every browser connect, see each other, and turn cameras off and on', async () => {
  const { caller, answering, refused } = await ends({ video: true })
  await connected(caller, answering)
  assert.deepEqual(refused, [])
  assert.isAbove(await shades(caller.streams.value.remote, 10), 10)
  assert.isAbove(await shades(answering.streams.value.remote, 10), 10)
  await caller.set({ camera: false })
  await pause(500)
  assert.isBelow(await framesWithin(answering.streams.value.remote, 500), 2)
  await caller.set({ camera: true })
  assert.isAbove(await shades(answering.streams.value.remote, 10), 10)
  close(caller, answering)
})

test('both ends of every browser may look for another way at once', async () => {
  const { caller, answering, refused, said } = await ends()
  await connected(caller, answering)
  const answers = () => said.filter(({ media }) => media.type === 'answer').length
  const before = answers()
  await Promise.all([caller.restart(), answering.restart()])
  await until(() => answers() > before, 20_000)
  await pause(1_000)
  assert.deepEqual(refused, [])
  assert.deepEqual([caller.link.value, answering.link.value], ['connected', 'connected'])
  close(caller, answering)
})

test('whichever end hangs up, the other one hears it', async () => {
  for (const who of ['caller', 'answering'] as const) {
    const both = await ends()
    await connected(both.caller, both.answering)
    both[who].close()
    const other = who === 'caller' ? both.answering : both.caller
    await until(() => other.link.value === 'left', 5_000)
  }
})
