import { assert, test } from '#test'
import { PeerPage, bothConnected, carry, servePeerPage } from '../support/peer-pages.js'
import { until } from '../support/until.js'

const options = { video: true, servers: [], relayOnly: false }

for (const [calling, answering] of [
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
] as const)
  test(`${calling} calls ${answering}: each sees the other, either looks for another way, and a hang-up is heard`, async (context) => {
    const url = await servePeerPage(context)
    const caller = await PeerPage.open(context, calling, url)
    const other = await PeerPage.open(context, answering, url)
    if (caller === undefined || other === undefined) return
    await other.open({ ...options, offers: true })
    await caller.open({ ...options, offers: false })
    await carry(caller, other, bothConnected(caller, other))
    assert.isAbove(await caller.do<number>('seen()'), 10)
    assert.isAbove(await other.do<number>('seen()'), 10)
    // In Firefox an AudioContext without a sound device hangs: only one end can listen here.
    assert.isAbove(await (calling === 'chromium' ? caller : other).do<number>('heard()'), 0.05)
    for (const [one, count] of [
      [caller, 2],
      [other, 3],
    ] as const) {
      await one.do('end.restart()')
      const answers = () => [...caller.said, ...other.said].filter(({ type }) => type === 'answer').length
      const before = await caller.agreed()
      await carry(caller, other, async () => {
        if (answers() < count || !(await bothConnected(caller, other)())) return false
        const [[ours, theirs], way] = [await caller.agreed(), await other.agreed()]
        return ours !== before[0] && theirs !== before[1] && ours === way[1] && theirs === way[0]
      })
      // What they say is carried on meanwhile: who offered tells its addresses last.
      let seen: readonly number[] | undefined
      void Promise.all([caller.do<number>('seen()'), other.do<number>('seen()')]).then((shades) => {
        seen = shades
      })
      await carry(caller, other, async () => Promise.resolve(seen !== undefined))
      assert.isAbove(Math.min(...(seen ?? [])), 10)
    }
    assert.deepEqual(await caller.do('failures'), [])
    assert.deepEqual(await other.do('failures'), [])
    await caller.do('end.close()')
    await carry(caller, other, async () => (await other.link()) === 'left')
  })

test('a page that is closed says so; a browser that is killed is noticed within seconds', async (context) => {
  const url = await servePeerPage(context)
  const one = await PeerPage.open(context, 'chromium', url)
  const other = await PeerPage.open(context, 'chromium', url)
  if (one === undefined || other === undefined) return
  const again = async () => {
    await other.open({ ...options, offers: true })
    await one.open({ ...options, offers: false })
    await carry(one, other, bothConnected(one, other))
  }
  await again()
  const left = Date.now()
  await one.page.goto('about:blank')
  await until(async () => (await other.link()) === 'left')
  assert.isBelow(Date.now() - left, 3_000)
  await one.page.goto(url)
  await one.until(`typeof globalThis.heard === 'function'`)
  await again()
  const killed = Date.now()
  one.page.browser().process()?.kill('SIGKILL')
  await until(async () => (await other.link()) === 'lost')
  assert.isBelow(Date.now() - killed, 15_000)
})
