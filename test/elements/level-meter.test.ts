import { test, assert, type TestContext } from '#test'
import { alone, connected, press } from '../support/call-stage.js'
import { withDevices } from '../support/devices.js'
import { FakeCall } from '../support/fake-call.js'
import { find, settled, textOf, the, until } from '../support/stage.js'
import { audible, toneVoice } from '../support/voices.js'

/** The dialog for devices in a call whose microphone hears a tone. */
async function choosing(context: TestContext, gain: number) {
  withDevices(context, 'm Built-in', 'm Headset')
  const voice = toneVoice(gain)
  context.after(voice.end)
  const contexts = audible(context)
  const call = connected(new FakeCall({ mine: true }))
  call.streams.set({ ...call.streams.value, voice: voice.stream })
  const { element } = await alone(context, call)
  await settled()
  await press(element, 'More')
  the(element, 'menuitem', 'Microphone, camera and speaker').click()
  await settled()
  return { voice, contexts, call, element }
}

const meterIn = (element: Element) => the(element, 'meter', 'Microphone level')
const levelOf = (meter: Element) => Number(meter.getAttribute('aria-valuenow'))
const widthOf = (meter: Element) => {
  const fill = meter.firstElementChild
  return fill === null ? 0 : fill.getBoundingClientRect().width / meter.getBoundingClientRect().width
}

test('a loud voice fills the meter, a soft one some of it, and silence empties it', async (context) => {
  const { voice, element } = await choosing(context, 0.5)
  const meter = meterIn(element)
  await until(() => levelOf(meter) > 85 && widthOf(meter) > 0.85)
  voice.setGain(0.01)
  await until(() => levelOf(meter) > 10 && levelOf(meter) < 60)
  await until(() => widthOf(meter) > 0.1 && widthOf(meter) < 0.6)
  voice.setGain(0)
  await until(() => levelOf(meter) === 0 && widthOf(meter) === 0)
})

test('silence does not move the meter', async (context) => {
  const { voice, contexts, element } = await choosing(context, 0)
  const meter = meterIn(element)
  await until(() => contexts.open === 1)
  const seen = new Set<string | null>()
  const observer = new MutationObserver(() => seen.add(meter.getAttribute('aria-valuenow')))
  observer.observe(meter, { attributes: true })
  await settled(30)
  assert.deepEqual([...seen], [])
  // And it was measured all the while.
  voice.setGain(0.5)
  await until(() => levelOf(meter) > 85)
})

test('stops measuring when the dialog closes, and when the element leaves the page', async (context) => {
  const { contexts, element } = await choosing(context, 0.5)
  await until(() => contexts.open === 1)
  await press(element, 'Close')
  await until(() => contexts.open === 0)
  await press(element, 'More')
  the(element, 'menuitem', 'Microphone, camera and speaker').click()
  await until(() => contexts.open === 1)
  element.remove()
  await until(() => contexts.open === 0)
})

test('follows the microphone to another stream, and says when it is off', async (context) => {
  const { contexts, call, element } = await choosing(context, 0)
  await until(() => contexts.open === 1)
  const headset = toneVoice(0.5)
  context.after(headset.end)
  call.streams.set({ ...call.streams.value, voice: headset.stream })
  await until(() => levelOf(meterIn(element)) > 85)
  call.sources.set({ ...call.sources.value, microphone: false })
  await settled()
  assert.isUndefined(find(element, 'meter', 'Microphone level'))
  assert.include(textOf(element), 'Microphone is off')
  await until(() => contexts.open === 1)
})

test('has what a screen reader asks of a meter, and no style in its markup', async (context) => {
  const { element } = await choosing(context, 0)
  const meter = meterIn(element)
  assert.equal(meter.getAttribute('aria-valuemin'), '0')
  assert.equal(meter.getAttribute('aria-valuemax'), '100')
  assert.isFalse(meter.hasAttribute('style'))
})
