import { SottoError } from '@sotto/protocol'
import { test, assert } from '#test'
import { alone, inMessenger, key, people, press, said } from '../support/call-stage.js'
import { FakeCall } from '../support/fake-call.js'
import { find, focused, mount, settled, textOf, the, write } from '../support/stage.js'

test('a ring is a card which is announced, and leaves the focus where one writes', async (context) => {
  const { client, messenger, field, call } = await inMessenger(context)
  write(field, 'I am just wri')
  client.ring()
  await settled()
  assert.equal(focused(), field)
  assert.equal(call.getAttribute('shows'), 'ring')
  assert.isDefined(find(messenger, 'dialog', 'Bob Martin is calling'))
  assert.include(said(messenger), 'Bob Martin is calling')
  assert.isUndefined(
    find(messenger, 'button', 'Answer with voice'),
    'of a voice call there is one way to answer',
  )
})

test('a ring with video says so, and can be answered either way', async (context) => {
  for (const [button, options] of [
    ['Answer with video', '{"video":true}'],
    ['Answer with voice', '{}'],
  ] as const) {
    const { client, messenger, field, call } = await inMessenger(context)
    const ring = client.ring(new FakeCall({ video: true }))
    await settled()
    assert.include(said(messenger), 'Bob Martin is calling with video')
    await press(messenger, button)
    assert.deepEqual(ring.calls, [`answer ${options}`])
    assert.equal(call.getAttribute('shows'), 'full')
    assert.include(textOf(messenger), 'Connecting…')
    assert.notEqual(focused(), field)
    messenger.remove()
  }
})

test('who presses twice answers once, and reads of no error', async (context) => {
  const { client, messenger } = await inMessenger(context)
  const ring = client.ring()
  await settled()
  const answer = the(messenger, 'button', 'Answer')
  answer.click()
  answer.click()
  await settled()
  assert.deepEqual(ring.calls, ['answer {}'])
})

test('who could not answer may try once more', async (context) => {
  const { client, messenger } = await inMessenger(context)
  const ring = client.ring()
  ring.failures.set('answer', new SottoError('offline'))
  await settled()
  await press(messenger, 'Answer')
  await press(messenger, 'Answer')
  assert.deepEqual(ring.calls, ['answer {}', 'answer {}'])
})

test('a ring is reached by a key and left by another, and answered by keyboard', async (context) => {
  const { client, messenger, field } = await inMessenger(context)
  client.ring()
  await settled()
  assert.isTrue(await key('F6'))
  assert.equal(focused(), the(messenger, 'button', 'Answer'))
  await key('Escape')
  assert.equal(focused(), field)
  assert.isDefined(find(messenger, 'button', 'Decline'), 'it rings on')
})

test('declines a call, and goes on writing', async (context) => {
  const { client, messenger, field, call } = await inMessenger(context)
  const ring = client.ring()
  await settled()
  await key('F6')
  await press(messenger, 'Decline')
  assert.deepEqual(ring.calls, ['decline'])
  client.endCall(ring, 'declined')
  await settled()
  assert.isFalse(call.hasAttribute('shows'), 'who declined knows it')
  assert.equal(focused(), field)
})

test('declines and lets a message be written instead', async (context) => {
  const { client, messenger } = await inMessenger(context)
  const ring = client.ring(new FakeCall({ account: 'noor' }))
  await settled()
  await press(messenger, 'Decline and reply with a message')
  assert.deepEqual(ring.calls, ['decline'])
  assert.equal(messenger.with, 'noor')
  assert.equal(focused(), the(messenger, 'textbox', 'Message to noor'))
})

test('places voice and video calls from the header, and none while there is one', async (context) => {
  const { client, messenger, call } = await inMessenger(context)
  await press(messenger, 'Start a video call')
  assert.deepEqual(client.placed, ['bob {"video":true}'])
  assert.equal(call.getAttribute('shows'), 'full')
  assert.include(textOf(call), 'Calling…')
  await press(call, 'Minimise the call')
  assert.isTrue((the(messenger, 'button', 'Start a voice call') as HTMLButtonElement).disabled)
  const placed = client.call.value as FakeCall
  await press(call, 'Hang up')
  assert.deepEqual(placed.calls, ['hangUp'])
  client.endCall(placed, 'cancelled')
  await settled()
  assert.isFalse(call.hasAttribute('shows'), 'who gave up knows it')
  await press(messenger, 'Start a voice call')
  assert.deepEqual(client.placed, ['bob {"video":true}', 'bob {}'])
})

