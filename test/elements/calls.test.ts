import type { CallRecord } from '@sotto/core'
import type { CallsElement, MessengerElement } from '@sotto/elements'
import { test, assert } from '#test'
import { key, people, press } from '../support/call-stage.js'
import { FakeCall } from '../support/fake-call.js'
import { record } from '../support/gallery-history.js'
import { find, focused, mount, settled, textOf, the } from '../support/stage.js'
import type { TestContext } from '../support/test-body.js'

await customElements.whenDefined('sotto-calls')

const has = (root: Element, button: string | RegExp) => find(root, 'button', button) !== undefined

async function inMessenger(context: TestContext, records: readonly CallRecord[], size?: { width: number }) {
  const client = people()
  client.showCalls(...records)
  const messenger = document.createElement('sotto-messenger') as MessengerElement
  messenger.client = client
  await mount(context, messenger, size)
  return { client, messenger }
}

async function alone(context: TestContext, records?: readonly CallRecord[]) {
  const client = people()
  if (records !== undefined) client.showCalls(...records)
  const element = document.createElement('sotto-calls') as CallsElement
  element.client = client
  return { client, element: await mount(context, element) }
}

for (const [item, words] of [
  [{ mine: true }, 'Outgoing voice call · 3:12'],
  [{ video: true }, 'Incoming video call · 3:12'],
  [{ outcome: 'missed' }, 'Missed voice call'],
  [{ outcome: 'busy' }, 'Missed voice call while you were in another call'],
  [{ outcome: 'declined' }, 'Incoming voice call · Declined'],
  [{ mine: true, outcome: 'declined' }, 'Outgoing voice call · Declined'],
  [{ mine: true, outcome: 'no-answer' }, 'Outgoing voice call · No answer'],
  [{ mine: true, outcome: 'cancelled' }, 'Outgoing voice call · Cancelled'],
  [{ mine: true, outcome: 'busy', video: true }, 'Outgoing video call · In another call'],
  [{ mine: true, outcome: 'failed' }, 'Outgoing voice call · Could not be connected'],
  [{ video: true, outcome: 'lost' }, 'Incoming video call · Connection lost'],
  [{ outcome: 'elsewhere' }, 'Incoming voice call · On another device'],
  [{ mine: true, outcome: undefined }, 'Outgoing voice call'],
] as const) {
  test(`says of a call in the history: ${words}`, async (context) => {
    const { element } = await alone(context, [record('bob', 0, item)])
    const row = the(element, 'button', /^BM Bob Martin/)
    assert.isTrue(row.textContent.replace(/\s+/g, ' ').trim().endsWith(words), textOf(row))
  })
}

test('puts calls under the day they were on', async (context) => {
  const { element } = await alone(context, [record('bob', 0), record('noor', 24)])
  assert.match(textOf(element), /^Calls Today .*Bob Martin.* Yesterday .*noor/)
})

test('waits for the history to be read before it says that there is none', async (context) => {
  const { client, element } = await alone(context)
  assert.include(textOf(element), 'Loading')
  client.showCalls()
  await settled()
  assert.include(textOf(element), 'No calls yet')
})

test('says that the history could not be loaded, and keeps the focus through another try', async (context) => {
  const { client, element } = await alone(context)
  client.callHistory.set({ name: 'failed', code: 'store-failed' })
  await settled()
  assert.notInclude(textOf(element), 'Loading')
  the(element, 'alert', /^Your calls could not be loaded/)
  const tryAgain = async (works: boolean) => {
    let read!: () => void
    client.historyGate = new Promise((resolve) => (read = resolve))
    the(element, 'button', 'Try again').focus()
    await press(element, 'Try again')
    assert.include(textOf(element), 'Loading')
    assert.isFalse(has(element, 'Try again'))
    if (works) client.showCalls(record('bob', 0))
    else client.callHistory.set({ name: 'failed', code: 'store-failed' })
    read()
    await settled()
  }
  await tryAgain(false)
  assert.equal(focused()?.textContent?.trim(), 'Try again')
  await tryAgain(true)
  assert.match(focused()?.textContent ?? '', /Bob Martin/)
  assert.isUndefined(find(element, 'alert', /./))
  assert.equal(client.historyReads, 2)
})

