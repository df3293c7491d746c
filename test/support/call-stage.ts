import type { CallElement, MessengerElement } from '@sotto/elements'
import type { SottoError } from '@sotto/protocol'
import { drawnStream, FakeCall } from './fake-call.js'
import { FakeClient, textItem } from './fake-client.js'
import { focused, mount, settled, the } from './stage.js'
import type { TestContext } from './test-body.js'

await customElements.whenDefined('sotto-call')

export function people(): FakeClient {
  const client = new FakeClient()
  client.show('bob', { name: 'Bob Martin' })
  const last = textItem(0, { text: 'Hello', at: Date.now() })
  client.conversation('bob').messages.set([last])
  const summary = {
    relation: 'accepted',
    trust: { name: 'unverified' },
    last,
    unread: 0,
    at: last.at,
  } as const
  client.conversations.set(['bob', 'noor'].map((account) => ({ ...summary, account })))
  return client
}

/** The messenger with Bob's conversation open, and the cursor in its field. */
export async function inMessenger(context: TestContext, size?: { width: number }) {
  const client = people()
  const messenger = document.createElement('sotto-messenger') as MessengerElement
  Object.assign(messenger, { client, with: 'bob' })
  await mount(context, messenger, size)
  const field = the(messenger, 'textbox', /^Message to/)
  field.focus()
  const call = messenger.shadowRoot?.querySelector<CallElement>('sotto-call')
  if (call == null) throw new Error('no sotto-call')
  return { client, messenger, field, call }
}

/** A `sotto-call` with a client of its own. */
export async function alone(context: TestContext, given?: FakeCall) {
  const client = people()
  if (given !== undefined) client.ring(given)
  const element = document.createElement('sotto-call') as CallElement
  const errors: string[] = []
  element.addEventListener('error', (event) =>
    errors.push((event as unknown as { error: SottoError }).error.code),
  )
  element.client = client
  return { client, errors, call: given ?? new FakeCall(), element: await mount(context, element) }
}

export const connected = (call: FakeCall, lastedMs = 0) => {
  call.connect(lastedMs)
  return call
}
export const seen = () => {
  const call = connected(new FakeCall({ mine: true, video: true }))
  call.streams.set({
    ...call.streams.value,
    local: drawnStream('#000', '#333'),
    remote: drawnStream('#333', '#777'),
  })
  return call
}

/** What a screen reader was told. */
export const said = (root: Element): string =>
  [...(root.shadowRoot?.querySelectorAll('[role=status] p') ?? [])].map((line) => line.textContent).join('\n')

export async function press(root: Element, name: string | RegExp): Promise<void> {
  the(root, 'button', name).click()
  await settled()
}

export async function key(name: string, target: Element | Window = focused() ?? window): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true, cancelable: true })
  target.dispatchEvent(event)
  await settled()
  return event.defaultPrevented
}
