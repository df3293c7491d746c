import { run, type Call } from '@sotto/core'
import {
  callBody,
  callEnds,
  contentTypes,
  deviceOf,
  emptyExt,
  encodeBodyOf,
  type CallMedia,
  type CallSignal,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { listCalls } from '../../packages/core/src/calls/call-commits.js'
import { nextClock } from '../../packages/core/src/messages/clock.js'
import { enqueue } from '../../packages/core/src/messages/outbox.js'
import { readPeer } from '../../packages/core/src/peers/peer.js'
import { CallWorld, type Caller } from '../support/callers.js'

/** Alice and Bob, who has a phone and a tablet, and Carol, whom both know. */
async function setUp() {
  const calls = await CallWorld.make()
  const { alice, bob: phone } = await calls.contacts()
  const carol = await calls.person('carol')
  await calls.introduce(carol, alice)
  await calls.introduce(carol, phone)
  const tablet = await calls.open(await calls.world.join(phone.installation))
  // What one device of his writes tells the other whom he knows.
  await phone.client.conversation('alice').send('to all')
  await calls.time.until(() => tablet.client.conversation('alice').relation.value === 'accepted')
  return { calls, alice, phone, tablet, carol }
}

/** What a device's owner can make it say, whatever its client would: signals of any call, to whom it may write. */
class Hostile {
  readonly #calls: CallWorld
  readonly #caller: Caller
  readonly said: CallMedia[] = []
  #counter = 1000

  constructor(calls: CallWorld, caller: Caller) {
    this.#calls = calls
    this.#caller = caller
  }

  /** An end of its own, that whoever takes its offer is connected with. */
  async end(): Promise<CallMedia> {
    const options = { offers: true, video: true, servers: [], relayOnly: false }
    await this.#caller.media.open({ ...options, onsignal: (media) => this.said.push(media) })
    await this.#calls.time.until(() => this.said.length > 0)
    const [offer] = this.said
    if (offer === undefined) throw new Error('no offer')
    return offer
  }

  async says(call: Call, to: string, signals: readonly CallSignal[]): Promise<void> {
    const { installation, client } = this.#caller
    await run(await installation.sealed(), async (rows) => {
      for (const signal of signals) {
        const body = encodeBodyOf(callBody, {
          call: call.id,
          counter: this.#counter++,
          signal,
          ext: emptyExt,
        })
        const clock = await nextClock(rows, this.#calls.time.now())
        enqueue(rows, { account: to, type: contentTypes.call.type, body, clock })
      }
    })
    client.reconnect()
    // What comes after it was read, so it was as well.
    await client.conversation(to).send(`after ${this.#counter}`)
  }
}

async function reads(calls: CallWorld, { client }: Caller, from: string, text: string): Promise<void> {
  const { messages } = client.conversation(from)
  const stop = messages.subscribe(() => undefined)
  await calls.time.until(() => messages.value.some((one) => one.kind === 'text' && one.text.includes(text)))
  stop()
}

const screen: CallSignal = { type: 'status', microphone: true, camera: true, screen: true }
const everything = (media: CallMedia): readonly CallSignal[] => [
  { type: 'accept', video: true, media },
  { type: 'media', media },
  { type: 'taken', device: 'ef'.repeat(16) },
  { type: 'consent', step: 1 },
  screen,
  { type: 'busy' },
  { type: 'decline' },
  { type: 'end', reason: callEnds.hungUp, durationMs: 0 },
]

/** Where a call stands for its person and in its media. */
const standing = (call: Call, { media }: Caller) => ({
  state: call.state.value,
  theirs: call.theirSources.value,
  ends: media.opened.map(({ other, closed, link }) => ({ other, closed, link: link.value })),
})

test('D08: who is in a call is the device that accepted, by its key, and no other one of the same account', async () => {
  const { calls, alice, phone, tablet } = await setUp()
  const call = await alice.client.placeCall('bob', { video: true, direct: true })
  const [rung, theirs] = [await calls.ring(phone), await calls.ring(tablet)]
  await theirs.answer({ video: true, direct: true })
  await calls.phase([call, theirs], 'connected')
  await calls.phase([rung], 'over')

  const store = await alice.installation.sealed()
  const [[row], { chain }] = await run(store, async (rows) => [
    await listCalls(rows),
    await readPeer(rows, 'bob'),
  ])
  if (row?.other === undefined || chain === undefined) throw new Error('a call with nobody')
  const { address, chain: own } = await calls.world.deviceOn(tablet.installation)
  assert.equal(row.other, address.device)
  const keysIn = (list: typeof chain) => deviceOf(list, address.device)?.signingKey.bytes
  assert.deepEqual(keysIn(chain), keysIn(own))
  assert.equal(call.account, 'bob')
  assert.lengthOf(phone.media.opened, 0)
  assert.lengthOf(alice.media.opened, 1)
})

for (const who of ['a second device of the same account', 'a third account'] as const)
  test(`D08: ${who} gets no end of a call that rings or lasts, whatever it signals; the control: the device in it is heard`, async () => {
    const { calls, alice, phone, tablet, carol } = await setUp()
    const call = await alice.client.placeCall('bob', { video: true, direct: true })
    const theirs = await calls.ring(phone)
    const third = who === 'a third account' ? carol : tablet
    const name = third.client.account
    const hostile = new Hostile(calls, third)
    const offer = await hostile.end()
    if (third === carol) {
      // While it rings too: of Bob's devices any may accept, so that only Carol is a stranger to it.
      const before = standing(call, alice)
      await hostile.says(call, 'alice', everything(offer))
      await reads(calls, alice, name, 'after 1008')
      assert.deepEqual(standing(call, alice), before)
      assert.equal(call.state.value.phase, 'ringing')
    }
    await theirs.answer({ video: true, direct: true })
    await calls.phase([call, theirs], 'connected')
    await calls.time.until(() => call.theirSources.value.camera && theirs.theirSources.value.camera)

    const before = [standing(call, alice), standing(theirs, phone)]
    await hostile.says(call, 'alice', everything(offer))
    await reads(calls, alice, name, third === carol ? 'after 1016' : 'after 1008')
    if (third === carol) {
      await hostile.says(theirs, 'bob', everything(offer))
      await reads(calls, phone, name, 'after 1024')
    }
    assert.deepEqual([standing(call, alice), standing(theirs, phone)], before)
    const ends = [alice, phone].map(({ media }) => media.opened)
    assert.deepEqual(
      ends.map((one) => one.length),
      [1, 1],
    )
    const ids = hostile.said.map((one) => ('sdp' in one ? one.sdp.split(' ')[1] : ''))
    for (const [end] of ends) assert.notInclude(ids, end?.other)
    assert.deepEqual(
      third.media.opened.map(({ link }) => link.value),
      ['connecting'],
      'nobody met it',
    )

    await new Hostile(calls, phone).says(theirs, 'alice', [screen])
    await calls.time.until(() => call.theirSources.value.screen)
  })

test('D08 control: the end that an accepting device describes is the one that is met', async () => {
  const { calls, alice, tablet } = await setUp()
  const call = await alice.client.placeCall('bob', { video: true, direct: true })
  await calls.ring(tablet)
  const other = new Hostile(calls, tablet)
  const media = await other.end()
  await other.says(call, 'alice', [{ type: 'accept', video: true, media }])
  const id = 'sdp' in media ? media.sdp.split(' ')[1] : ''
  await calls.time.until(() => alice.media.opened[0]?.other === id)
})
