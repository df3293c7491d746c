import type { MessengerElement } from '@sotto/elements'
import { sendKeys } from '@web/test-runner-commands'
import type { TestContext } from '#test'
import { FakeClient, keyOf, textItem } from '../support/fake-client.js'
import { focused, mount, settled } from '../support/stage.js'

const now = Date.now()

/** Presses one key after the other, and waits for what each of them does. */
export async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    const shift = key.startsWith('Shift+')
    if (shift) await sendKeys({ down: 'Shift' })
    await sendKeys({ press: key.replace('Shift+', '') })
    if (shift) await sendKeys({ up: 'Shift' })
    await settled()
  }
}

/** A messenger with three conversations; the one with bob holds four messages. */
export async function setup(context: TestContext) {
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

/** Whether the message with this number has the focus. */
export const on = (key: string) => (focused() as HTMLElement | null)?.dataset['key'] === keyOf(Number(key))
/** The name of what has the focus. */
export const label = () => focused()?.getAttribute('aria-label') ?? focused()?.textContent?.trim()
