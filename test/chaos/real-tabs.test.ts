import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { RealChaos } from '../support/chaos/real-chaos.js'

const cipher = await createSignalCipher()

test('3 people with some tabs each over a real relay: tabs close and crash, the relay is killed, answers are lost, clocks are a year off: all is read in the end (seed 11)', async (context) => {
  const chaos = await RealChaos.start(context, cipher, 11)
  if (chaos === undefined) return
  assert.deepEqual(await chaos.play(36), [], chaos.log.join(', '))
  assert.isAtLeast(chaos.tabsKilled, 2, chaos.log.join(', '))
  assert.isAtLeast(chaos.relayKilled, 1, chaos.log.join(', '))
})

test('control: a relay that says that it has what it has not, and a key that serves twice, are noticed among real tabs', async (context) => {
  const chaos = await RealChaos.start(context, cipher, 12)
  if (chaos === undefined) return
  const faults = new Set((await chaos.lie()).map(({ fault }) => fault))
  for (const fault of ['lost', 'not healed', 'not repaired', 'key used twice'] as const)
    assert.isTrue(faults.has(fault), fault)
})
