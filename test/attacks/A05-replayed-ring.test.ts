import { run, type Call } from '@sotto/core'
import { callBody, contentTypes, emptyExt, encodeBodyOf, randomBytes, toHex } from '@sotto/protocol'
import { assert, test } from '#test'
import { nextClock } from '../../packages/core/src/messages/clock.js'
import { enqueue } from '../../packages/core/src/messages/outbox.js'
import { CallWorld, linesOf, type Caller } from '../support/callers.js'
import { watch } from '../support/people.js'

/** A device of Bob's that says whatever it likes. */
class Hostile {
  readonly #calls: CallWorld
  readonly #caller: Caller
  #said = 0

  constructor(calls: CallWorld, caller: Caller) {
    this.#calls = calls
    this.#caller = caller
  }

  /** A ring of this id in a message that is new to the sessions, and a text after it, which tells when both were read. */
  async rings(id: string, counter: number): Promise<string> {
    const { installation, client } = this.#caller
    await run(await installation.sealed(), async (rows) => {
      const signal = { type: 'ring', video: true } as const
      const body = encodeBodyOf(callBody, { call: id, counter, signal, ext: emptyExt })
      const clock = await nextClock(rows, this.#calls.time.now())
      enqueue(rows, { account: 'alice', messageId: id, type: contentTypes.call.type, body, clock })
    })
    client.reconnect()
    const text = `after ${++this.#said} of ${toHex(randomBytes(4))}`
    await client.conversation('alice').send(text)
    return text
  }
}

const ends: readonly (readonly [
  string,
  string,
  (hers: Call, his: Call, calls: CallWorld) => Promise<void>,
])[] = [
  ['she declined', '< video declined', (hers) => hers.decline()],
  ['was given up', '< video missed', (_, his) => his.hangUp()],
  [
    'she was in',
    '< video answered',
    async (hers, his, calls) => {
      await hers.answer({ video: true, direct: true })
      await calls.phase([hers, his], 'connected')
      await hers.hangUp()
    },
  ],
]

for (const [what, line, end] of ends)
  test(`A05: a ring of a call that ${what}, said again, rings no more: by the same device, by another one, and after a new start or when its line was deleted; the control: another ring rings`, async () => {
    const { calls, alice, bob, tablet } = await CallWorld.withTablet()
    const seen = watch(alice.client, 'bob')
    const his = await bob.client.placeCall('alice', { video: true, direct: true })
    const hers = await calls.ring(alice)
    await end(hers, his, calls)
    await calls.phase([hers, his], 'over')
    await calls.time.until(() => linesOf(seen.items).at(-1) === line)
    const { id } = hers
    const [phone, other] = [new Hostile(calls, bob), new Hostile(calls, tablet)]

    const rung: string[] = []
    let lines = [line]
    const hears = ({ client }: Caller) => {
      client.addEventListener('call', ({ call }) => rung.push(call.id))
      return { client, seen: watch(client, 'bob') }
    }
    let at = hears(alice)
    const refuses = async (hostile: Hostile, counter: number) => {
      const after = await hostile.rings(id, counter)
      await calls.time.until(() => at.seen.texts().includes(`< ${after}`))
      assert.deepEqual([at.client.call.value, rung, linesOf(at.seen.items)], [undefined, [], lines])
    }
    await refuses(phone, 1)
    await refuses(phone, 0xffff_ffff)
    await refuses(other, 1)

    await alice.client.close()
    const caller = await calls.open(alice.installation)
    at = hears(caller)
    await calls.time.until(() => linesOf(at.seen.items).length === 1)
    await refuses(phone, 7)
    await caller.client.conversation('bob').remove(id)
    lines = []
    await refuses(other, 7)

    const fresh = toHex(randomBytes(16))
    await phone.rings(fresh, 1)
    await calls.ring(caller, 'rung')
    assert.deepEqual(rung, [fresh])
  })
