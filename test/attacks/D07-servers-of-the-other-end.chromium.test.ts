import { executeServerCommand } from '@web/test-runner-commands'
import type { MediaServer } from '@sotto/core/ports'
import type { CallMedia } from '@sotto/protocol'
import { assert, test } from '#test'
import { close, connected, ends, pause, type Side } from '../support/peer-ends.js'
import { until } from '../support/until.js'

const open = () => executeServerCommand<{ port: number }, undefined>('datagrams-open')
const count = async (port: number): Promise<number> =>
  (await executeServerCommand<{ count: number }, { port: number }>('datagrams-count', { port })).count

/** Which servers the browser was ever told of, by whatever way there is. */
class ToldServers {
  readonly urls: string[] = []
  readonly #real = globalThis.RTCPeerConnection

  constructor() {
    const { urls } = this
    const note = (configuration?: RTCConfiguration) => {
      for (const { urls: named } of configuration?.iceServers ?? []) urls.push(...[named].flat())
    }
    globalThis.RTCPeerConnection = class extends this.#real {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        note(configuration)
      }

      override setConfiguration(configuration?: RTCConfiguration): void {
        note(configuration)
        super.setConfiguration(configuration)
      }
    }
  }

  stop(): void {
    globalThis.RTCPeerConnection = this.#real
  }
}

/**
 * What the other end would have us use, in all places where the address of a server may stand, or might once have. `server` is never the address
 * of a candidate; `candidate` is.
 */
function naming(server: number, candidate: number): (media: CallMedia, from: Side) => CallMedia {
  const turn = `turn:127.0.0.1:${server}?transport=udp`
  const named = {
    iceServers: [{ urls: [turn], username: 'name', credential: 'word' }],
    servers: [turn],
    url: turn,
  }
  const relayed = `candidate:8 1 udp 41885439 127.0.0.1 ${candidate} typ relay raddr 127.0.0.1 rport ${server} url ${turn}`
  // The likeliest of all, or it would not be tried where another one does.
  const likely = `candidate:7 1 udp 2147483647 127.0.0.1 ${candidate} typ host url ${turn}`
  const lines = [
    `a=ice-server:${turn} user:name credential:word`,
    `a=x-ice-servers:${JSON.stringify(named.iceServers)}`,
    `a=${relayed}`,
    `a=remote-candidates:1 127.0.0.1 ${server}`,
  ]
  const words = lines.map((line) => `${line}\r\n`).join('')
  return (media, from) => {
    if (from === 'caller') return media
    if (media.type === 'restart') return { ...media, ...named }
    if (media.type === 'candidates')
      return {
        ...media,
        ...named,
        candidates: [likely, ...media.candidates.map(({ line }) => line), relayed].map((line) => ({
          mid: '0',
          line,
        })),
      }
    return { ...media, ...named, sdp: media.sdp.replace(/(?=^m=)/gm, words) + words }
  }
}

test('D07: a server that the other end names is not asked for anything, wherever it is named; the control: its address as a candidate is tried, and a server of ours is asked', async () => {
  const [{ port: server }, { port: candidate }, { port: ours }] = [await open(), await open(), await open()]
  const told = new ToldServers()
  const both = await ends({}, naming(server, candidate))
  await connected(both.caller, both.answering)
  await both.caller.restart()
  await both.answering.restart()
  await pause(1_000)
  assert.isTrue(
    both.said.some(({ media }) => media.type === 'restart'),
    'said in each kind of signal',
  )
  assert.deepEqual(told.urls, [])
  assert.equal(await count(server), 0)
  await until(async () => (await count(candidate)) > 0)
  assert.deepEqual(both.refused, [])
  close(both.caller, both.answering)

  const url = `turn:127.0.0.1:${ours}?transport=udp`
  const servers: readonly MediaServer[] = [{ urls: [url], username: 'name', credential: 'word' }]
  const relayed = await ends({ servers, relayOnly: true }, naming(server, candidate))
  await until(async () => (await count(ours)) > 0)
  assert.deepEqual([...new Set(told.urls)], [url])
  assert.equal(await count(server), 0)
  told.stop()
  close(relayed.caller, relayed.answering)
})
