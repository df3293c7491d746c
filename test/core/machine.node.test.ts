import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { problemsOf } from '../support/machine/checker.js'
import { Machine } from '../support/machine/machine.js'
import { planFrom, planOf, scriptOf, type Plan } from '../support/machine/plan.js'
import { Quiet } from '../support/machine/quiet.js'
import {
  soundRules,
  withEpochsAlone,
  withoutGenerations,
  withoutMemory,
  withoutTieBreak,
} from '../support/machine/rules.js'

const runs = 200

/** What went wrong once, with the steps that it took. `npm run soak` prints a line like these. */
const failedOnce: readonly (readonly [string, string])[] = [
  [
    'a device that was rolled back to before its first session starts one that the other side takes for newer',
    '1 (1 0): snapshot 0, send 1, deliver 0 1, archive 0 1, send 0, deliver 1 1, restore 0, send 1',
  ],
  [
    'a first message that comes again after a roll-back makes no session that is written in',
    '1 (1 0): snapshot 0, send 1, send 1, deliver 0 1, send 0, restore 0',
  ],
  [
    'a device that is rolled back to the same copy twice starts another generation each time',
    '2 (2 0 1): snapshot 2, deliver 0 3, restore 2, snapshot 1, send 2, restore 2',
  ],
  [
    'what a device that was rolled back sends again under a new number leaves no gap',
    '1 (1 0): cut 1, send 1, snapshot 1, restore 1',
  ],
  [
    'the first message after a roll-back sorts after those before it',
    '1 (0 1): snapshot 1, send 1, restore 1, send 1',
  ],
]

const machine = new Machine(await createSignalCipher(), Quiet.watch())

async function faultsOf(plan: Plan, rules = soundRules): Promise<readonly string[]> {
  return problemsOf(await machine.play(plan, rules)).map(({ fault, what }) => `${fault}: ${what}`)
}

for (const [what, script] of failedOnce) {
  test(what, async () => assert.deepEqual(await faultsOf(planFrom(script)), []))
}

test(`whatever befalls devices and network, all is read or seen to be missing, and all go on in one session: ${runs} runs`, async () => {
  for (let seed = 1; seed <= runs; seed++) {
    const plan = planOf(seed)
    assert.deepEqual(await faultsOf(plan), [], `seed ${seed}: ${scriptOf(plan)}`)
  }
})

test('a plan is read back from its script', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const plan = planOf(seed)
    assert.deepEqual(planFrom(scriptOf(plan)), { ...plan, seed: 0 })
  }
})

test('a device that holds on to its own session where both start is noticed', async () => {
  const faults = await faultsOf(planFrom('1 (0 1): start together, send 0, send 1'), withoutTieBreak)
  assert.include(faults.join('\n'), 'not converged: alice1 and bob1')
})

test('a device that counts its generations anew when it gives a session up is noticed', async () => {
  // Repair would heal it: what it had to repair is the fault.
  const script = '1 (0 1): send 0, deliver 1 1, send 1, deliver 0 1, archive 1 0, send 1'
  const faults = await faultsOf(planFrom(script), withoutGenerations)
  assert.deepEqual(faults, ['undecryptable: alice1: session-refused'])
})

for (const [what, rules] of [
  ['takes a rolled-back device for the device', withoutMemory],
  ['goes by how often a device was opened', withEpochsAlone],
] as const)
  test(`a backend that ${what} is noticed`, async () => {
    const script = '1 (0 1): send 0, deliver 1 1, send 1, deliver 0 1, snapshot 0, send 0, restore 0, send 0'
    assert.include((await faultsOf(planFrom(script), rules)).join('\n'), 'key used twice')
    assert.deepEqual(await faultsOf(planFrom(script)), [], 'the control')
  })
