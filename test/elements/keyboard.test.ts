import { sendKeys } from '@web/test-runner-commands'
import { test, assert } from '#test'
import { find, focused, settled, the } from '../support/stage.js'
import { label, on, press, setup } from './keyboard-stage.js'

test('writes, sends, goes to what was sent and comes back', async (context) => {
  const { bob, messenger } = await setup(context)
  messenger.with = 'bob'
  await settled()
  the(messenger, 'textbox', 'Message to bob').focus()
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

test('clears the search with Escape', async (context) => {
  const { messenger } = await setup(context)
  the(messenger, 'textbox', 'Search').focus()
  await sendKeys({ type: 'car' })
  await settled()
  assert.isUndefined(find(messenger, 'button', /anna/))
  await press('Escape')
  assert.isDefined(find(messenger, 'button', /anna/))
})
