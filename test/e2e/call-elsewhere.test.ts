import { assert, test } from '#test'
import { CallPage } from '../support/call-page.js'
import { openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { TwoDevicesPage } from '../support/two-devices-page.js'

test('over a real relay all devices of an account ring; the one that answers has the call, and the other hears so and never opens a microphone', async (context) => {
  const browser = await openChromium(context)
  if (browser === undefined) return
  const site = await DemoSite.start(context)
  const carol = await CallPage.beside(browser, site, 'carol')
  const dave = await TwoDevicesPage.open(browser, site, 'dave')
  await carol.do(`await client.conversation('dave').send('hello')`)
  for (const device of ['phone', 'tablet'])
    await dave.until(`${device}.client.conversations.value.length > 0`)
  await dave.do(`await phone.client.conversation('carol').accept()`)
  // What one device writes tells the other whom its person knows.
  await dave.do(`await phone.client.conversation('carol').send('hello to you')`)
  await dave.until(`tablet.client.conversations.value[0]?.relation === 'accepted'`)

  for (const [answering, other] of [
    ['tablet', 'phone'],
    ['phone', 'tablet'],
  ] as const) {
    await dave.do('phone.opened = tablet.opened = 0')
    await carol.until('client.call.value === undefined')
    await carol.do(`await client.placeCall('dave', { direct: true })`)
    for (const device of [answering, other])
      await dave.until(`${device}.client.call.value?.state.value.phase === 'rung'`)
    await dave.do(`await ${answering}.last.answer({ direct: true })`)
    await carol.phase('connected')
    await dave.until(`${answering}.last.state.value.phase === 'connected'`)
    await dave.until(`${other}.last.state.value.phase === 'over'`)
    assert.equal(await dave.do(`return ${other}.last.state.value.outcome`), 'elsewhere')
    assert.deepEqual(await dave.do(`return [${answering}.opened, ${other}.opened]`), [1, 0])
    await carol.do('await last.hangUp()')
    await dave.until(`${answering}.last.state.value.phase === 'over'`)
    assert.equal(await dave.do(`return ${answering}.last.state.value.outcome`), 'answered')
  }
})
