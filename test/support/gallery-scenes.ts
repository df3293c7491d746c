import type { ConversationSummary, ThreadItem, Trust } from '@sotto/core'
import type { MessengerElement } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { callScenes } from './gallery-calls.js'
import { checkScenes } from './gallery-check.js'
import { historyScenes } from './gallery-history.js'
import { FakeClient, keyOf, textItem, type FakeConversation, type TextItem } from './fake-client.js'

const minute = 60_000
const picture =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"%3E%3Crect width="8" height="8" fill="%23d96"/%3E%3Ccircle cx="4" cy="4" r="2" fill="%23fff"/%3E%3C/svg%3E'
const day = 24 * 60 * minute
const at = (hours: number, minutes: number, daysAgo = 0) =>
  new Date().setHours(hours, minutes, 0, 0) - daysAgo * day

interface Line {
  readonly text: string
  readonly at: number
  readonly mine?: boolean
  readonly state?: TextItem['state']
}

const items = (lines: readonly Line[]): ThreadItem[] => lines.map((line, i) => textItem(i, line as TextItem))

const chat: readonly Line[] = [
  { text: 'Are you still coming tomorrow?', at: at(14, 1) },
  { text: 'I could pick you up at the station', at: at(14, 2) },
  { text: 'Yes! Which train is best for you?', at: at(14, 19), mine: true, state: { name: 'read' } },
  {
    text: 'That would be lovely. Timetable: example.com/trains',
    at: at(14, 20),
    mine: true,
    state: { name: 'read' },
  },
  { text: 'Let me look', at: at(14, 31) },
  { text: 'The six o’clock train, then?', at: at(14, 32) },
  { text: 'Perfect, see you at six', at: at(14, 33), mine: true, state: { name: 'sent' } },
]

const people: readonly (readonly [string, string, string, number, number])[] = [
  ['noor', 'Noor', 'Have you seen the new station?', at(14, 20), 3],
  ['jonas', 'Jonas Lindqvist', 'Sent you the plan', at(11, 5), 0],
  ['sandra', 'Sandra O’Neill-Fitzgerald', 'Until Monday', at(9, 0, 2), 0],
  ['mira', 'Mira', 'The garden, this morning', at(9, 0, 3), 0],
  ['tomas', 'Tomás', 'I called you', at(9, 0, 20), 128],
]

function summary(
  account: string,
  last: ThreadItem | undefined,
  rest: Partial<ConversationSummary> = {},
): ConversationSummary {
  return {
    account,
    relation: 'accepted',
    trust: { name: 'unverified' },
    last,
    unread: 0,
    at: last?.at ?? 0,
    ...rest,
  }
}

/** Alice’s client with a few conversations, the first with Bob. */
function alice(
  lines: readonly Line[] = chat,
  bobs: Partial<ConversationSummary> = {},
): { client: FakeClient; bob: FakeConversation } {
  const client = new FakeClient()
  client.show('bob', { name: 'Bob Martin' })
  const bob = client.conversation('bob')
  bob.messages.set(items(lines))
  for (const [account, name] of people) client.show(account, { name })
  client.conversations.set([
    summary('bob', bob.messages.value.at(-1), bobs),
    ...people.map(([account, , text, when, unread], i) =>
      summary(account, textItem(i, { text, at: when, mine: account === 'jonas' }), { unread }),
    ),
  ])
  return { client, bob }
}

function messenger(client: FakeClient | undefined, account?: string): MessengerElement {
  const element = document.createElement('sotto-messenger') as MessengerElement
  if (client !== undefined) element.client = client
  element.with = account
  return element
}

function trusted(trust: Trust, lines: readonly Line[] = chat): MessengerElement {
  const { client, bob } = alice(lines, { trust })
  bob.trust.set(trust)
  return messenger(client, 'bob')
}

export interface Scene {
  readonly element: Element
  /** What is done when the element stands. */
  readonly act?: () => void
  /** Milliseconds until it stands still again. */
  readonly still?: number
}

/** What is found by going from `element` into one shadow after the other. */
function within<E extends Element = HTMLElement>(element: Element, ...path: string[]): E {
  let found: Element | null = element
  for (const selector of path) found = (found?.shadowRoot ?? found)?.querySelector(selector) ?? null
  if (found === null) throw new Error(`nothing at ${path.join(' ')}`)
  return found as E
}

function press(element: Element, ...path: string[]): Scene {
  return { element, act: () => within(element, ...path).click() }
}

/** Opens the menu of the thread and presses what is found in it. */
function menuItem(element: Element, selector: string): Scene {
  const act = async () => {
    within(element, 'sotto-thread', '[part=more]').click()
    await new Promise((resolve) => setTimeout(resolve, 50))
    within(element, 'sotto-thread', selector).click()
  }
  return { element, act: () => void act(), still: 300 }
}

function write(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.value = text
  field.dispatchEvent(new Event('input'))
}

const field = (element: Element) => within<HTMLTextAreaElement>(element, 'sotto-thread', 'textarea')

