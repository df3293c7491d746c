import { run, type SealedStore } from '@sotto/core'
import {
  callBody,
  callEnds,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  randomBytes,
  toHex,
  type CallSignal,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { takeSignal, type CallNews } from '../../packages/core/src/calls/call-arrivals.js'
import { applyEvent, listCalls } from '../../packages/core/src/calls/call-commits.js'
import { checkChannel } from '../../packages/core/src/messages/check-content.js'
import { listOutbox } from '../../packages/core/src/messages/outbox.js'
import { CallWorld, type Caller } from '../support/callers.js'
import { codeOf } from '../support/code-of.js'

/** Alice's store, while Bob's device calls her or she calls him, and everybody signals what they like. */
class Scene {
  readonly calls: CallWorld
  readonly store: SealedStore
  readonly own: Awaited<ReturnType<CallWorld['world']['deviceOn']>>
  readonly bobs: string
  readonly id = toHex(randomBytes(16))
  #counter = 0

  private constructor(calls: CallWorld, store: SealedStore, own: Scene['own'], bobs: string) {
    this.calls = calls
    this.store = store
    this.own = own
    this.bobs = bobs
  }

  static async make(): Promise<Scene> {
    const calls = await CallWorld.make()
    const { alice, bob } = await calls.contacts()
    const own = await calls.world.deviceOn(alice.installation)
    const { device } = (await calls.world.deviceOn(bob.installation)).address
    await settle(calls, alice)
    await alice.client.close()
    return new Scene(calls, await alice.installation.sealed(), own, device)
  }

  /** What a device signals. By default the next thing that Bob's device says of the call. */
  hear(signal: CallSignal, change: Partial<Heard> = {}): Promise<CallNews> {
    const {
      id = this.id,
      counter = ++this.#counter,
      account = 'bob',
      device = this.bobs,
      own = false,
    } = change
    const now = this.calls.time.now()
    const {
      messageId = signal.type === 'ring' ? id : toHex(randomBytes(16)),
      ageMs = 0,
      saidAt = now,
    } = change
    const body = change.body ?? encodeBodyOf(callBody, { call: id, counter, signal, ext: emptyExt })
    return run(this.store, (rows) =>
      takeSignal(rows, {
        body,
        messageId,
        account,
        from: { device, own },
        own: this.own,
        stampedAt: now - ageMs,
        relayNow: now,
        now,
        place: { ms: saidAt, logical: 0 },
      }),
    )
  }

  async does(event: Parameters<typeof applyEvent>[2]): Promise<void> {
    const now = this.calls.time.now()
    await run(this.store, (rows) => applyEvent(rows, this.id, event, { own: this.own, now }))
  }

  /** Everything that a signal could have changed. */
  state(): Promise<string> {
    return run(this.store, async (rows) => {
      const outbox = await listOutbox(rows)
      const messages = await rows.list('messages', { prefix: '', limit: 1000 })
      return JSON.stringify([
        await listCalls(rows),
        outbox.map((one) => one.key),
        messages.map(({ key, value }) => [key, value instanceof Uint8Array ? toHex(value) : '']),
      ])
    })
  }

  /** The attack changes nothing and sends nothing, and has the code. */
  async refuses(code: string, attack: () => Promise<CallNews>): Promise<void> {
    const before = await this.state()
    const news = await attack()
    assert.equal(news.name === 'refused' ? news.code : news.name, code)
    assert.equal(await this.state(), before)
  }
}

interface Heard {
  readonly id: string
  readonly counter: number
  readonly account: string
  readonly device: string
  readonly own: boolean
  readonly messageId: string
  readonly ageMs: number
  /** When it was written, as it says itself. */
  readonly saidAt: number
  readonly body: Uint8Array
}

async function settle(calls: CallWorld, { installation }: Caller): Promise<void> {
  const store = await installation.sealed()
  await calls.time.until(async () => (await run(store, listOutbox)).length === 0, 600_000)
}

const offer: CallSignal = { type: 'accept', video: false, media: { type: 'offer', sdp: 'v=0' } }
const media: CallSignal = { type: 'media', media: { type: 'answer', sdp: 'v=0' } }
const status: CallSignal = { type: 'status', microphone: false, camera: false, screen: false }
const end: CallSignal = { type: 'end', reason: callEnds.hungUp, durationMs: 0 }
const consent: CallSignal = { type: 'consent', step: 1 }
const ring: CallSignal = { type: 'ring', video: true }
const third = 'ef'.repeat(16)
const tab = 'cd'.repeat(16)

test('A05: a call signal comes from own devices and accepted accounts, and from nobody else', async () => {
  const { type } = contentTypes.call
  for (const channel of ['own', 'peer'] as const) checkChannel(type, channel)
  assert.equal(await codeOf(Promise.resolve().then(() => checkChannel(type, 'stranger'))), 'type-not-allowed')
})

test('A05: while it rings, only the calling device and our own say that it is over', async () => {
  const scene = await Scene.make()
  assert.equal((await scene.hear(ring)).name, 'call')
  for (const signal of [
    offer,
    media,
    status,
    consent,
    { type: 'busy' } as const,
    { type: 'alerting' } as const,
  ]) {
    await scene.refuses('call-refused', () => scene.hear(signal))
    await scene.refuses('call-refused', () => scene.hear(signal, { own: true, device: third }))
  }
  await scene.refuses('call-refused', () => scene.hear({ type: 'decline' }))
  await scene.refuses('call-refused', () => scene.hear(end, { device: third }))
  await scene.refuses('call-refused', () => scene.hear(end, { device: third, own: true }))
  await scene.refuses('call-refused', () => scene.hear({ type: 'taken', device: third }, { device: third }))
  await scene.refuses('call-refused', () => scene.hear({ type: 'calling' }, { device: third }))
  await scene.refuses('call-refused', () => scene.hear({ type: 'calling' }, { device: third, own: true }))
  await scene.refuses('call-refused', () => scene.hear(ring))
  // Another account, which knows the id.
  await scene.refuses('call-over', () => scene.hear(end, { account: 'carol' }))
  // The control.
  assert.equal((await scene.hear(end)).name, 'call')
  await scene.refuses('call-over', () => scene.hear(end))
})

test('A05: in a call, only the device at the other end is heard, each signal once and in order', async () => {
  const scene = await Scene.make()
  await scene.hear(ring)
  await scene.does({ name: 'answer', tab, camera: true, video: true })
  for (const signal of [media, status, consent, end]) {
    await scene.refuses('call-refused', () => scene.hear(signal, { device: third }))
    await scene.refuses('call-refused', () => scene.hear(signal, { device: third, own: true }))
    await scene.refuses('call-over', () => scene.hear(signal, { account: 'carol' }))
    await scene.refuses('call-over', () => scene.hear(signal, { id: toHex(randomBytes(16)) }))
  }
  await scene.refuses('call-refused', () => scene.hear(offer))
  assert.equal((await scene.hear(status, { counter: 100 })).name, 'call')
  await scene.refuses('call-refused', () => scene.hear(status, { counter: 100 }))
  await scene.refuses('call-refused', () => scene.hear(end, { counter: 99 }))
  assert.equal((await scene.hear(end, { counter: 101 })).name, 'call')
})

test('A05: of a call that is over, or that never was, no signal changes anything; the control: another one rings', async () => {
  const scene = await Scene.make()
  await scene.hear(ring)
  await scene.does({ name: 'answer', tab, camera: true, video: true })
  await scene.hear(end)
  const others = ['busy', 'decline', 'alerting', 'calling'] as const
  const signals = [offer, media, status, consent, end, { type: 'taken', device: third } as const]
  for (const signal of [...signals, ...others.map((type) => ({ type }))])
    for (const change of [{}, { own: true, device: third }, { id: toHex(randomBytes(16)) }])
      await scene.refuses('call-over', () => scene.hear(signal, change))
  assert.equal((await scene.hear(ring, { id: toHex(randomBytes(16)) })).name, 'call')
})

test('A05: a ring whose id is not its message’s is malformed; one that is old, or the eleventh in a minute, is a missed call', async () => {
  const scene = await Scene.make()
  assert.equal(await codeOf(scene.hear(ring, { messageId: third })), 'malformed')
  assert.equal(await codeOf(scene.hear(ring, { body: randomBytes(40) })), 'malformed')
  assert.deepEqual(await run(scene.store, listCalls), [])
  const late = await scene.hear(ring, { ageMs: 60_001, id: toHex(randomBytes(16)) })
  assert.equal(late.name, 'thread')
  assert.deepEqual(await run(scene.store, listCalls), [])
  for (let i = 0; i < 9; i++) {
    const id = toHex(randomBytes(16))
    assert.equal((await scene.hear(ring, { id, counter: 1 })).name, 'call')
    assert.equal((await scene.hear(end, { id, counter: 2 })).name, 'call')
  }
  assert.equal((await scene.hear(ring, { id: toHex(randomBytes(16)), counter: 1 })).name, 'thread')
  assert.deepEqual(await run(scene.store, listCalls), [])
})

test('A05: whoever rings again and again is a missed call from the eleventh on, whatever their clock says; the control: a minute later it rings', async () => {
  for (const awayMs of [-86_400_000, -61_000, 0, 240_000]) {
    const scene = await Scene.make()
    const rings = async (ageMs = 0): Promise<string> => {
      const id = toHex(randomBytes(16))
      const saidAt = scene.calls.time.now() + awayMs
      const { name } = await scene.hear(ring, { id, counter: 1, saidAt, ageMs })
      if (name === 'call') await scene.hear(end, { id, counter: 2 })
      return name
    }
    // A relay that helps them says that each was a while on its way.
    for (let i = 0; i < 10; i++) assert.equal(await rings(i % 2 === 0 ? 0 : 59_000), 'call')
    assert.equal(await rings(), 'thread', `${awayMs} ms away`)
    await scene.calls.time.advance(61_000)
    assert.equal(await rings(), 'call')
    assert.deepEqual(await run(scene.store, listCalls), [])
  }
})
