import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { Chaos } from '../support/chaos/chaos.js'

const cipher = await createSignalCipher()

async function withChaos(seed: number, people: number, work: (chaos: Chaos) => Promise<void>): Promise<void> {
  const chaos = await Chaos.start(cipher, seed, people)
  try {
    await work(chaos)
  } finally {
    await chaos.end()
  }
}

for (const [seed, people, steps] of [
  // What waited for a usable key took a number with each try.
  [101, 3, 80],
  [1, 3, 80],
  [2, 5, 120],
] as const) {
  test(`${people} people, processes killed, answers lost, a relay that starts again, clocks a year off: all is read in the end (seed ${seed})`, () =>
    withChaos(seed, people, async (chaos) => {
      assert.deepEqual(await chaos.play(steps), [], chaos.log.join(', '))
    }))
}

for (const [seed, people, steps] of [[301, 3, 120]] as const) {
  test(`${people} people, the same, and processes that end in the middle of a commit, and full disks: what was said is read once, in order, and no key serves twice (seed ${seed})`, () =>
    withChaos(seed, people, async (chaos) => {
      assert.deepEqual(await chaos.play(steps, { isFrail: true }), [], chaos.log.join(', '))
      assert.isAbove(chaos.harmed.deaths, 3)
      assert.isAbove(chaos.harmed.full, 3)
    }))
}

test('a store that did not keep what it said that it had stored is noticed', () =>
  withChaos(3, 2, async (chaos) => {
    const faults = (await chaos.play(0, { forgetful: 'liar', repairMs: 1 })).map(({ fault }) => fault)
    assert.includeMembers(faults, ['key used twice', 'lost'])
  }))

test('a store that did not keep what it said that it had stored uses no key twice', () =>
  withChaos(3, 2, async (chaos) => {
    const faults = (await chaos.play(0, { forgetful: 'honest', repairMs: 1 })).map(({ fault }) => fault)
    assert.include(faults, 'lost')
    assert.notInclude(faults, 'key used twice')
  }))
