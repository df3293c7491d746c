import { SottoError } from '@sotto/protocol'
import { test, assert } from '#test'
import { alone, connected, inMessenger, key, press, said, seen } from '../support/call-stage.js'
import { FakeCall } from '../support/fake-call.js'
import { find, focused, mount, settled, textOf, the, until } from '../support/stage.js'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('shows how a call stands, in words', async (context) => {
  const { call, element } = await alone(context, new FakeCall({ mine: true }))
  assert.include(textOf(element), 'Calling…')
  call.become({ phase: 'accepted' })
  await settled()
  assert.include(textOf(element), 'Connecting…')
  call.connect(252_000)
  await settled()
  assert.match(textOf(element), /4:1\d · Good connection/)
  call.quality.set('poor')
  await settled()
  assert.include(textOf(element), 'Weak connection')
  assert.include(said(element), 'Weak connection')
  call.theirSources.set({ microphone: false, camera: true, screen: false })
  await settled()
  assert.include(textOf(element), 'Bob Martin’s microphone is off')
  call.become({ phase: 'lost' })
  await settled()
  assert.include(textOf(element), 'Reconnecting…')
  assert.include(said(element), 'Reconnecting…')
})

test('the microphone is muted in a call that has one, and not while the browser asks for it', async (context) => {
  const { call, element } = await alone(context, new FakeCall({ mine: true }))
  const nothing = call.streams.value
  // What is not captured yet is off.
  call.sources.set({ microphone: false, camera: false, screen: false })
  call.become({ phase: 'accepted' })
  await settled()
  assert.isUndefined(find(element, 'button', /Turn microphone/))
  await key('Escape')
  await settled()
  assert.equal(element.getAttribute('shows'), 'bar')
  assert.isUndefined(find(element, 'button', /Turn microphone/))
  call.streams.set({ ...nothing, voice: new MediaStream() })
  call.sources.set({ microphone: true, camera: false, screen: false })
  await settled()
  await press(element, 'Turn microphone off')
  assert.equal(call.calls.at(-1), 'set {"microphone":false}')
  // One that was pulled out is turned on again.
  call.streams.set(nothing)
  call.connect()
  await settled()
  await press(element, 'Turn microphone on')
  assert.equal(call.calls.at(-1), 'set {"microphone":true}')
})

test('says when it rings at the other side', async (context) => {
  const { call, element } = await alone(context, new FakeCall({ mine: true }))
  assert.notInclude(textOf(element), 'Ringing…')
  call.become({ alerting: true })
  await settled()
  assert.include(textOf(element), 'Ringing…')
  assert.include(said(element), 'Ringing…')
})

test('direct calls with a contact are allowed after a question, and ended without one', async (context) => {
  const { client, messenger } = await inMessenger(context)
  const { calls } = client.conversation('bob')
  const choose = async (name: string) => {
    await press(messenger, 'More')
    the(messenger, 'menuitem', name).click()
    await settled()
  }
  await choose('Allow direct calls')
  the(messenger, 'dialog', /^Allow direct calls with .*Bob Martin.*\?$/)
  await press(messenger, 'Cancel')
  assert.notInclude(calls.join(), 'setDirectCalls')
  await choose('Allow direct calls')
  await press(messenger, 'Allow')
  await choose('Call through the server only')
  assert.deepEqual(
    calls.filter((one) => one.startsWith('setDirectCalls')),
    ['setDirectCalls true', 'setDirectCalls false'],
  )
})

test('the time runs', async (context) => {
  const { element } = await alone(context, connected(new FakeCall({ mine: true })))
  await until(() => /0:0[1-9]/.test(textOf(element)))
})

test('microphone, camera and screen are turned off and on', async (context) => {
  const { call, element } = await alone(context, seen())
  await press(element, 'Turn microphone off')
  await press(element, 'Turn microphone on')
  await press(element, 'Turn camera off')
  await press(element, 'Turn camera on')
  await press(element, 'Share your screen')
  assert.include(textOf(element), 'You are sharing your screen')
  await press(element, 'Stop sharing your screen')
  await press(element, 'Hang up')
  assert.deepEqual(call.calls, [
    'set {"microphone":false}',
    'set {"microphone":true}',
    'set {"camera":false}',
    'set {"camera":true}',
    'set {"screen":true}',
    'set {"screen":false}',
    'hangUp',
  ])
})

test('shows the other person, else who they are', async (context) => {
  const { call, element } = await alone(context, seen())
  const video = () => element.shadowRoot?.querySelector<HTMLVideoElement>('video.their')
  assert.equal(video()?.srcObject, call.streams.value.remote)
  assert.isTrue(video()?.muted, 'the sound is played apart')
  call.theirSources.set({ microphone: true, camera: false, screen: false })
  await settled()
  assert.isNull(video())
  assert.include(textOf(element), 'Bob Martin’s camera is off')
})