test('who went elsewhere while the calls were loaded once more stays there', async (context) => {
  const { client, element } = await alone(context)
  const elsewhere = document.createElement('button')
  document.body.append(elsewhere)
  context.after(() => elsewhere.remove())
  client.callHistory.set({ name: 'failed', code: 'store-failed' })
  await settled()
  let read!: () => void
  client.historyGate = new Promise((resolve) => (read = resolve))
  await press(element, 'Try again')
  elsewhere.focus()
  client.showCalls(record('bob', 0))
  read()
  await settled()
  assert.equal(document.activeElement, elsewhere)
})

test('a client that is closed is not asked again', async (context) => {
  const { client, element } = await alone(context)
  client.callHistory.set({ name: 'failed', code: 'store-failed' })
  await client.close()
  await settled()
  assert.include(textOf(element), 'Your calls could not be loaded')
  assert.isFalse(has(element, 'Try again'))
})

test('without a provider it says what is missing', async (context) => {
  const element = await mount(context, document.createElement('sotto-calls'))
  assert.include(textOf(element), '<sotto-calls> needs a client')
})

test('opens in the messenger, calls again, and goes back', async (context) => {
  const { client, messenger } = await inMessenger(context, [
    record('noor', 0, { outcome: 'missed', video: true }),
    record('bob', 1),
  ])
  await press(messenger, 'Calls')
  assert.equal(focused()?.getAttribute('aria-label'), 'Back to messages')
  assert.isFalse(has(messenger, 'Calls'), 'the inbox has made room')
  await press(messenger, 'Call noor with video')
  assert.deepEqual(client.placed, ['noor {"video":true}'])
  assert.isTrue(
    (the(messenger, 'button', 'Call Bob Martin') as HTMLButtonElement).disabled,
    'one call at a time',
  )
  await press(messenger, 'Back to messages')
  assert.equal(focused()?.getAttribute('aria-label'), 'Calls')
  assert.isFalse(has(messenger, 'Back to messages'))
})

test('a call leads to its conversation, and in one column back to the calls', async (context) => {
  const { messenger } = await inMessenger(context, [record('noor', 0), record('bob', 1)], { width: 390 })
  await press(messenger, 'Calls')
  await press(messenger, /^BM Bob Martin/)
  assert.equal(messenger.with, 'bob')
  assert.isFalse(has(messenger, 'Back to messages'), 'the conversation covers the calls')
  await press(messenger, 'Back to all conversations')
  assert.isUndefined(messenger.with)
  assert.match(focused()?.textContent ?? '', /Bob Martin/)
})

test('arrow keys walk the calls, and their buttons', async (context) => {
  const { messenger } = await inMessenger(context, [record('noor', 0), record('bob', 1), record('noor', 30)])
  await press(messenger, 'Calls')
  the(messenger, 'button', /^N noor/).focus()
  await key('ArrowDown')
  assert.match(focused()?.textContent ?? '', /Bob Martin/)
  assert.equal((focused() as HTMLElement).tabIndex, 0)
  the(messenger, 'button', 'Call Bob Martin').focus()
  await key('ArrowUp')
  assert.equal(focused()?.getAttribute('aria-label'), 'Call noor')
  await key('End')
  assert.equal(focused()?.closest('li')?.dataset['account'], 'noor')
  await key('ArrowDown')
  assert.equal(focused()?.getAttribute('aria-label'), 'Call noor', 'the list has an end')
})

test('offers no call to who is blocked, has to be compared first, or may not be called from here', async (context) => {
  const { client, messenger } = await inMessenger(context, [
    record('noor', 0),
    record('bob', 1),
    record('bob', 2, { video: true }),
  ])
  await press(messenger, 'Calls')
  the(messenger, 'button', 'Call noor')
  const [bob, noor] = client.conversations.value
  if (bob === undefined || noor === undefined) throw new Error('two are missing')
  client.conversations.set([bob, { ...noor, relation: 'blocked' }])
  await settled()
  assert.isFalse(has(messenger, 'Call noor'))
  client.conversations.set([
    bob,
    { ...noor, trust: { name: 'changed', accountId: 'ab'.repeat(32), waiting: 0 } },
  ])
  await settled()
  assert.isFalse(has(messenger, 'Call noor'))
  the(messenger, 'button', 'Call Bob Martin with video')
  client.features.set(new Set(['call.voice']))
  await settled()
  assert.isFalse(has(messenger, 'Call Bob Martin with video'))
  the(messenger, 'button', 'Call Bob Martin')
  client.features.set(new Set())
  await settled()
  assert.isFalse(has(messenger, /^Call/), 'neither the history nor a call')
  await press(messenger, 'Back to messages')
  assert.isFalse(has(messenger, 'Calls'))
})

