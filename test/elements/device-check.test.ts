import type { DeviceCheckElement } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { test, assert, type TestContext } from '#test'
import { inMessenger, people, press } from '../support/call-stage.js'
import { withDevices } from '../support/devices.js'
import { drawnStream, FakeCall } from '../support/fake-call.js'
import type { FakeClient } from '../support/fake-client.js'
import { everything, find, focused, mount, settled, textOf, the, until } from '../support/stage.js'
import { audible, toneVoice } from '../support/voices.js'

await customElements.whenDefined('sotto-device-check')

/** Somebody who has a camera and a microphone that hears a tone. */
function equipped(context: TestContext): FakeClient {
  withDevices(context, 'm Built-in', 'm Headset', 'c Front', 'c Back', 's Built-in', 's Headset')
  const client = people()
  client.callDevices.capture = (video) => {
    const voice = toneVoice(0.5)
    context.after(voice.end)
    return { voice: voice.stream, local: video ? drawnStream('#000', '#333') : undefined }
  }
  return client
}

async function alone(context: TestContext, client = equipped(context)) {
  const element = document.createElement('sotto-device-check') as DeviceCheckElement
  const closed: Event[] = []
  element.addEventListener('close', (event) => closed.push(event))
  element.client = client
  await mount(context, element, { width: 400 })
  return { client, element, closed, checks: client.callDevices.checks }
}

const pictureIn = (root: Element) =>
  [...everything(root.shadowRoot ?? root)].find((one) => one instanceof HTMLVideoElement)

const selectIn = (root: Element, label: string): HTMLSelectElement => {
  const found = [...everything(root.shadowRoot ?? root)].find(
    (one) => one instanceof HTMLSelectElement && one.labels[0]?.textContent.trim().startsWith(label),
  )
  if (found === undefined) throw new Error(`no list called ${label}`)
  return found as HTMLSelectElement
}

async function choose(root: Element, label: string, id: string): Promise<void> {
  const select = selectIn(root, label)
  select.value = id
  select.dispatchEvent(new Event('change'))
  await settled()
}

test('shows the own picture and how loud the voice is', async (context) => {
  audible(context)
  const { element, checks } = await alone(context)
  await until(() => checks.length === 1)
  await until(() => pictureIn(element)?.srcObject === checks[0]?.streams.value.local)
  assert.isTrue(pictureIn(element)?.muted)
  const meter = the(element, 'meter', 'Microphone level')
  await until(() => Number(meter.getAttribute('aria-valuenow')) > 85)
})

test('asks for nothing again while it is looked at, and comes to rest', async (context) => {
  const { client, element, checks } = await alone(context)
  let updates = 0
  element.addController({ hostUpdated: () => updates++ })
  await settled(20)
  assert.equal(checks.length, 1)
  assert.isBelow(updates, 5)
  client.callDevices.chosen.set({ microphone: 'm Headset' })
  await settled(20)
  assert.equal(checks.length, 1)
})

/** Every track that a check has captured. */
const tracksOf = (client: FakeClient) =>
  client.callDevices.checks.flatMap(({ streams: { value } }) =>
    [value.voice, value.local].flatMap((stream) => stream?.getTracks() ?? []),
  )

test('no camera and no microphone stays on when it is closed, and one that comes late is let go', async (context) => {
  const contexts = audible(context)
  const { client, element, checks } = await alone(context)
  await until(() => contexts.open > 1)
  assert.deepEqual(
    tracksOf(client).map(({ kind, readyState }) => `${kind} ${readyState}`),
    ['audio live', 'video live'],
  )
  element.remove()
  await settled()
  assert.isTrue(tracksOf(client).every(({ readyState }) => readyState === 'ended'))
  assert.isTrue(checks[0]?.closed)
  // The person answers the browser's question when nobody waits any more.
  const asked = client.callDevices.check.bind(client.callDevices)
  let answer = (): void => undefined
  client.callDevices.check = async (options) => {
    await new Promise<void>((resolve) => (answer = resolve))
    return asked({ video: options?.video === true })
  }
  document.body.append(element)
  await settled()
  assert.include(textOf(element), 'When your browser asks')
  element.remove()
  await settled()
  answer()
  await until(() => checks.length === 2)
  await settled()
  assert.isTrue(tracksOf(client).every(({ readyState }) => readyState === 'ended'))
})

test('what is only moved goes on, and what comes back begins again', async (context) => {
  const { element, checks } = await alone(context)
  const box = element.parentElement
  element.remove()
  box?.append(element)
  await settled()
  assert.equal(checks.length, 1)
  assert.isFalse(checks[0]?.closed)
  selectIn(element, 'Microphone')
  element.remove()
  await settled()
  box?.append(element)
  await until(() => checks.length === 2)
  await until(() => pictureIn(element)?.srcObject === checks[1]?.streams.value.local)
})

test('another microphone and camera are tried at once, and the speaker is kept', async (context) => {
  const { client, element, checks } = await alone(context)
  await choose(element, 'Microphone', 'm Headset')
  await choose(element, 'Camera', 'c Back')
  assert.deepEqual(checks[0]?.calls, [
    'set {"microphone":true} {"microphone":"m Headset"}',
    'set {"camera":true} {"camera":"c Back"}',
  ])
  if (!('setSinkId' in HTMLMediaElement.prototype)) return
  await choose(element, 'Speaker', 's Headset')
  assert.deepEqual(client.callDevices.choices, [{ speaker: 's Headset' }])
  assert.equal(selectIn(element, 'Speaker').value, 's Headset')
})