test('offers calls only where one may call, and what the backend offers', async (context) => {
  const { client, messenger } = await inMessenger(context)
  const bob = client.conversation('bob')
  const offered = () =>
    ['Start a voice call', 'Start a video call'].map((name) => find(messenger, 'button', name) !== undefined)
  assert.deepEqual(offered(), [true, true])
  bob.relation.set('request')
  await settled()
  assert.deepEqual(offered(), [false, false])
  bob.relation.set('accepted')
  bob.trust.set({ name: 'changed', accountId: 'ab'.repeat(32), waiting: 0 })
  await settled()
  assert.deepEqual(offered(), [false, false])
  bob.trust.set({ name: 'unverified' })
  for (const [features, shown] of [
    [['call.voice'], [true, false]],
    [[], [false, false]],
    [
      ['call.voice', 'call.video'],
      [true, true],
    ],
  ] as const) {
    client.features.set(new Set(features))
    await settled()
    assert.deepEqual(offered(), [...shown])
  }
})

test('where the site allows no video, a video call is answered by voice; where it allows no call, it is declined, or replied to', async (context) => {
  const { client, messenger } = await inMessenger(context)
  client.features.set(new Set(['call.voice']))
  const ring = client.ring(new FakeCall({ video: true }))
  await settled()
  assert.include(textOf(messenger), 'Video call')
  assert.isUndefined(find(messenger, 'button', 'Answer with video'))
  assert.isDefined(find(messenger, 'button', 'Answer with voice'))
  client.features.set(new Set())
  await settled()
  assert.isUndefined(find(messenger, 'button', 'Answer with voice'))
  assert.isDefined(find(messenger, 'button', 'Decline and reply with a message'))
  assert.isTrue(await key('F6'))
  assert.equal(focused(), the(messenger, 'button', 'Decline'))
  client.features.set(new Set(['call.voice']))
  await settled()
  await press(messenger, 'Answer with voice')
  assert.deepEqual(ring.calls, ['answer {}'])
})

test('a thread alone has no buttons for calls that nobody would see', async (context) => {
  const thread = Object.assign(document.createElement('sotto-thread'), { client: people(), with: 'bob' })
  await mount(context, thread)
  assert.isUndefined(find(thread, 'button', 'Start a voice call'))
})

test('asks before the other side learns the network address, once, and then calls', async (context) => {
  const { client, messenger } = await inMessenger(context)
  client.placing.push(new SottoError('call-direct'), new SottoError('call-direct'))
  await press(messenger, 'Start a voice call')
  assert.include(
    textOf(the(messenger, 'dialog', 'Bob Martin will learn your network address')),
    'no server that calls pass through',
  )
  await press(messenger, 'Cancel')
  assert.deepEqual(client.placed, ['bob {}'])
  await press(messenger, 'Start a voice call')
  await press(messenger, 'Call anyway')
  assert.deepEqual(client.placed, ['bob {}', 'bob {}', 'bob {"direct":true}'])
})

test('asks the same before answering', async (context) => {
  const { call, element } = await alone(context, new FakeCall())
  call.failures.set('answer', new SottoError('call-direct'))
  await press(element, 'Answer')
  await press(element, 'Answer anyway')
  assert.deepEqual(call.calls, ['answer {}', 'answer {"direct":true}'])
})

test('why a call could not be placed is no news any more once there is another one', async (context) => {
  const { client, messenger, call } = await inMessenger(context)
  client.placing.push(new SottoError('offline'))
  await press(messenger, 'Start a voice call')
  const ring = client.ring()
  await settled()
  await press(messenger, 'Answer')
  ring.connect(3_000)
  await settled()
  client.endCall(ring, 'answered')
  await settled()
  assert.include(textOf(call), 'Call ended')
  assert.notInclude(textOf(call), 'could not be connected')
})

test('a second call that is refused as there is one already is not what the first one came to', async (context) => {
  const { client, messenger, call } = await inMessenger(context)
  client.placing.push(new SottoError('call-direct'))
  await press(messenger, 'Start a voice call')
  const anyway = the(messenger, 'button', 'Call anyway')
  anyway.click()
  client.placing.push(new SottoError('call-refused', { reason: 'in another call' }))
  anyway.click()
  await settled()
  const placed = client.call.value
  if (!(placed instanceof FakeCall)) throw new Error('no call')
  client.endCall(placed, 'no-answer')
  await settled()
  assert.include(textOf(call), 'Bob Martin did not answer')
})

test('says why a call could not be placed, and tries again', async (context) => {
  const { client, messenger, call } = await inMessenger(context)
  client.placing.push(new SottoError('offline'))
  await press(messenger, 'Start a voice call')
  assert.include(textOf(call), 'There is no connection just now')
  await press(call, 'Call again')
  assert.equal(call.getAttribute('shows'), 'full')
  assert.lengthOf(client.placed, 2)
})
