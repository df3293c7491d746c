import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createHmac } from 'node:crypto'
import type { MediaServer } from '@sotto/core/ports'
import type { CallMedia } from '@sotto/protocol'
import { assert, test } from '#test'
import { Coturn } from '../support/coturn.js'
import { PeerPage, bothConnected, carry, servePeerPage } from '../support/peer-pages.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

const secret = 'what the relay and its TURN server share'
/** Media ports of the TURN server of a test lie below it; ports that systems give out by themselves above. */
const ownPorts = 32_768

/** A socket of the attacker's choice: from where on this machine packets came to it. */
async function watchedSocket(context: TestContext) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  context.after(() => socket.close())
  await once(socket, 'listening')
  const ports: number[] = []
  socket.on('message', (_, { port }) => ports.push(port))
  const candidate = `candidate:1 1 udp 2122260223 127.0.0.1 ${socket.address().port} typ host`
  return { ports, says: { type: 'candidates', candidates: [{ mid: '0', line: candidate }] } as CallMedia }
}

async function setUp(context: TestContext) {
  const coturn = await Coturn.start(context, secret)
  if (coturn === undefined) return undefined
  const url = await servePeerPage(context)
  const caller = await PeerPage.open(context, 'chromium', url)
  const answering = await PeerPage.open(context, 'chromium', url)
  if (caller === undefined || answering === undefined) return undefined
  const username = `${Math.floor(Date.now() / 1000) + 600}:random`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  const servers: readonly MediaServer[] = [{ urls: [coturn.url], username, credential }]
  return { caller, answering, servers }
}

test('D07: through servers alone two ends connect, say no address but the server’s, and send nothing to an address of the other one’s choice; the control: without servers they do', async (context) => {
  const set = await setUp(context)
  if (set === undefined) return
  const { caller, answering, servers } = set
  const through = { video: true, servers, relayOnly: true }
  await answering.open({ ...through, offers: true })
  await caller.open({ ...through, offers: false })
  await carry(caller, answering, bothConnected(caller, answering))
  assert.isAbove(await answering.do<number>('seen()'), 10)
  const chosen = await watchedSocket(context)
  await answering.do(`take(${JSON.stringify(chosen.says)})`)
  await until(() => chosen.ports.length > 2)
  assert.isBelow(Math.max(...chosen.ports), ownPorts, 'all came from the server, none from the browser')

  const said = [...caller.said, ...answering.said]
  const lines = said.flatMap((one) =>
    one.type === 'candidates' ? one.candidates.map(({ line }) => line) : [],
  )
  assert.isAtLeast(lines.length, 2)
  for (const line of lines)
    assert.match(line, /^candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0$/)
  for (const one of said)
    if ('sdp' in one) {
      const addresses = one.sdp.match(/\d+\.\d+\.\d+\.\d+|[0-9a-f]+::[0-9a-f:]+/gi) ?? []
      assert.deepEqual([...new Set(addresses)].sort(), ['0.0.0.0', '127.0.0.1'])
      assert.include(one.sdp, 'o=- 1 1 IN IP4 127.0.0.1\r\n')
      assert.equal(one.sdp.split('127.0.0.1').length, 2)
    }

  for (const one of [caller, answering]) await one.do('end.close()')
  const direct = { video: false, servers: [], relayOnly: false }
  await answering.open({ ...direct, offers: true })
  await caller.open({ ...direct, offers: false })
  await carry(caller, answering, bothConnected(caller, answering))
  const again = await watchedSocket(context)
  await answering.do(`take(${JSON.stringify(again.says)})`)
  await until(() => again.ports.length > 0)
  assert.isAtLeast(Math.min(...again.ports), ownPorts)
})