test('says that a video call was answered with voice only, to who placed it', async (context) => {
  for (const mine of [true, false]) {
    const { call, element } = await alone(context, new FakeCall({ mine, video: true }))
    call.become({ phase: 'accepted', here: true, video: false })
    call.connect()
    await settled()
    const words = 'Bob Martin answered with voice only'
    assert.equal(textOf(element).includes(words), mine)
    assert.equal(said(element).includes(words), mine)
    call.end('answered')
    await settled()
    element.remove()
  }
})

test('the sound goes on where the picture is not shown', async (context) => {
  const { call, element } = await alone(context, seen())
  const audio = () => element.shadowRoot?.querySelector('audio')
  const before = audio()
  assert.equal(before?.srcObject, call.streams.value.remote)
  element.minimise()
  await settled()
  assert.equal(audio(), before)
  call.end('answered')
  await settled()
  assert.isNull(audio())
})

test('video needs both: asks, waits, and is asked', async (context) => {
  const { call, element } = await alone(context, connected(new FakeCall({ mine: true })))
  await press(element, 'Ask for video')
  assert.include(textOf(element), 'Waiting for Bob Martin to agree to video')
  assert.isTrue((the(element, 'button', 'Ask for video') as HTMLButtonElement).disabled)
  call.become({ asks: 'they' })
  await settled()
  assert.include(said(element), 'Bob Martin would like to turn on video')
  await press(element, 'Not now')
  call.become({ asks: 'they' })
  await settled()
  await press(element, 'Turn on video')
  assert.deepEqual(call.calls, ['askVideo', 'refuseVideo', 'agreeVideo'])
  assert.isDefined(find(element, 'button', 'Turn camera on'))
})

test('where the site allows no video, none is offered in a call: who is asked for it can say no alone, and reads why', async (context) => {
  const { client, call, element } = await alone(context, connected(new FakeCall({ mine: true })))
  assert.isDefined(find(element, 'button', 'Share your screen'))
  client.features.set(new Set(['call.voice']))
  call.become({ asks: 'they' })
  await settled()
  assert.isUndefined(find(element, 'button', 'Ask for video'))
  assert.isUndefined(find(element, 'button', 'Share your screen'))
  assert.isUndefined(find(element, 'button', 'Turn on video'))
  assert.notInclude(textOf(element), 'Your camera turns on as well')
  assert.include(textOf(element), 'This site does not let you use video')
  await press(element, 'Not now')
  assert.deepEqual(call.calls, ['refuseVideo'])
})

test('says in words what a device lacks, and lets that be read and put away', async (context) => {
  const { call, element, errors } = await alone(context, connected(new FakeCall({ mine: true, video: true })))
  for (const [code, words] of [
    ['no-camera', 'No camera was found.'],
    ['media-denied', 'may not use your microphone or camera'],
    ['media-in-use', 'Another program uses'],
  ] as const) {
    call.sources.set({ microphone: true, camera: false, screen: false })
    call.failures.set('set', new SottoError(code))
    await settled()
    await press(element, 'Turn camera on')
    assert.include(textOf(element), words)
    await press(element, 'Close')
    assert.notInclude(textOf(element), words)
  }
  assert.deepEqual(errors, ['no-camera', 'media-denied', 'media-in-use'])
})

test('Escape puts the call into a bar and never hangs up; the bar leads back', async (context) => {
  const { client, messenger, field, call } = await inMessenger(context)
  const given = client.ring(connected(new FakeCall({ mine: true })))
  await settled()
  assert.isUndefined(
    find(messenger, 'textbox', /^Message to/),
    'what is covered is not there for the keyboard',
  )
  await key('Escape')
  assert.deepEqual(given.calls, [])
  assert.equal(call.getAttribute('shows'), 'bar')
  assert.equal(focused(), field)
  assert.match(textOf(call), /Bob Martin .*0:0\d/)
  await press(call, 'Turn microphone off')
  await press(call, /Back to the call$/)
  assert.equal(call.getAttribute('shows'), 'full')
  await key('Escape')
  await press(call, 'Hang up')
  assert.deepEqual(given.calls, ['set {"microphone":false}', 'hangUp'])
})

test('a call survives that another conversation is chosen', async (context) => {
  const { client, messenger, call } = await inMessenger(context)
  const given = client.ring(connected(new FakeCall({ mine: true })))
  await settled()
  await press(messenger, /noor/)
  assert.equal(messenger.with, 'noor')
  assert.equal(call.getAttribute('shows'), 'bar')
  assert.isDefined(find(messenger, 'textbox', 'Message to noor'))
  assert.deepEqual(given.calls, [])
})

