import type { ThreadElement } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { test, assert, type TestContext } from '#test'
import { FakeClient, keyOf, textItem, type FakeConversation } from '../support/fake-client.js'
import { everything, find, mount, settled, textOf, the, write } from '../support/stage.js'

const now = Date.now()

async function setup(
  context: TestContext,
  prepare: (bob: FakeConversation, client: FakeClient) => void = () => undefined,
) {
  const client = new FakeClient()
  client.show('bob', { name: 'Bob' })
  const bob = client.conversation('bob')
  bob.messages.set([
    textItem(0, { text: 'Hello Alice', at: now }),
    textItem(1, { text: 'Hello Bob', at: now, mine: true }),
  ])
  prepare(bob, client)
  const element = document.createElement('sotto-thread') as ThreadElement
  element.client = client
  element.with = 'bob'
  const thread = await mount(context, element)
  const field = () => the(thread, 'textbox', 'Message to Bob') as HTMLTextAreaElement
  return { client, bob, thread, field }
}

const press = (field: HTMLElement, key: string, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent('keydown', {
    key,
    bubbles: true,
    cancelable: true,
    composed: true,
    ...more,
  })
  field.dispatchEvent(event)
  return event
}

const said = (thread: Element) => {
  const region = [...everything(thread.shadowRoot ?? thread)].filter((one) =>
    one.matches('[role=status].hidden'),
  )
  return region.map((one) => one.textContent).join(' ')
}

test('sends what was written with Enter, and empties the field', async (context) => {
  const { bob, thread, field } = await setup(context)
  write(field(), 'Lunch?')
  assert.isTrue(press(field(), 'Enter').defaultPrevented)
  await settled()
  assert.deepEqual(bob.calls, ['send Lunch?'])
  assert.equal(field().value, '')
  assert.include(textOf(thread), 'Lunch?')
})

test('breaks the line with Shift and Enter, and does not send in the middle of composing a word', async (context) => {
  const { bob, field } = await setup(context)
  write(field(), 'Lunch?')
  assert.isFalse(press(field(), 'Enter', { shiftKey: true }).defaultPrevented)
  press(field(), 'Enter', { isComposing: true })
  await settled()
  assert.deepEqual(bob.calls, [])
})

test('sends nothing but spaces by no way', async (context) => {
  const { bob, thread, field } = await setup(context)
  write(field(), '  \n ')
  press(field(), 'Enter')
  await settled()
  assert.isTrue((the(thread, 'button', 'Send') as HTMLButtonElement).disabled)
  assert.deepEqual(bob.calls, [])
})

test('keeps what was written when it could not be stored, and says why', async (context) => {
  const { bob, thread, field } = await setup(context)
  bob.failures.set('send', new SottoError('too-large', { limit: 16_384 }))
  write(field(), 'A long story')
  await settled()
  the(thread, 'button', 'Send').click()
  await settled()
  assert.equal(field().value, 'A long story')
  assert.include(textOf(thread), 'too long to send: about 16,000 characters')
  write(field(), 'A short one')
  await settled()
  assert.notInclude(textOf(thread), 'too long')
})

test('loses nothing that was written while a message failed', async (context) => {
  const { bob, field } = await setup(context)
  bob.failures.set('send', new SottoError('store-failed'))
  write(field(), 'first')
  press(field(), 'Enter')
  write(field(), 'second')
  await settled()
  assert.equal(field().value, 'first\nsecond')
})

test('keeps what was written to one while another is written to', async (context) => {
  const { client, thread, field } = await setup(context)
  write(field(), 'for Bob')
  thread.with = 'carol'
  await settled()
  const other = the(thread, 'textbox', 'Message to carol') as HTMLTextAreaElement
  assert.equal(other.value, '')
  write(other, 'for Carol')
  thread.with = 'bob'
  await settled()
  assert.equal(field().value, 'for Bob')
  assert.deepEqual(client.conversation('carol').calls, [])
})

