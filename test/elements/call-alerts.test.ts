import type { CallElement } from '@sotto/elements'
import { test, assert, type TestContext } from '#test'
import { people } from '../support/call-stage.js'
import { FakeCall } from '../support/fake-call.js'
import { mount, settled, textOf, until } from '../support/stage.js'

/** Puts `value` in the place of a property of the page for the time of a test. */
function put(context: TestContext, on: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(on, name)
  Object.defineProperty(on, name, { value, configurable: true, writable: true })
  context.after(() => {
    if (before === undefined) Reflect.deleteProperty(on, name)
    else Object.defineProperty(on, name, before)
  })
}

/** A page that may make a sound, and what of it is heard. */
function listen(context: TestContext, active = true) {
  const heard = { open: 0, notes: 0 }
  class Contextless extends AudioContext {
    constructor() {
      super()
      heard.open++
    }
    override close(): Promise<void> {
      heard.open--
      return super.close()
    }
  }
  class Note extends OscillatorNode {
    override start(when?: number): void {
      heard.notes++
      super.start(when)
    }
  }
  put(context, globalThis, 'AudioContext', Contextless)
  put(context, globalThis, 'OscillatorNode', Note)
  put(context, navigator, 'userActivation', { hasBeenActive: active })
  return heard
}

async function setup(context: TestContext, call: FakeCall, silent = false) {
  const client = people()
  client.ring(call)
  const element = document.createElement('sotto-call') as CallElement
  Object.assign(element, { client, silent })
  const title = document.title
  document.title = 'A page'
  context.after(() => (document.title = title))
  return { client, call, element: await mount(context, element) }
}

test('a ring is heard, and is not once it was answered', async (context) => {
  const heard = listen(context)
  const { call } = await setup(context, new FakeCall({ id: 'a1' }))
  await until(() => heard.open === 1)
  assert.isAbove(heard.notes, 0)
  await call.answer()
  await until(() => heard.open === 0)
})

test('who calls hears that it rings', async (context) => {
  const heard = listen(context)
  const { client, call } = await setup(context, new FakeCall({ mine: true, id: 'a2' }))
  await until(() => heard.open === 1)
  client.endCall(call, 'no-answer')
  await until(() => heard.open === 0)
})

test('a silent element makes no sound', async (context) => {
  const heard = listen(context)
  const { element } = await setup(context, new FakeCall({ id: 'a3' }), true)
  await settled()
  assert.include(textOf(element), 'Voice call')
  assert.deepEqual(heard, { open: 0, notes: 0 })
})

test('of two elements that ring for one call, one is heard', async (context) => {
  const heard = listen(context)
  const { client, element } = await setup(context, new FakeCall({ id: 'a4' }))
  const second = document.createElement('sotto-call') as CallElement
  await mount(context, Object.assign(second, { client }))
  await until(() => heard.open > 0)
  await settled(20)
  assert.equal(heard.open, 1)
  element.remove()
  await settled(20)
  await until(() => heard.open === 1)
})

test('a page on which nothing was done yet makes no sound, until something is', async (context) => {
  const heard = listen(context, false)
  await setup(context, new FakeCall({ id: 'a5' }))
  await settled(20)
  assert.equal(heard.open, 0)
  put(context, navigator, 'userActivation', { hasBeenActive: true })
  window.dispatchEvent(new Event('pointerup'))
  await until(() => heard.open === 1)
})

test('the tab says who calls, by turns with its own title', async (context) => {
  const { client, call } = await setup(context, new FakeCall({ id: 'a6', video: true }), true)
  assert.equal(document.title, 'Bob Martin is calling with video')
  await until(() => document.title === 'A page')
  await until(() => document.title === 'Bob Martin is calling with video')
  client.endCall(call, 'missed')
  await settled()
  assert.equal(document.title, 'A page')
})

test('a title that the page has set in the meantime stays', async (context) => {
  const { client, call } = await setup(context, new FakeCall({ id: 'a7' }), true)
  document.title = 'Another page'
  client.endCall(call, 'missed')
  await settled()
  assert.equal(document.title, 'Another page')
})

test('an element that is taken away while it rings stops tone and title', async (context) => {
  const heard = listen(context)
  const { element } = await setup(context, new FakeCall({ id: 'a8' }))
  await until(() => heard.open === 1)
  element.remove()
  await until(() => heard.open === 0)
  assert.equal(document.title, 'A page')
})

/** What notifications were shown, while the page is hidden or not. */
function notifications(context: TestContext, permission: NotificationPermission) {
  const shown: { readonly title: string; closed: boolean }[] = []
  class Shown {
    static readonly permission = permission
    static requestPermission(): never {
      throw new Error('asked for permission')
    }
    readonly #one: { readonly title: string; closed: boolean }
    constructor(title: string) {
      this.#one = { title, closed: false }
      shown.push(this.#one)
    }
    close(): void {
      this.#one.closed = true
    }
  }
  put(context, globalThis, 'Notification', Shown)
  const hide = (hidden: boolean) => {
    put(context, document, 'hidden', hidden)
    document.dispatchEvent(new Event('visibilitychange'))
  }
  return { shown, hide }
}

test('a hidden page that may shows a notification, and takes it away', async (context) => {
  const { shown, hide } = notifications(context, 'granted')
  const { client, call } = await setup(context, new FakeCall({ id: 'b1' }), true)
  assert.deepEqual(shown, [], 'the page is seen')
  hide(true)
  assert.deepEqual(shown, [{ title: 'Bob Martin is calling', closed: false }])
  client.endCall(call, 'missed')
  hide(false)
  // A hidden page paints no frame; the end is waited for once it is seen again.
  await until(() => shown[0]?.closed === true)
  assert.lengthOf(shown, 1)
})

test('a page that may not show notifications does not ask', async (context) => {
  const { shown, hide } = notifications(context, 'default')
  await setup(context, new FakeCall({ id: 'b2' }), true)
  hide(true)
  hide(false)
  await settled()
  assert.deepEqual(shown, [])
})