test('a call that no element shows any more is hung up within seconds; one that another element takes over goes on', async (context) => {
  const { client, call, element } = await alone(context, connected(new FakeCall({ mine: true })))
  element.remove()
  const other = document.createElement('sotto-call') as typeof element
  other.client = client
  await pause(2_000)
  await mount(context, other)
  assert.equal(other.getAttribute('shows'), 'full')
  await pause(6_000)
  assert.deepEqual(call.calls, [])
  // It counts from when the last one went.
  other.remove()
  await pause(2_000)
  assert.deepEqual(call.calls, [])
  await until(() => call.calls.length > 0)
  assert.deepEqual(call.calls, ['hangUp'])
})

test('an element that goes leaves alone what rings, what another tab has, and what another element shows', async (context) => {
  for (const call of [
    new FakeCall(),
    new FakeCall({ phase: 'connected', here: false, connectedAt: Date.now() }),
    connected(new FakeCall({ mine: true })),
  ]) {
    const { client, element } = await alone(context, call)
    const other = document.createElement('sotto-call') as typeof element
    other.client = client
    if (call.mine) await mount(context, other)
    element.remove()
    await pause(6_000)
    assert.deepEqual(call.calls, [])
  }
})

test('nothing counts as read under a call', async (context) => {
  const { client, messenger } = await inMessenger(context)
  client.ring(connected(new FakeCall({ mine: true })))
  await settled()
  const list = messenger.shadowRoot
    ?.querySelector('sotto-thread')
    ?.shadowRoot?.querySelector('sotto-message-list') as unknown as { tellsReading: boolean }
  assert.isFalse(list.tellsReading)
  await key('Escape')
  assert.isTrue(list.tellsReading)
})

test('a narrow messenger is filled by the call', async (context) => {
  const { client, messenger, call } = await inMessenger(context, { width: 390 })
  client.ring(connected(new FakeCall({ mine: true })))
  await settled()
  assert.equal(call.getBoundingClientRect().width, 390)
  assert.isUndefined(find(messenger, 'textbox', /./))
  await key('Escape')
  assert.isDefined(find(messenger, 'textbox', /^Message to/))
})

test('a call that another tab has is said, and is not ours to steer', async (context) => {
  const { element } = await alone(context, new FakeCall({ phase: 'connected', here: false }))
  assert.equal(element.getAttribute('shows'), 'bar')
  assert.include(textOf(element), 'In a call in another tab')
  assert.isUndefined(find(element, 'button', /./))
})

test('the own picture goes to another corner by keys', async (context) => {
  const { element } = await alone(context, seen())
  const own = the(element, 'button', /^Your picture/)
  const at = () => own.getBoundingClientRect()
  const before = at()
  own.focus()
  await key('ArrowLeft')
  assert.isBelow(at().left, before.left)
  await key('ArrowDown')
  assert.isAbove(at().top, before.top)
  await key('ArrowRight')
  await key('ArrowUp')
  assert.deepEqual([at().left, at().top], [before.left, before.top])
})

test('the own picture is dragged to the nearest corner', async (context) => {
  const { element } = await alone(context, seen())
  const own = the(element, 'button', /^Your picture/)
  // There is no such pointer to capture.
  own.setPointerCapture = () => undefined
  const before = own.getBoundingClientRect()
  const pointer = (type: string, x: number, y: number) =>
    own.dispatchEvent(
      new PointerEvent(type, { pointerId: 7, clientX: x, clientY: y, bubbles: true, composed: true }),
    )
  pointer('pointerdown', before.left + 10, before.top + 10)
  pointer('pointermove', 200, 600)
  await settled()
  assert.notEqual(own.style.translate, '')
  pointer('pointermove', 40, innerHeight)
  pointer('pointerup', 40, innerHeight)
  await settled()
  assert.equal(own.style.translate, '')
  assert.isBelow(own.getBoundingClientRect().left, before.left)
  assert.isAbove(own.getBoundingClientRect().top, before.top)
})

test('controls fade in video when nobody moves, and come back; in voice they stay', async (context) => {
  const { call, element } = await alone(context, seen())
  const faded = () => element.shadowRoot?.querySelector('.call-screen')?.classList.contains('faded') === true
  await until(faded)
  await key('a', element.shadowRoot?.querySelector('.call-screen') ?? element)
  assert.isFalse(faded())
  await until(faded)
  element.shadowRoot
    ?.querySelector('.call-screen')
    ?.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }))
  await settled()
  assert.isFalse(faded())
  await until(faded)
  call.become({ video: false })
  await settled()
  assert.isFalse(faded())
})

test('Tab stays in a call that fills the window', async (context) => {
  const { element } = await alone(context, connected(new FakeCall({ mine: true })))
  const hangUp = the(element, 'button', 'Hang up')
  hangUp.focus()
  assert.isTrue(await key('Tab', hangUp))
  assert.equal(focused(), the(element, 'button', 'Minimise the call'))
})

test('an element without a client says so', async (context) => {
  const element = await mount(context, document.createElement('sotto-call'))
  assert.include(textOf(element), 'needs a client')
})