for (const [state, words] of [
  [{ name: 'sent' }, 'Sent'],
  [{ name: 'delivered' }, 'Delivered'],
  [{ name: 'read' }, 'Read'],
  [{ name: 'waiting', for: 'network' }, 'Waiting for network'],
  [{ name: 'waiting', for: 'device' }, 'Waiting until Bob can be reached'],
  [{ name: 'waiting', for: 'decision' }, 'Waiting for your decision'],
  [{ name: 'failed', code: 'backend-failed' }, 'Not sent · Retry'],
  [{ name: 'failed', code: 'too-large' }, 'Not sent: too long · Retry'],
] as const) {
  test(`says in words that a message is ${Object.values(state).join(' ')}`, async (context) => {
    const { thread } = await setup(context, (bob) => {
      bob.messages.set([textItem(1, { text: 'Hello', at: now, mine: true, state })])
    })
    assert.include(textOf(thread), words)
  })
}

test('tries a failed message again', async (context) => {
  const { bob, thread } = await setup(context, (one) => {
    one.messages.set([
      textItem(1, { text: 'Hello', at: now, mine: true, state: { name: 'failed', code: 'offline' } }),
    ])
  })
  the(thread, 'button', 'Retry').click()
  await settled()
  assert.deepEqual(bob.calls, [`retry ${keyOf(1)}`])
})

test('says once what came and what failed, and nothing of what was there', async (context) => {
  const { bob, thread } = await setup(context)
  assert.equal(said(thread), '')
  bob.append({ text: 'News' })
  await settled()
  assert.equal(said(thread), 'Bob: News')
  const mine = bob.append({ text: 'Answer', mine: true })
  await settled()
  assert.notInclude(said(thread), 'Answer')
  const failed = { ...mine, state: { name: 'failed', code: 'offline' } } as const
  bob.messages.set(bob.messages.value.map((item) => (item.key === mine.key ? failed : item)))
  bob.messages.set([...bob.messages.value])
  await settled()
  assert.equal(said(thread).match(/Not sent/g)?.length, 1)
})

test('has the messages in a log that does not speak by itself', async (context) => {
  const { thread } = await setup(context)
  const log = the(thread, 'log', 'Messages with Bob')
  assert.equal(log.getAttribute('aria-live'), 'off')
})

test('tells what was read when the newest is seen, and not while a request waits', async (context) => {
  context.after(pretendFocus())
  const { bob } = await setup(context, (one) => one.unread.set({ count: 1, first: keyOf(0) }))
  assert.deepEqual(bob.calls, [`markRead ${keyOf(1)}`])
  const stranger = await setup(context, (one) => {
    one.relation.set('request')
    one.unread.set({ count: 1, first: keyOf(0) })
  })
  assert.deepEqual(stranger.bob.calls, [])
})

test('does not tell what was read while the page has no focus, and does when it gets it', async (context) => {
  const restore = pretendFocus(false)
  context.after(() => restore())
  const { bob } = await setup(context, (one) => one.unread.set({ count: 1, first: keyOf(0) }))
  assert.deepEqual(bob.calls, [])
  restore()
  context.after(pretendFocus(true))
  window.dispatchEvent(new Event('focus'))
  await settled()
  assert.deepEqual(bob.calls, [`markRead ${keyOf(1)}`])
})

test('keeps the divider above what was new, after it was read', async (context) => {
  context.after(pretendFocus())
  const { bob, thread } = await setup(context, (one) => one.unread.set({ count: 1, first: keyOf(1) }))
  assert.equal(bob.unread.value.count, 0)
  assert.include(textOf(thread), '1 new')
})

test('shows a request with what can be decided, and no field to write in', async (context) => {
  const { bob, thread } = await setup(context, (one) => one.relation.set('request'))
  assert.isUndefined(find(thread, 'textbox', /./))
  assert.include(textOf(thread), 'Bob wants to write to you')
  the(thread, 'button', 'Accept').click()
  await settled()
  assert.deepEqual(bob.calls, ['accept'])
  assert.isDefined(find(thread, 'textbox', 'Message to Bob'))
})

test('asks before a conversation is deleted, and tells that nothing is chosen any more', async (context) => {
  const { bob, thread } = await setup(context, (one) => one.relation.set('request'))
  const chosen: unknown[] = []
  thread.addEventListener('sotto-select', ({ account }) => chosen.push(account))
  the(thread, 'button', 'Delete').click()
  await settled()
  assert.deepEqual(bob.calls, [])
  const dialog = the(thread, 'dialog', 'Delete the conversation with Bob?')
  the(dialog, 'button', 'Delete').click()
  await settled()
  assert.deepEqual(bob.calls, ['delete'])
  assert.deepEqual(chosen, [undefined])
})

