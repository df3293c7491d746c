import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import type { DeathIn } from '../support/chaos/mortal-store.js'
import { lost, spoilt, type Fate, type Post } from '../support/post.js'
import { ThreeDevices } from '../support/three-devices.js'

const cipher = await createSignalCipher()
/** More than any run has. */
const never = 1000
const other = { before: 'after', after: 'before' } as const satisfies Record<DeathIn, DeathIn>

/** What befalls a long message, and what is sent again in its place. */
const damages: Readonly<Record<string, readonly Post['rule'][]>> = {
  'does not come': [lost],
  'cannot be read, and what is sent again does not come': [spoilt, lost],
}

/** Alice and Bob, who know each other. */
async function acquainted(): Promise<ThreeDevices> {
  const three = new ThreeDevices(cipher)
  await three.setUp()
  await three.say(three.phone, 'hello')
  await three.read()
  await three.say(three.bob, 'hello yourself')
  await three.read()
  return three
}

/** Alice's phone says something long that comes to harm, and something short. */
async function converse(
  three: ThreeDevices,
  round: number,
  fates: readonly ((...of: Parameters<Post['rule']>) => Fate)[],
) {
  const { left } = three.post.befalls(...fates)
  assert.equal(left, fates.length)
  await three.say(three.phone, `${round} ${'x'.repeat(3_000)}`, `${round} short`)
  await three.read()
  await three.received()
}

for (const [what, fates] of Object.entries(damages)) {
  test(`G04 control: what ${what} is repaired, and no process ends`, async () => {
    const three = await acquainted()
    for (let round = 1; round <= 2; round++) await converse(three, round, fates)
    assert.equal(three.phone.deaths + three.bob.deaths, 0)
    assert.deepEqual(await three.end(), [])
  })

  for (const when of ['before', 'after'] as const)
    test(`G04 what ${what} is repaired where a process ends ${when} each commit of that is durable, its peer's ${other[when]}: it is there once, in order, and no key serves twice`, async () => {
      const three = await acquainted()
      let round = 1
      for (let deaths = -1; deaths < three.phone.deaths + three.bob.deaths; round++) {
        deaths = three.phone.deaths + three.bob.deaths
        three.phone.endIn(round, when)
        three.bob.endIn(round, other[when])
        await converse(three, round, fates)
      }
      assert.isAbove(round, 8)
      three.phone.endIn(never, when)
      three.bob.endIn(never, when)
      assert.deepEqual(await three.end(), [])
    })
}