test('while a call rings the others cannot be placed', async (context) => {
  const { client, messenger } = await inMessenger(context, [record('noor', 0)])
  await press(messenger, 'Calls')
  client.ring(new FakeCall({ account: 'bob' }))
  await settled()
  assert.isTrue((the(messenger, 'button', 'Call noor') as HTMLButtonElement).disabled)
})

for (const [item, again] of [
  [{ outcome: 'missed' }, 'Call back'],
  [{ outcome: 'busy' }, 'Call back'],
  [{ outcome: 'cancelled' }, 'Call back'],
  [{ outcome: 'declined' }, 'Call back'],
  [{ outcome: 'lost' }, 'Call back'],
  [{ mine: true, outcome: 'no-answer' }, 'Call again'],
  [{ mine: true, outcome: 'busy' }, 'Call again'],
  [{ mine: true, outcome: 'declined' }, 'Call again'],
  [{ mine: true, outcome: 'failed' }, 'Call again'],
  [{ mine: true, outcome: 'lost' }, 'Call again'],
  [{ mine: true, outcome: 'cancelled' }, undefined],
  [{ outcome: 'answered' }, undefined],
  [{ outcome: 'elsewhere' }, undefined],
  [{ mine: true, outcome: undefined }, undefined],
] as const) {
  const who = 'mine' in item ? 'ours' : 'theirs'
  test(`in the thread, a call of ${who} that was ${item.outcome ?? 'not over'}: ${again ?? 'nothing to press'}`, async (context) => {
    const { client, messenger } = await inThread(context, item)
    for (const one of ['Call back', 'Call again']) assert.equal(has(messenger, one), one === again)
    if (again === undefined) return
    await press(messenger, again)
    assert.deepEqual(client.placed, ['bob {}'])
  })
}

test('in the thread, who answered a call and hung up before it was connected has not missed it', async (context) => {
  const { messenger } = await inThread(context, { outcome: 'cancelled' })
  assert.include(textOf(messenger), 'Voice call, cancelled')
  assert.notInclude(textOf(messenger), 'Missed')
})

async function inThread(context: TestContext, item: Partial<CallRecord['item']>) {
  const client = people()
  client.conversation('bob').messages.set([record('bob', 0, item).item])
  const messenger = document.createElement('sotto-messenger') as MessengerElement
  Object.assign(messenger, { client, with: 'bob' })
  await mount(context, messenger)
  return { client, messenger }
}

test('in the thread a video call is called back with video, and without where that is not allowed', async (context) => {
  const { client, messenger } = await inThread(context, { outcome: 'missed', video: true })
  await press(messenger, 'Call back')
  assert.deepEqual(client.placed, ['bob {"video":true}'])
  const other = await inThread(context, { outcome: 'missed', video: true })
  other.client.features.set(new Set(['call.voice']))
  await settled()
  await press(other.messenger, 'Call back')
  assert.deepEqual(other.client.placed, ['bob {}'])
})

test('in the thread nobody is called back who cannot be called', async (context) => {
  const { client, messenger } = await inThread(context, { outcome: 'missed' })
  assert.isTrue(has(messenger, 'Call back'))
  client.features.set(new Set())
  await settled()
  assert.isFalse(has(messenger, 'Call back'))
  client.features.set(undefined)
  client.conversation('bob').relation.set('blocked')
  await settled()
  assert.isFalse(has(messenger, 'Call back'))
})

test('in the thread nobody is called back while there is a call', async (context) => {
  const { client, messenger } = await inThread(context, { outcome: 'missed' })
  const button = the(messenger, 'button', 'Call back') as HTMLButtonElement
  assert.isFalse(button.disabled)
  client.call.set(new FakeCall())
  await settled()
  assert.isTrue(button.disabled)
})