test('blocks and unblocks', async (context) => {
  const { bob, thread } = await setup(context, (one) => one.relation.set('request'))
  the(thread, 'button', 'Block').click()
  await settled()
  assert.include(textOf(thread), 'You blocked Bob')
  assert.isUndefined(find(thread, 'textbox', /./))
  assert.notInclude(textOf(thread), 'Not compared yet')
  the(thread, 'button', 'Unblock').click()
  await settled()
  assert.include(textOf(thread), 'Not compared yet')
  assert.deepEqual(bob.calls, ['block', 'unblock'])
  assert.isDefined(find(thread, 'textbox', 'Message to Bob'))
})

test('stops at a changed safety number until the person decides', async (context) => {
  const { bob, thread } = await setup(context, (one) =>
    one.trust.set({ name: 'changed', accountId: 'ab'.repeat(32), waiting: 2 }),
  )
  assert.include(textOf(thread), 'Bob’s safety number has changed')
  assert.include(
    textOf(thread),
    'Nothing is sent until you decide. Until then, 2 new messages are held back.',
  )
  assert.isUndefined(find(thread, 'textbox', /./))
  the(thread, 'button', 'Go on without comparing').click()
  await settled()
  assert.deepEqual(bob.calls, ['acceptChange'])
  assert.isDefined(find(thread, 'textbox', 'Message to Bob'))
})

test('shows the sixty digits in twelve groups, and takes it that they match', async (context) => {
  const { bob, thread } = await setup(context, (one) =>
    one.trust.set({ name: 'changed', accountId: 'ab'.repeat(32), waiting: 0 }),
  )
  the(thread, 'button', 'Compare now').click()
  await settled()
  const groups = [...everything(thread.shadowRoot ?? thread)].filter((one) =>
    one.matches('[part=digits] > li'),
  )
  assert.equal(groups.length, 12)
  assert.equal(groups.map((one) => one.textContent).join(''), bob.digits)
  the(thread, 'button', 'They match').click()
  await settled()
  assert.deepEqual(bob.calls, ['safetyNumber', 'markVerified', 'safetyNumber'])
  assert.include(textOf(thread), 'Compared on')
  the(thread, 'button', 'Close').click()
  await settled()
  assert.isUndefined(find(thread, 'dialog', /./))
})

test('other digits never take the place of those that somebody is comparing: it is said, and nothing matches', async (context) => {
  const { bob, thread } = await setup(context, (one) => one.trust.set({ name: 'unverified' }))
  the(thread, 'button', 'Compare').click()
  await settled()
  const shown = () =>
    [...everything(thread.shadowRoot ?? thread)]
      .filter((one) => one.matches('[part=digits] > li'))
      .map((one) => one.textContent)
      .join('')
  const first = bob.digits
  assert.equal(shown(), first)
  bob.digits = '1'.repeat(60)
  bob.trust.set({ name: 'changed', accountId: 'ab'.repeat(32), waiting: 0 })
  await settled()
  assert.include(textOf(thread), 'Bob’s safety number changed while you compared it.')
  assert.equal(shown(), '')
  assert.isUndefined(find(thread, 'button', 'They match'))
  the(thread, 'button', 'Show the new number').click()
  await settled()
  assert.equal(shown(), bob.digits)
  // A change that the page has not heard of yet is found when the person says that they match.
  bob.digits = '2'.repeat(60)
  the(thread, 'button', 'They match').click()
  await settled()
  assert.equal(bob.trust.value.name, 'changed')
  assert.include(textOf(thread), 'Bob’s safety number changed while you compared it.')
  the(thread, 'button', 'Show the new number').click()
  await settled()
  the(thread, 'button', 'They match').click()
  await settled()
  assert.equal(bob.trust.value.name, 'verified')
})

test('says what to do when there is no safety number yet', async (context) => {
  const { thread } = await setup(context, (bob) => {
    bob.failures.set('safetyNumber', new SottoError('unknown-account'))
  })
  the(thread, 'button', 'Compare').click()
  await settled()
  assert.include(textOf(thread), 'Write to Bob first')
})

