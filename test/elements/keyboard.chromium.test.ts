import type { MessengerElement } from '@sotto/elements'
import { sendKeys } from '@web/test-runner-commands'
import { test, assert, type TestContext } from '#test'
import { FakeClient, keyOf, textItem } from '../support/fake-client.js'
import { find, focused, mount, settled, textOf, the } from '../support/stage.js'

const now = Date.now()

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    const shift = key.startsWith('Shift+')
    if (shift) await sendKeys({ down: 'Shift' })
    await sendKeys({ press: key.replace('Shift+', '') })
    if (shift) await sendKeys({ up: 'Shift' })
    await settled()
  }
}

async function setup(context: TestContext) {
  const client = new FakeClient()
  const bob = client.conversation('bob')
  const texts = ['one', 'two', 'three see example.com', 'four']
  bob.messages.set(texts.map((text, i) => textItem(i, { text, at: now + i, mine: i % 2 === 1 })))
  client.conversations.set(
    ['anna', 'bob', 'carol'].map((account, i) => {
      const last = textItem(i, { text: 'hello', at: now - i })
      return {
        account,
        relation: 'accepted',
        trust: { name: 'unverified' },
        last,
        unread: 0,
        at: last.at,
      } as const
    }),
  )
  const element = document.createElement('sotto-messenger') as MessengerElement
  element.client = client
  const messenger = await mount(context, element)
  return { client, bob, messenger }
}

const on = (key: string) => (focused() as HTMLElement | null)?.dataset['key'] === keyOf(Number(key))
const label = () => focused()?.getAttribute('aria-label') ?? focused()?.textContent?.trim()

test('goes from the list into a conversation, writes, sends and comes back, by keyboard alone', async (context) => {
  const { bob, messenger } = await setup(context)
  the(messenger, 'textbox', 'Search').focus()
  await press('ArrowDown', 'ArrowDown', 'Enter')
  assert.equal(messenger.with, 'bob')
  assert.equal(label(), 'Message to bob')
  await sendKeys({ type: 'Hello' })
  await press('Shift+Enter')
  await sendKeys({ type: 'there' })
  await press('Enter')
  assert.deepEqual(bob.calls, ['send Hello\nthere'])
  await press('Shift+Tab')
  assert.isTrue(on('4'), 'the newest message has the focus')
  await press('Escape')
  assert.equal(label(), 'Message to bob')
})

test('walks the list with arrows, Home and End, and Tab passes it in one step', async (context) => {
  const { messenger } = await setup(context)
  the(messenger, 'button', /anna/).focus()
  await press('End')
  assert.include(focused()?.textContent, 'carol')
  await press('Home', 'ArrowDown')
  assert.include(focused()?.textContent, 'bob')
  await press('Tab')
  assert.include(label(), 'New message')
  await press('Shift+Tab')
  assert.include(focused()?.textContent, 'bob')
})

test('walks messages with arrows, and out of them to the field', async (context) => {
  const { messenger } = await setup(context)
  messenger.with = 'bob'
  await settled()
  the(messenger, 'textbox', 'Message to bob').focus()
  await press('Shift+Tab')
  assert.isTrue(on('3'))
  await press('ArrowUp', 'ArrowUp')
  assert.isTrue(on('1'))
  assert.match(label() ?? '', /^You, .*, Sent: two$/)
  await press('ArrowDown', 'ArrowDown', 'ArrowDown')
  assert.equal(label(), 'Message to bob')
})

test('opens what can be done with a message with Enter, walks it, and comes back with Escape', async (context) => {
  const { messenger } = await setup(context)
  messenger.with = 'bob'
  await settled()
  the(messenger, 'textbox', 'Message to bob').focus()
  await press('Shift+Tab', 'Enter')
  assert.equal(label(), 'Copy')
  await press('ArrowDown')
  assert.equal(label(), 'Delete')
  await press('ArrowDown')
  assert.equal(label(), 'Copy')
  await press('Escape')
  assert.isTrue(on('3'))
  assert.isUndefined(find(messenger, 'menu', /./))
})

test('deletes a message by keyboard, after a question whose first answer is no', async (context) => {
  const { bob, messenger } = await setup(context)
  messenger.with = 'bob'
  await settled()
  the(messenger, 'textbox', 'Message to bob').focus()
  await press('Shift+Tab', 'Enter', 'End', 'Enter')
  assert.equal(label(), 'Cancel')
  await press('Tab', 'Enter')
  assert.deepEqual(bob.calls, [`remove ${keyOf(3)}`])
  assert.notInclude(textOf(messenger), 'four')
})

test('starts a new message and gives the focus back when it is cancelled', async (context) => {
  const { messenger } = await setup(context)
  const pencil = the(messenger, 'button', 'New message')
  pencil.focus()
  await press('Enter')
  assert.equal(focused()?.id, 'account')
  await press('Escape')
  assert.isUndefined(find(messenger, 'dialog', /./))
  assert.equal(focused(), pencil)
})

test('compares the safety number by keyboard', async (context) => {
  const { bob, messenger } = await setup(context)
  messenger.with = 'bob'
  await settled()
  the(messenger, 'button', 'More').focus()
  await press('Enter', 'Enter')
  assert.include(textOf(messenger), 'Compare with bob')
  await press('Tab', 'Tab', 'Enter')
  assert.include(bob.calls, 'markVerified')
})

test('clears the search with Escape', async (context) => {
  const { messenger } = await setup(context)
  the(messenger, 'textbox', 'Search').focus()
  await sendKeys({ type: 'car' })
  await settled()
  assert.isUndefined(find(messenger, 'button', /anna/))
  await press('Escape')
  assert.isDefined(find(messenger, 'button', /anna/))
})
