import { SottoError } from '@sotto/protocol'
import { test, assert } from '#test'
import { alone, connected, press, said, seen } from '../support/call-stage.js'
import { withDevices } from '../support/devices.js'
import { FakeCall } from '../support/fake-call.js'
import { everything, find, settled, textOf, the, until } from '../support/stage.js'

const selects = (root: Element) =>
  [...everything(root.shadowRoot ?? root)].filter((one) => one instanceof HTMLSelectElement)

async function item(element: Element, name: string): Promise<void> {
  await press(element, 'More')
  the(element, 'menuitem', name).click()
  await settled()
}

test('another microphone and speaker are chosen in the call', async (context) => {
  withDevices(context, 'm Built-in', 'm Headset', 's Built-in', 's Headset')
  const { element, call } = await alone(context, connected(new FakeCall({ mine: true })))
  await settled()
  await item(element, 'Microphone, camera and speaker')
  assert.include(textOf(element), 'Microphone')
  const [microphone] = selects(element)
  if (microphone === undefined) throw new Error('no list of microphones')
  microphone.value = 'm Headset'
  microphone.dispatchEvent(new Event('change'))
  await settled()
  assert.deepEqual(call.calls, ['set {} {"microphone":"m Headset"}'])
  assert.equal(microphone.value, 'm Headset')
  await press(element, 'Close')
  assert.isEmpty(selects(element))
})

test('the camera is switched to the next', async (context) => {
  withDevices(context, 'c Front', 'c Back')
  const call = seen()
  const { element } = await alone(context, call)
  await settled()
  await item(element, 'Switch camera')
  await item(element, 'Switch camera')
  assert.lengthOf(call.calls, 2)
  assert.equal(call.calls[0], 'set {} {"camera":"c Front"}')
})

test('says why another device could not be had, and the call goes on', async (context) => {
  withDevices(context, 'c Front', 'c Back')
  const call = seen()
  call.failures.set('set', new SottoError('media-in-use'))
  const { element } = await alone(context, call)
  await settled()
  await item(element, 'Switch camera')
  assert.include(textOf(element), 'Another program uses your microphone or camera')
  assert.equal(element.getAttribute('shows'), 'full')
})

test('there is nothing to choose where the browser names no device', async (context) => {
  withDevices(context)
  const { element } = await alone(context, seen())
  await settled()
  if (find(element, 'button', 'More') === undefined) return
  await press(element, 'More')
  assert.notInclude(textOf(element), 'Microphone, camera and speaker')
})

test('says that a microphone went away, but not that one was turned off', async (context) => {
  const { element, call } = await alone(context, connected(new FakeCall({ mine: true })))
  await press(element, 'Turn microphone off')
  assert.notInclude(textOf(element), 'Your microphone is gone')
  await press(element, 'Turn microphone on')
  call.sources.set({ ...call.sources.value, microphone: false })
  await until(() => textOf(element).includes('Your microphone is gone. Connect one, then turn it on.'))
  assert.include(said(element), 'Your microphone is gone')
  assert.equal(element.getAttribute('shows'), 'full')
  await press(element, 'Turn microphone on')
  const notes = [...everything(element.shadowRoot ?? element)].filter((one) => one.matches('.notes li'))
  assert.isEmpty(notes.map(({ textContent }) => textContent))
})

test('says that a camera went away', async (context) => {
  const { element, call } = await alone(context, seen())
  call.sources.set({ ...call.sources.value, camera: false })
  await until(() => textOf(element).includes('Your camera is gone. The call goes on with voice.'))
})

test('a speaker that was chosen is kept, and used in the next call', async (context) => {
  withDevices(context, 'm Built-in', 's Built-in', 's Headset')
  const { client, element } = await alone(context, connected(new FakeCall({ mine: true })))
  await settled()
  await item(element, 'Microphone, camera and speaker')
  const speaker = selects(element)[1]
  if (speaker === undefined) throw new Error('no list of speakers')
  assert.equal(speaker.value, 's Built-in')
  speaker.value = 's Headset'
  speaker.dispatchEvent(new Event('change'))
  await settled()
  assert.deepEqual(client.callDevices.choices, [{ speaker: 's Headset' }])
  const next = await alone(context)
  next.client.callDevices.chosen.set({ speaker: 's Headset' })
  next.client.ring(connected(new FakeCall({ mine: true, id: 'c1' })))
  await settled()
  await item(next.element, 'Microphone, camera and speaker')
  assert.equal(selects(next.element)[1]?.value, 's Headset')
})