test('says that messages are missing, or gone for good', async (context) => {
  const { thread } = await setup(context, (bob) => {
    bob.messages.set([
      { kind: 'gap', key: keyOf(3), at: now, mine: false, count: 2, gone: false },
      { kind: 'gap', key: keyOf(4), at: now, mine: false, count: 1, gone: true },
      { kind: 'gap', key: keyOf(6), at: now, mine: true, count: 1, gone: false },
      { kind: 'unknown', key: keyOf(5), at: now, id: 'x', mine: false },
    ])
  })
  assert.include(textOf(thread), '2 messages are still missing · asked Bob’s device')
  assert.include(textOf(thread), '1 message could not be recovered')
  assert.include(textOf(thread), '1 message of yours is still missing · asked your other device')
  assert.include(textOf(thread), 'This message needs a newer version')
})

test('shows no field where nothing can be sent, and says why', async (context) => {
  const { client, thread } = await setup(context)
  for (const [state, words] of [
    [{ name: 'removed' }, 'This device was removed from your account'],
    [{ name: 'stopped', code: 'copied-device' }, 'The data of this browser were copied'],
    [
      { name: 'stopped', code: 'store-damaged' },
      'A part of what this browser keeps for this site is missing',
    ],
    [{ name: 'stopped', code: 'store-full' }, 'Look whether there is space left and reload'],
    [{ name: 'elsewhere' }, 'This account is set up on another device'],
    [{ name: 'closed' }, 'Messages were closed here'],
  ] as const) {
    client.state.set(state)
    await settled()
    assert.include(textOf(thread), words)
    assert.isUndefined(find(thread, 'textbox', /./), state.name)
  }
  client.state.set({ name: 'online' })
  await settled()
  assert.isDefined(find(thread, 'textbox', 'Message to Bob'))
})

test('says that there is no connection, and tries again when asked', async (context) => {
  const { client, thread } = await setup(context)
  client.state.set({ name: 'offline', code: 'offline' })
  await settled()
  const pill = [...everything(thread.shadowRoot ?? thread)].find((one) => one.matches('[part=offline]'))
  assert.include(pill?.textContent ?? '', 'No connection')
  pill?.querySelector('button')?.click()
  assert.equal(client.reconnects, 1)
  assert.isDefined(find(thread, 'textbox', 'Message to Bob'))
})

test('makes no alarm of a connection that another window took over', async (context) => {
  const { client, thread } = await setup(context)
  client.state.set({ name: 'offline', code: 'replaced' })
  await settled()
  const pill = [...everything(thread.shadowRoot ?? thread)].find((one) => one.matches('[part=offline]'))
  assert.include(pill?.textContent ?? '', 'Another window took over the connection. It goes on by itself.')
})

test('makes no alarm of a store that was put back and heals, but of one that has stopped everything', async (context) => {
  const { client, thread } = await setup(context)
  client.state.set({ name: 'offline', code: 'rolled-back' })
  await settled()
  const pill = [...everything(thread.shadowRoot ?? thread)].find((one) => one.matches('[part=offline]'))
  assert.include(pill?.textContent ?? '', 'Messages cannot be reached just now. It goes on by itself.')
  client.state.set({ name: 'stopped', code: 'rolled-back' })
  await settled()
  assert.include(textOf(thread), 'The data of this browser were copied or put back.')
})

test('says on the page and as an event that its attribute is wrong', async (context) => {
  for (const wrong of ['Bob!', 'alice', '']) {
    const errors: string[] = []
    const element = document.createElement('sotto-thread') as ThreadElement
    element.addEventListener('error', (event) =>
      errors.push((event as unknown as { error: SottoError }).error.code),
    )
    element.client = new FakeClient()
    element.with = wrong
    const thread = await mount(context, element)
    assert.deepEqual(errors, ['wrong-setting'], wrong)
    assert.include(textOf(thread), 'The attribute “with” of <sotto-thread> is missing or wrong.')
  }
})

/** A test page may stand behind another: says whether it has the focus. Returns how to stop. */
function pretendFocus(has = true): () => void {
  document.hasFocus = () => has
  return () => void delete (document as Partial<Document>).hasFocus
}