export const scenes: Readonly<Record<string, () => Scene>> = {
  chat: () => ({ element: messenger(alice().client, 'bob') }),
  unread: () => {
    const { client, bob } = alice(chat.slice(0, 6))
    bob.unread.set({ count: 2, first: keyOf(4) })
    return { element: messenger(client, 'bob') }
  },
  written: () => {
    const element = messenger(alice().client, 'bob')
    return { element, act: () => write(field(element), 'Shall I bring anything?') }
  },
  'written-much': () => {
    const element = messenger(alice().client, 'bob')
    return { element, act: () => write(field(element), 'One line after the other.\n'.repeat(9)) }
  },
  inbox: () => ({ element: messenger(alice().client) }),
  'inbox-empty': () => ({ element: messenger(new FakeClient()) }),
  'inbox-states': () => {
    const { client } = alice()
    const [first, second, third, ...rest] = client.conversations.value
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('three are missing')
    client.conversations.set([
      { ...first, relation: 'request', unread: 1 },
      { ...second, trust: { name: 'changed', accountId: 'ab'.repeat(32), waiting: 0 } },
      { ...third, relation: 'blocked' },
      ...rest,
    ])
    client.show('tomas', { name: 'Tomás', picture })
    return { element: messenger(client) }
  },
  loading: () => {
    const client = new FakeClient()
    client.state.set({ name: 'starting' })
    client.conversation('bob').earlier.set('unknown')
    return { element: messenger(client, 'bob'), still: 700 }
  },
  connecting: () => {
    const element = messenger(undefined)
    element.connect = () => new Promise(() => undefined)
    return { element, still: 700 }
  },
  error: () => {
    const element = messenger(undefined)
    element.connect = () => Promise.reject(new SottoError('unauthorized'))
    return { element }
  },
  'no-connect': () => ({ element: messenger(undefined) }),
  'wrong-attribute': () => {
    const element = messenger(undefined)
    element.account = 'Bob!'
    element.connect = () => new FakeClient()
    return { element }
  },
  offline: () => {
    const waiting = {
      text: 'Hello?',
      at: at(14, 36),
      mine: true,
      state: { name: 'waiting', for: 'network' },
    } as const
    const { client } = alice([...chat, waiting])
    client.state.set({ name: 'offline', code: 'offline' })
    return { element: messenger(client, 'bob'), still: 1400 }
  },
  'offline-inbox': () => {
    const { client } = alice()
    client.state.set({ name: 'offline', code: 'backend-failed' })
    return { element: messenger(client), still: 1400 }
  },
  changed: () => {
    const failed = { name: 'failed', code: 'backend-failed' } as const
    const waiting = { name: 'waiting', for: 'decision' } as const
    const { client, bob } = alice([
      ...chat.slice(0, 2),
      { text: 'Yes! Which train is best for you?', at: at(14, 19), mine: true, state: failed },
      { text: 'Hello?', at: at(14, 20), mine: true, state: waiting },
    ])
    const [one, two, ...rest] = bob.messages.value
    if (one === undefined || two === undefined) throw new Error('two messages are missing')
    const gap: ThreadItem = {
      kind: 'gap',
      key: `${two.key}1`,
      at: two.at,
      mine: false,
      count: 2,
      gone: false,
    }
    bob.messages.set([one, two, gap, ...rest])
    bob.trust.set({ name: 'changed', accountId: 'ab'.repeat(32), verifiedAt: at(9, 0, 200), waiting: 1 })
    return { element: messenger(client, 'bob') }
  },
  verified: () => ({ element: trusted({ name: 'verified', verifiedAt: at(9, 0, 40) }) }),
  states: () => {
    const states: TextItem['state'][] = [
      { name: 'sending' },
      { name: 'sent' },
      { name: 'delivered' },
      { name: 'read' },
      { name: 'waiting', for: 'network' },
      { name: 'waiting', for: 'device' },
      { name: 'failed', code: 'too-large' },
      { name: 'failed', code: 'backend-failed' },
    ]
    const lines = states.map((state, i) => ({ text: 'A message', at: at(10, i * 6), mine: true, state }))
    return { element: messenger(alice(lines).client, 'bob'), still: 1400 }
  },
  request: () => {
    const lines = [{ text: 'Hi Alice, it is Bob from the choir. Is this you?', at: at(14, 1) }]
    const { client, bob } = alice(lines, { relation: 'request', unread: 1 })
    bob.relation.set('request')
    return { element: messenger(client, 'bob') }
  },
  blocked: () => {
    const { client, bob } = alice(chat.slice(0, 2), { relation: 'blocked' })
    bob.relation.set('blocked')
    return { element: messenger(client, 'bob') }
  },
  elsewhere: () => {
    const client = new FakeClient()
    client.state.set({ name: 'elsewhere' })
    return { element: messenger(client) }
  },
  removed: () => {
    const { client } = alice()
    client.state.set({ name: 'removed' })
    return { element: messenger(client, 'bob') }
  },
  stopped: () => {
    const { client } = alice()
    client.state.set({ name: 'stopped', code: 'copied-device' })
    return { element: messenger(client) }
  },
  'new-conversation': () => {
    const { client } = alice()
    client.show('carol', { name: 'Carol' })
    client.conversation('carol').relation.set('none')
    client.conversation('carol').trust.set({ name: 'unknown' })
    return { element: messenger(client, 'carol') }
  },
  long: () => {
    const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
    const delivered = { name: 'delivered' } as const
    const { client, bob } = alice([
      { text: 'Once upon a time there was a message that did not want to end. '.repeat(80), at: at(13, 0) },
      { text: word.repeat(3), at: at(13, 1) },
      {
        text: `https://example.com/${'a-very-long-path/'.repeat(12)}`,
        at: at(13, 2),
        mine: true,
        state: delivered,
      },
      { text: '👍', at: at(13, 3) },
      { text: '🎉🎂', at: at(13, 4), mine: true, state: delivered },
      { text: 'مرحبا، كيف حالك؟ See example.com', at: at(13, 5) },
    ])
    bob.trust.set({ name: 'verified', verifiedAt: at(9, 0, 3) })
    client.show('bob', {
      name: 'Wolfeschlegelsteinhausenbergerdorff Maria-Magdalena von und zu Hohenlohe-Schillingsfürst',
    })
    client.show('noor', { name: 'نور الدين' })
    return { element: messenger(client, 'bob') }
  },
  days: () => {
    const { client } = alice([
      { text: 'The old one', at: at(9, 0, 400) },
      { text: 'Last week', at: at(10, 0, 9), mine: true, state: { name: 'read' } },
      { text: 'Some days ago', at: at(10, 0, 3) },
      { text: 'Yesterday', at: at(10, 0, 1) },
      { text: 'And today', at: at(0, 1), mine: true, state: { name: 'delivered' } },
    ])
    return { element: messenger(client, 'bob') }
  },
  'scrolled-up': () => {
    const lines = Array.from({ length: 60 }, (_, i) => ({
      text: `Message ${i}`,
      at: at(12, 0) + i * minute,
      mine: i % 7 < 2,
    }))
    const { client, bob } = alice(lines)
    const element = messenger(client, 'bob')
    const act = () => {
      within(element, 'sotto-thread', '.log').scrollTop = 900
      bob.unread.set({ count: 4, first: keyOf(56) })
    }
    return { element, act, still: 500 }
  },
  safety: () => press(trusted({ name: 'unverified' }), 'sotto-thread', '[part=compare]'),
  'safety-replaced': () => {
    const { client, bob } = alice(chat, { trust: { name: 'unverified' } })
    const element = messenger(client, 'bob')
    const act = async () => {
      within(element, 'sotto-thread', '[part=compare]').click()
      await new Promise((resolve) => setTimeout(resolve, 100))
      bob.digits = [...bob.digits].reverse().join('')
      bob.trust.set({ name: 'changed', accountId: 'ab'.repeat(32), waiting: 0 })
    }
    return { element, act: () => void act(), still: 400 }
  },
  'safety-verified': () => {
    const element = trusted({ name: 'verified', verifiedAt: at(9, 0, 4) })
    return menuItem(element, '[role=menuitem]')
  },
  'safety-alone': () => {
    const element = document.createElement('sotto-safety')
    return { element: Object.assign(element, { client: alice().client, with: 'bob' }) }
  },
  menu: () => press(messenger(alice().client, 'bob'), 'sotto-thread', '[part=more]'),
  'message-menu': () => press(messenger(alice().client, 'bob'), 'sotto-thread', '.mine .more'),
  question: () => menuItem(messenger(alice().client, 'bob'), '.menu .bad'),
  'new-message': () => press(messenger(alice().client), 'sotto-inbox', '[part=compose]'),
  'new-message-wrong': () => {
    const { client } = alice()
    client.conversation('bop').failures.set('lookUp', new SottoError('unknown-account'))
    const element = messenger(client)
    const act = async () => {
      within(element, 'sotto-inbox', '[part=compose]').click()
      await customElements.whenDefined('sotto-new-message')
      await new Promise((resolve) => setTimeout(resolve, 50))
      write(within<HTMLInputElement>(element, 'sotto-inbox', 'sotto-new-message', 'input'), 'bop')
      within<HTMLFormElement>(element, 'sotto-inbox', 'sotto-new-message', 'form').requestSubmit()
    }
    return { element, act: () => void act(), still: 300 }
  },
  'search-nothing': () => {
    const element = messenger(alice().client)
    return { element, act: () => write(within<HTMLInputElement>(element, 'sotto-inbox', 'input'), 'xyz') }
  },
  'not-stored': () => {
    const { client, bob } = alice()
    bob.failures.set('send', new SottoError('too-large', { limit: 16_384 }))
    const element = messenger(client, 'bob')
    const act = () => {
      write(field(element), 'This text will not go')
      within<HTMLFormElement>(element, 'sotto-thread', 'form').requestSubmit()
    }
    return { element, act }
  },
  thread: () => {
    const element = document.createElement('sotto-thread')
    return { element: Object.assign(element, { client: alice().client, with: 'bob' }) }
  },
  ...callScenes({ alice, messenger, within }),
  ...checkScenes({ alice, messenger, within }),
  ...historyScenes({ alice, messenger, within }),
}
