import { test, assert } from '#test'
import { withDevices } from '../support/devices.js'
import { keyOf } from '../support/fake-client.js'
import { find, focused, settled, textOf, the, until } from '../support/stage.js'
import { label, press, setup } from './keyboard-stage.js'

// Here a button is pressed with Enter. Firefox makes a click of that in the window in front alone, and of the windows that tests run in
// side by side only one is. What the elements do with keys themselves is in keyboard.test.ts, for both browsers.

test('goes from the list into a conversation by keyboard alone', async (context) => {
  const { messenger } = await setup(context)
  the(messenger, 'textbox', 'Search').focus()
  await press('ArrowDown', 'ArrowDown', 'Enter')
  assert.equal(messenger.with, 'bob')
  assert.equal(label(), 'Message to bob')
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

test('checks the devices by keyboard, and is back where it was opened', async (context) => {
  const { client, messenger } = await setup(context)
  withDevices(context, 'm Built-in', 'm Headset')
  messenger.with = 'bob'
  await settled()
  the(messenger, 'button', 'More').focus()
  await press('Enter', 'ArrowDown', 'ArrowDown')
  assert.equal(label(), 'Check camera and microphone')
  await press('Enter')
  await until(() => find(messenger, 'button', 'Play a test sound') !== undefined)
  const [check] = client.callDevices.checks
  await press('Tab')
  assert.equal(focused()?.localName, 'select')
  await press('ArrowDown')
  assert.deepEqual(check?.calls, ['set {"microphone":true} {"microphone":"m Headset"}'])
  await press('Tab')
  assert.equal(label(), 'Play a test sound')
  await press('Tab')
  assert.equal(label(), 'Close')
  await press('Enter')
  await until(() => check?.closed === true)
  assert.equal(label(), 'More')
})
