import type { Call } from '@sotto/core'
import { assert, test } from '#test'
import { CallWorld, type Caller } from '../support/callers.js'

const sequences = 200
const steps = 10

/** Mulberry32. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** One side, and what its person said yes to. */
class Side {
  readonly caller: Caller
  /** Calls that the person placed or answered. */
  readonly agreed = new Set<string>()
  /** Whether the person called in this sequence: who is called meanwhile has that yes (both call at once). */
  called = false

  constructor(caller: Caller) {
    this.caller = caller
  }

  get current(): Call | undefined {
    return this.caller.client.call.value
  }

  saidYes(id: string): boolean {
    return this.called || this.agreed.has(id)
  }

  async place(to: string, video: boolean): Promise<void> {
    this.called = true
    await this.caller.client.placeCall(to, { video, direct: true })
  }

  async act(call: Call, what: number): Promise<void> {
    if (what === 0) {
      this.agreed.add(call.id)
      return call.answer({ video: true, direct: true })
    }
    const rest = [call.decline, call.hangUp, call.askVideo, call.agreeVideo, call.refuseVideo]
    await rest[what - 1]?.()
  }
}

const seeds = [1, 20_261_126]

for (const seed of seeds) {
  test(`D06: ${sequences / seeds.length} sequences of real calls, seed ${seed}: whose person did not say yes sends nothing`, async () => {
    const calls = await CallWorld.make()
    const { alice, bob } = await calls.contacts()
    const random = randomFrom(seed)
    const [a, b] = [new Side(alice), new Side(bob)]
    const wrong: string[] = []
    for (const [side, other] of [
      [a, b],
      [b, a],
    ] as const) {
      side.caller.media.onopen = () => {
        const call = side.current
        if (call === undefined || !side.saidYes(call.id))
          wrong.push(`${side.caller.client.account} sends unasked`)
        else if (!other.saidYes(call.id))
          wrong.push(`${side.caller.client.account} sends before the other said yes`)
      }
    }
    let connected = 0
    for (let sequence = 0; sequence < sequences / seeds.length; sequence++) {
      for (let i = 0; i < steps; i++) {
        const [side, other] = random(2) === 0 ? [a, b] : [b, a]
        const call = side.current
        // What does not fit where the call stands is refused, which is half of what is tried here.
        const trying =
          call === undefined
            ? side.place(other.caller.client.account, random(2) === 0)
            : random(6) === 0
              ? calls.time.advance(random(50_000))
              : side.act(call, random(6))
        await trying.catch(() => undefined)
        await calls.time.advance(random(3) * 400)
        if (a.current?.state.value.phase === 'connected') connected++
        assert.deepEqual(wrong, [], `sequence ${sequence}, step ${i}`)
      }
      for (const side of [a, b]) await side.current?.hangUp().catch(() => undefined)
      await calls.time.until(() => a.current === undefined && b.current === undefined, 400_000)
      for (const side of [a, b]) {
        side.called = false
        assert.isTrue(
          side.caller.media.opened.every((one) => one.closed),
          'a light stays on',
        )
      }
    }
    // The control: calls did come about.
    assert.isAbove(connected, 20)
    assert.isAbove(alice.media.opened.length, 5)
  })
}
