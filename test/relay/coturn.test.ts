import { limits, type TurnServer } from '@sotto/protocol'
import type { Browser } from 'puppeteer-core'
import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { Coturn } from '../support/coturn.js'
import type { TestContext } from '../support/test-body.js'
import { must } from './raw-device.js'
import { RawRelay } from './raw-relay.js'

const secret = 'what the relay and its TURN server share'

/** A coturn, a relay that lets devices into it, and a browser that tries. */
async function setUp(context: TestContext) {
  const coturn = await Coturn.start(context, secret)
  const browser = coturn && (await openChromium(context))
  if (coturn === undefined || browser === undefined) return undefined
  const relayFor = async (shared: string) => {
    const relay = await RawRelay.start({ turn: { urls: [coturn.url], secret: shared } })
    context.after(() => relay.stop())
    return relay
  }
  return { relayFor, attempt: (server: TurnServer) => attempt(browser, server) }
}

/** What a relay answers a device that asks when the relay's clock shows `aheadMs` more than it is. */
async function serverFrom(relay: RawRelay, aheadMs = 0): Promise<TurnServer> {
  relay.now = Date.now() + aheadMs
  const { token } = await relay.device(`alice${aheadMs < 0 ? '-early' : ''}`)
  const { servers } = must(await relay.call('POST', '/calls/turn', { token })).body
  const [server] = servers as TurnServer[]
  if (server === undefined) throw new Error('no server')
  return server
}

/** What a browser gets that may use nothing but this server: kinds of candidates, and codes of errors. */
async function attempt(browser: Browser, server: TurnServer): Promise<readonly string[]> {
  const page = await browser.newPage()
  try {
    return await page.evaluate(async (iceServer) => {
      const connection = new RTCPeerConnection({ iceServers: [iceServer], iceTransportPolicy: 'relay' })
      const seen = new Set<string>()
      connection.addEventListener('icecandidateerror', ({ errorCode }) => seen.add(String(errorCode)))
      const gathered = new Promise<void>((resolve) => {
        connection.addEventListener('icecandidate', ({ candidate }) => {
          if (candidate === null) resolve()
          else if (candidate.type !== null) seen.add(candidate.type)
        })
      })
      connection.createDataChannel('any')
      await connection.setLocalDescription()
      await gathered
      connection.close()
      return [...seen]
    }, server)
  } finally {
    await page.close()
  }
}

test('coturn lets in whom the relay gave a user name, and nobody who forges one or comes too late', async (context) => {
  const set = await setUp(context)
  if (set === undefined) return
  const { relayFor, attempt } = set
  const relay = await relayFor(secret)
  const server = await serverFrom(relay)
  assert.deepEqual(await attempt(server), ['relay'])

  const late = await serverFrom(relay, -limits.turnMs - 60_000)
  const [, random = ''] = late.username.split(':')
  const [until = ''] = server.username.split(':')
  const refused: Readonly<Record<string, TurnServer>> = {
    'a user name that has run out': late,
    'one that was made good for longer': { ...late, username: `${until}:${random}` },
    'another user name with the same credential': { ...server, username: `${until}:${random}` },
    'no time at all': { ...server, username: random },
    'another credential': { ...server, credential: late.credential },
    'a relay that does not share the secret': await serverFrom(await relayFor(`not ${secret}`)),
  }
  for (const [what, one] of Object.entries(refused)) assert.deepEqual(await attempt(one), ['401'], what)
  assert.deepEqual(await attempt(server), ['relay'], 'the same one again, within its ten minutes')
})
