import { createHmac } from 'node:crypto'
import { assert, test } from '#test'
import { Coturn } from '../support/coturn.js'
import { PeerPage, bothConnected, carry, servePeerPage } from '../support/peer-pages.js'
import { until } from '../support/until.js'

const secret = 'what the relay and its TURN server share'
const lastsMs = 6_000

/** A server that lets a browser in until `lastsMs` have passed. */
function serversOf({ url }: Coturn) {
  const username = `${Math.floor((Date.now() + lastsMs) / 1000)}:random`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  return [{ urls: [url], username, credential, lastsMs }]
}

test('a call that has outlived what let it into its TURN server finds another way through it when it is let in anew; the control: before, it finds none', async (context) => {
  const coturn = await Coturn.start(context, secret)
  if (coturn === undefined) return
  const url = await servePeerPage(context)
  const caller = await PeerPage.open(context, 'chromium', url)
  const answering = await PeerPage.open(context, 'chromium', url)
  if (caller === undefined || answering === undefined) return
  const open = (page: PeerPage, offers: boolean) => {
    const options = JSON.stringify({ video: false, relayOnly: true, offers, servers: serversOf(coturn) })
    return page.do(
      `openEnd({ ...${options}, freshServers: async () => globalThis.fresh ?? Promise.reject(new Error('away')) })`,
    )
  }
  await open(answering, true)
  await open(caller, false)
  const ended = Date.now() + lastsMs + 1_000
  await carry(caller, answering, bothConnected(caller, answering))
  await until(() => Date.now() > ended)

  const count = () => [...caller.said, ...answering.said].filter(({ type }) => type === 'candidates').length
  const answers = () => [...caller.said, ...answering.said].filter(({ type }) => type === 'answer').length
  const gathered = async () =>
    (await caller.do(`connection.iceGatheringState`)) === 'complete' &&
    (await answering.do(`connection.iceGatheringState`)) === 'complete'
  const before = count()
  await caller.do('end.restart()')
  await carry(caller, answering, async () => answers() === 2 && (await gathered()))
  assert.equal(count(), before, 'neither is let in')

  const ways = async () => [await caller.way(), await answering.way()]
  const old = await ways()
  for (const page of [caller, answering])
    await page.do(`(globalThis.fresh = ${JSON.stringify(serversOf(coturn))})`)
  await caller.do('end.restart()')
  await carry(caller, answering, async () => {
    if (!(await bothConnected(caller, answering)())) return false
    return (await ways()).every((way, at) => way !== '' && way !== old[at])
  })
  assert.isAbove(count(), before)
  assert.isAbove(await caller.do<number>('heard()'), 0.05)
  assert.deepEqual([await caller.do('failures'), await answering.do('failures')], [[], []])
})
