import { SottoError } from '@sotto/protocol'
import { test, assert } from '#test'
import { alone, press, said } from '../support/call-stage.js'
import { FakeCall } from '../support/fake-call.js'
import { find, settled, textOf, until } from '../support/stage.js'

for (const [mine, outcome, words, again] of [
  [true, 'answered', 'Call ended · 3:12', undefined],
  [true, 'no-answer', 'Bob Martin did not answer', 'Call again'],
  [true, 'declined', 'Bob Martin declined the call', undefined],
  [true, 'busy', 'Bob Martin is in another call', 'Call again'],
  [true, 'failed', 'Voice call could not be connected', 'Call again'],
  [true, 'lost', 'Connection lost', 'Call again'],
  [false, 'lost', 'Connection lost', 'Call back'],
  [false, 'missed', 'Missed voice call', 'Call back'],
  [false, 'elsewhere', 'Answered on another device', undefined],
] as const) {
  test(`says of a call of ${mine ? 'ours' : 'theirs'} that was ${outcome}: ${words}`, async (context) => {
    const { client, call, element } = await alone(context, new FakeCall({ mine }))
    if (outcome === 'answered') call.connect(192_000)
    await settled()
    client.endCall(call, outcome)
    await settled()
    assert.equal(element.getAttribute('shows'), 'end')
    assert.include(textOf(element), words)
    assert.include(said(element), words)
    if (again === undefined) assert.isUndefined(find(element, 'button', /^Call/))
    else {
      await press(element, again)
      assert.deepEqual(client.placed, ['bob {}'])
      return
    }
    await press(element, 'Close')
    assert.isFalse(element.hasAttribute('shows'))
  })
}

test('what a call came to goes by itself', async (context) => {
  const { client, call, element } = await alone(context, new FakeCall({ mine: true }))
  client.endCall(call, 'no-answer')
  await until(() => element.getAttribute('shows') === 'end')
  await until(() => !element.hasAttribute('shows'))
})

test('why a device failed stays until it is read', async (context) => {
  const { client, call, element } = await alone(context, new FakeCall({ mine: true, phase: 'accepted' }))
  call.become({ error: new SottoError('no-microphone') })
  client.endCall(call, 'failed')
  await settled()
  assert.include(textOf(element), 'No microphone was found. Connect one')
})

test('offers to call again only where that may help', async (context) => {
  const { client, element } = await alone(context)
  for (const [code, again] of [
    ['offline', true],
    ['forbidden', false],
    ['blocked', false],
  ] as const) {
    client.placing.push(new SottoError(code))
    element.place('bob')
    await until(() => element.getAttribute('shows') === 'end')
    await settled()
    assert.equal(find(element, 'button', 'Call again') !== undefined, again, code)
    await press(element, 'Close')
  }
})

test('calls again without video where the site allows none', async (context) => {
  const { client, call, element } = await alone(context, new FakeCall({ video: true }))
  client.features.set(new Set(['call.voice']))
  client.endCall(call, 'missed')
  await settled()
  await press(element, 'Call back')
  assert.deepEqual(client.placed, ['bob {}'])
})

test('offers no call where the site allows none', async (context) => {
  const { client, call, element } = await alone(context, new FakeCall())
  client.features.set(new Set())
  client.endCall(call, 'missed')
  await settled()
  assert.include(textOf(element), 'Missed')
  assert.isUndefined(find(element, 'button', 'Call back'))
})
