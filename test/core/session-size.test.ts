import { assert, test } from '#test'
import { memoryStore } from '@sotto/core/memory'
import { createSignalCipher } from '@sotto/signal'
import { equalBytes, utf8 } from '@sotto/protocol'
import { keptDevices } from '../support/kept-device.js'
import { Talk, type Ends } from '../support/talk.js'

const text = utf8('as long as a line')

test('a session stays under 64 KB, however many messages never come', async () => {
  const devices = await keptDevices(await createSignalCipher(), () => memoryStore())
  const [alice, bob] = devices
  const ends: Ends<Uint8Array> = {
    write: (side) => devices[side].write(devices[side === 0 ? 1 : 0].other, text),
    read: async (side, envelope) => {
      const came = await devices[side].read(devices[side === 0 ? 1 : 0].other, envelope)
      assert.isTrue(equalBytes(came, text))
    },
  }
  const talk = new Talk(ends, 'lossy')
  const largest = []
  // A key is 40 bytes: without a bound, what never came would pass it in the second half.
  for (let half = 0; half < 2; half++) {
    await talk.goOn(2_000)
    const sizes = [...(await alice.sessionSizes(bob.other)), ...(await bob.sessionSizes(alice.other))]
    assert.lengthOf(sizes, 2)
    largest.push(Math.max(...sizes))
  }
  assert.isBelow(Math.max(...largest), 64_000)
  assert.isAbove(Math.min(...largest), 35_000, 'else it was no such talk')
})
