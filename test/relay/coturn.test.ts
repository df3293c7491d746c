import { limits, type TurnServer } from '@sotto/protocol'
import { createHmac } from 'node:crypto'
import { BlockList, isIPv4 } from 'node:net'
import type { Browser } from 'puppeteer-core'
import { assert, test } from '#test'
import { openChromium } from '../support/chromium.js'
import { blocksOf } from '../support/code-blocks.js'
import { Coturn } from '../support/coturn.js'
import type { TestContext } from '../support/test-body.js'
import { TurnClient } from '../support/turn-client.js'
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

/** A user name that is good for so many seconds, by the rule of the relay. */
function userFor(seconds: number) {
  const username = `${Math.floor(Date.now() / 1000) + seconds}:0123456789abcdef`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

function clientOf(context: TestContext, { port }: Coturn, seconds = 600): TurnClient {
  const client = new TurnClient(port, userFor(seconds))
  context.after(() => client.close())
  return client
}

/** The coturn of the page for operators. */
const configuration =
  blocksOf('docs/self-hosting.md').find(({ code }) => code.includes('denied-peer-ip'))?.code ?? ''

test('what a user name began goes on when it has run out, and nothing begins with it any more', async (context) => {
  const coturn = await Coturn.start(context, secret)
  if (coturn === undefined) return
  const user = userFor(2)
  const [client, later] = [new TurnClient(coturn.port, user), new TurnClient(coturn.port, user)]
  context.after(() => [client, later].forEach((one) => one.close()))
  assert.equal(await client.allocate(), 0)
  await new Promise((resolve) => setTimeout(resolve, 4000))
  assert.deepEqual([await client.refresh(), await client.permit('127.0.0.1')], [0, 0])
  assert.equal(await later.allocate(), 401)
})

test('the coturn that the documents advise sends nothing into its own network', async (context) => {
  const coturn = await Coturn.start(context, secret, configuration)
  if (coturn === undefined) return
  assert.notMatch(coturn.said, /error|unknown|wrong|bad /i)
  const client = clientOf(context, coturn)
  assert.equal(await client.allocate(), 0)
  const own = [
    '0.0.0.1',
    '10.0.0.5',
    '100.64.1.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.254',
  ]
  for (const one of [...own, '192.168.1.1', '192.0.0.8', '198.18.0.1', '224.0.0.1', '255.255.255.255'])
    assert.equal(await client.permit(one), 403, one)
  for (const one of ['9.255.255.255', '11.0.0.1', '172.32.0.1', '192.169.0.1', '203.0.113.7'])
    assert.equal(await client.permit(one), 0, one)
})

test('the coturn of the documents denies the ranges of IPv6 that are private, local, or another spelling of IPv4', () => {
  const denied = new BlockList()
  for (const [, first = '', last = ''] of configuration.matchAll(/^denied-peer-ip=([^-\s]+)-?(\S*)$/gm))
    denied.addRange(first, last === '' ? first : last, isIPv4(first) ? 'ipv4' : 'ipv6')
  for (const one of ['::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'febf::1', '::ffff:10.0.0.5'])
    assert.isTrue(denied.check(one, 'ipv6'), one)
  for (const one of ['64:ff9b::a00:5', '64:ff9b:1::a00:5', '2002:a00:5::1'])
    assert.isTrue(denied.check(one, 'ipv6'), one)
  for (const one of ['2001:db8::1', '2a00::1', '2003::1']) assert.isFalse(denied.check(one, 'ipv6'), one)
})
