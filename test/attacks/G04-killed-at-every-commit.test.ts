import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import type { DeathIn } from '../support/chaos/mortal-store.js'
import { ThreeDevices } from '../support/three-devices.js'

const cipher = await createSignalCipher()
/** More than any run has. */
const never = 1000
const other = { before: 'after', after: 'before' } as const satisfies Record<DeathIn, DeathIn>

/** All write, one by one and together, and read. */
async function converse(three: ThreeDevices, round: number): Promise<void> {
  const { phone, bob, tablet } = three
  const say = (by: typeof phone, ...texts: readonly string[]) =>
    three.say(by, ...texts.map((text) => `${round}: ${text}`))
  await say(phone, 'one')
  await three.read()
  await say(bob, 'two')
  await three.read()
  await say(phone, 'three', 'four')
  await say(bob, 'five', 'six')
  await say(tablet, 'seven')
  await three.read()
  await three.received()
}

/** The processes of Alice's phone and of Bob end once, each in that commit from now. */
function endIn(three: ThreeDevices, commit: number, when: DeathIn): void {
  three.phone.endIn(commit, when)
  three.bob.endIn(commit, other[when])
}

const deathsOf = ({ phone, bob }: ThreeDevices): number => phone.deaths + bob.deaths

test('G04 control: three devices of two people write to each other, and no process ends', async () => {
  const three = new ThreeDevices(cipher)
  await three.setUp()
  await three.addTablet()
  for (let round = 1; round <= 2; round++) await converse(three, round)
  assert.equal(deathsOf(three), 0)
  assert.deepEqual(await three.end(), [])
  assert.isAbove(three.recording.used.length, 20)
})

for (const when of ['before', 'after'] as const) {
  test(`G04 a process ends ${when} each commit of its first start is durable, its peer's ${other[when]}: there is one device, and all is read`, async () => {
    for (let commit = 1, deaths = never; deaths > 0; commit++) {
      const three = new ThreeDevices(cipher)
      endIn(three, commit, when)
      await three.setUp()
      deaths = deathsOf(three)
      endIn(three, never, when)
      await three.say(three.phone, 'one')
      await three.read()
      await three.say(three.bob, 'two')
      await three.read()
      assert.deepEqual(await three.end(), [], `commit ${commit}`)
    }
  })

  test(`G04 a process ends ${when} each commit of a conversation is durable, its peer's ${other[when]}: what was said is there once, in order, on all devices, and no key serves twice`, async () => {
    const three = new ThreeDevices(cipher)
    await three.setUp()
    await three.addTablet()
    let round = 1
    for (let deaths = -1; deaths < deathsOf(three); round++) {
      deaths = deathsOf(three)
      endIn(three, round, when)
      await converse(three, round)
    }
    assert.isAbove(round, 15)
    endIn(three, never, when)
    assert.deepEqual(await three.end(), [])
  })
}

/** One of the two goes on from what its store held before a message, as if what came since had not been durable, and tells the backend nothing of it. */
async function forget(name: 'phone' | 'bob'): Promise<readonly string[]> {
  const three = new ThreeDevices(cipher)
  await three.setUp()
  await three.say(three.phone, 'one')
  await three.say(three.bob, 'two')
  await three.read()
  const copy = three[name].copy()
  await three.say(three.phone, 'three')
  await three.read()
  three.hidesWhatIsForgotten = true
  await three[name].killed(copy)
  await three.say(three[name], 'four')
  await three.read()
  return (await three.end()).map(({ fault }) => fault)
}

test('G04 control: a store that did not keep what it said was durable is noticed, in a sender and in a receiver', async () => {
  assert.includeMembers([...(await forget('phone'))], ['lost', 'key used twice'])
  assert.includeMembers([...(await forget('bob'))], ['lost'])
})