test('a device that cannot be had is said, and the list shows what is used', async (context) => {
  const { element, checks } = await alone(context)
  const [check] = checks
  if (check === undefined) throw new Error('no check')
  const before = selectIn(element, 'Camera').value
  check.failure = new SottoError('media-in-use')
  await choose(element, 'Camera', before === 'c Back' ? 'c Front' : 'c Back')
  assert.include(textOf(element), 'Another program uses your microphone or camera')
  assert.equal(selectIn(element, 'Camera').value, before)
  await choose(element, 'Camera', 'c Back')
  assert.notInclude(textOf(element), 'Another program uses')
})

for (const [code, words] of [
  ['no-microphone', 'No microphone was found.'],
  ['media-denied', 'Allow them beside the address of the page'],
  ['media-in-use', 'Another program uses your microphone or camera. Close it'],
] as const) {
  test(`says what to do about ${code}, and tries again`, async (context) => {
    const client = equipped(context)
    client.callDevices.failures.push(new SottoError(code))
    const { element, checks } = await alone(context, client)
    assert.include(textOf(element), words)
    assert.isUndefined(pictureIn(element))
    await press(element, 'Try again')
    await until(() => pictureIn(element) !== undefined)
    assert.notInclude(textOf(element), words)
    assert.equal(checks.length, 1)
  })
}

test('a missing camera is said in its place, the microphone is tried all the same', async (context) => {
  const { element, checks } = await alone(context)
  checks[0]?.lose('camera', new SottoError('no-camera'))
  await settled()
  assert.include(textOf(element), 'No camera was found. A call can go on with voice.')
  the(element, 'meter', 'Microphone level')
  await press(element, 'Try again')
  assert.deepEqual(checks[0]?.calls, ['set {"camera":true} {}'])
  assert.notInclude(textOf(element), 'No camera was found')
})

test('a microphone that went away is said', async (context) => {
  const { element, checks } = await alone(context)
  checks[0]?.lose('microphone', new SottoError('no-microphone'))
  await settled()
  assert.include(textOf(element), 'No microphone was found')
  assert.isUndefined(find(element, 'meter', 'Microphone level'))
})

test('where the site has no video, no camera is asked for', async (context) => {
  const client = equipped(context)
  client.features.set(new Set(['call.voice']))
  const asked: unknown[] = []
  const check = client.callDevices.check.bind(client.callDevices)
  client.callDevices.check = (options) => {
    asked.push(options?.video)
    return check(options)
  }
  const { element } = await alone(context, client)
  assert.deepEqual(asked, [false])
  assert.match(textOf(element), /^Check microphone Microphone/)
  assert.notInclude(textOf(element), 'Camera')
})

test('a call takes the devices, and they are not taken back by themselves', async (context) => {
  const { client, element, closed, checks } = await alone(context)
  const call = client.ring(new FakeCall())
  await until(() => closed.length === 1)
  await settled()
  assert.isTrue(checks[0]?.closed)
  assert.include(textOf(element), 'A call uses your devices')
  assert.isUndefined(find(element, 'button', 'Try again'))
  client.endCall(call, 'missed')
  await settled()
  assert.equal(checks.length, 1)
  await press(element, 'Try again')
  await until(() => checks.length === 2)
})

test('a test sound is played, and stops with the element', async (context) => {
  const contexts = audible(context)
  const { element, checks } = await alone(context)
  await until(() => checks.length === 1)
  const before = contexts.open
  await press(element, 'Play a test sound')
  await until(() => contexts.open === before + 1)
  await until(() => contexts.open === before)
  await press(element, 'Play a test sound')
  await until(() => contexts.open === before + 1)
  element.remove()
  // The voice of the fake stays open; the meter and the sound do not.
  await until(() => contexts.open < before)
})

test('is opened from the menu of a conversation, and lets go when it is closed', async (context) => {
  const { client, messenger } = await inMessenger(context)
  withDevices(context, 'm Built-in', 'c Front')
  client.callDevices.capture = equipped(context).callDevices.capture
  the(messenger, 'button', 'More').focus()
  await press(messenger, 'More')
  the(messenger, 'menuitem', 'Check camera and microphone').click()
  await until(() => pictureIn(messenger) !== undefined)
  the(messenger, 'dialog', 'Check camera and microphone')
  await press(messenger, 'Close')
  await until(() => tracksOf(client).every(({ readyState }) => readyState === 'ended'))
  assert.isUndefined(find(messenger, 'dialog', 'Check camera and microphone'))
  assert.equal(focused()?.getAttribute('aria-label'), 'More')
})

test('makes room for a call that rings', async (context) => {
  const { client, messenger } = await inMessenger(context)
  await press(messenger, 'More')
  the(messenger, 'menuitem', 'Check camera and microphone').click()
  await until(() => find(messenger, 'button', 'Play a test sound') !== undefined)
  client.ring(new FakeCall())
  await until(() => find(messenger, 'dialog', 'Check camera and microphone') === undefined)
  the(messenger, 'button', 'Answer')
})

test('is offered where a call could not begin for want of a device, and nowhere else', async (context) => {
  const { client, messenger } = await inMessenger(context)
  client.placing.push(new SottoError('no-microphone'), new SottoError('offline'))
  await press(messenger, 'Start a voice call')
  assert.include(textOf(messenger), 'No microphone was found')
  await press(messenger, 'Check camera and microphone')
  await until(() => client.callDevices.checks.length === 1)
  await press(the(messenger, 'dialog', 'Check camera and microphone'), 'Close')
  assert.isTrue(client.callDevices.checks[0]?.closed)
  await press(messenger, 'Call again')
  assert.include(textOf(messenger), 'There is no connection just now')
  assert.isUndefined(find(messenger, 'button', 'Check camera and microphone'))
})
