import { executeServerCommand } from '@web/test-runner-commands'
import { run } from '@sotto/core'
import { peerMedia } from '@sotto/core/peer'
import type { Media, MediaSession } from '@sotto/core/ports'
import { limits, type CallMedia } from '@sotto/protocol'
import { assert, test } from '#test'
import { listCalls, stage } from '../../packages/core/src/calls/call-commits.js'
import { CallWorld } from '../support/callers.js'
import { until } from '../support/until.js'

const open = () => executeServerCommand<{ port: number }, undefined>('datagrams-open')
const count = async (port: number): Promise<number> =>
  (await executeServerCommand<{ count: number }, { port: number }>('datagrams-count', { port })).count

/** What the browser is asked for: nothing may be before somebody says yes. */
class Asked {
  readonly what: string[] = []
  readonly #undo: (() => void)[] = []

  constructor() {
    const Real = globalThis.RTCPeerConnection
    const { what } = this
    globalThis.RTCPeerConnection = class extends Real {
      constructor(configuration?: RTCConfiguration) {
        what.push('connection')
        super(configuration)
      }
    }
    const devices = navigator.mediaDevices
    const real = devices.getUserMedia.bind(devices)
    devices.getUserMedia = (constraints) => {
      what.push('capture')
      return real(constraints)
    }
    this.#undo.push(() => {
      globalThis.RTCPeerConnection = Real
      devices.getUserMedia = real
    })
  }

  stop(): void {
    for (const undo of this.#undo) undo()
  }
}

const address = (port: number): CallMedia => ({
  type: 'candidates',
  candidates: [
    { mid: '0', line: `candidate:1 1 udp 2122260223 127.0.0.1 ${port} typ host generation 0` },
    { mid: '0', line: `candidate:2 1 udp 2122260222 attacker.example ${port} typ host generation 0` },
  ],
})
const addressAlone = (port: number): CallMedia => {
  const media = address(port)
  return media.type === 'candidates' ? { ...media, candidates: media.candidates.slice(0, 1) } : media
}

/** A caller's media that say where they please that they are. */
function lying(port: number): Media {
  return {
    ...peerMedia(),
    async open(options): Promise<MediaSession> {
      return peerMedia().open({
        ...options,
        onsignal: (media) => options.onsignal(media.type === 'candidates' ? addressAlone(port) : media),
      })
    },
  }
}

test('D07: before somebody accepts, nothing is captured, gathered or sent, whatever the caller says; the control: after it, packets come', async () => {
  const calls = await CallWorld.make()
  const { port } = await open()
  const [alice, bob] = [
    await calls.open(calls.world.installation('alice'), { media: lying(port) }),
    await calls.open(calls.world.installation('bob'), { media: peerMedia() }),
  ]
  await calls.introduce(alice, bob)
  const asked = new Asked()
  try {
    await alice.client.placeCall('bob', { video: true, direct: true })
    const rung = await calls.ring(bob)
    // She knows the format: addresses and an offer before anybody said yes.
    const store = await alice.installation.sealed()
    const own = await calls.world.deviceOn(alice.installation)
    const bobs = (await calls.world.deviceOn(bob.installation)).address.device
    const early: readonly CallMedia[] = [address(port), addressAlone(port), { type: 'offer', sdp: 'v=0' }]
    await run(store, async (rows) => {
      const [row] = await listCalls(rows)
      if (row === undefined) throw new Error('no call')
      const effects = early.map(
        (media) => ({ name: 'send', signal: { type: 'media', media }, to: { device: bobs } }) as const,
      )
      await stage(rows, row, effects, { own, now: calls.time.now() })
    })
    alice.client.reconnect()
    await calls.time.advance(5_000)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    assert.equal(rung.state.value.phase, 'rung')
    assert.deepEqual(asked.what, [])
    assert.equal(await count(port), 0)
    await rung.answer({ video: true, direct: true })
    await until(async () => {
      if (calls.time.monotonic() < limits.callConnectMs) await calls.time.advance(100)
      return (await count(port)) > 0
    }, 20_000)
    assert.include(asked.what, 'capture')
  } finally {
    asked.stop()
    await Promise.all([alice.client.close(), bob.client.close()])
  }
})
