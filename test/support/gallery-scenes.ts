import type { ConversationSummary, ThreadItem, Trust } from '@sotto/core'
import type { InboxElement, MessengerElement } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { FakeClient, keyOf, textItem, type FakeConversation, type TextItem } from './fake-client.js'

const minute = 60_000
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

const later = (run: () => void) => void setTimeout(run, 300)

/** Presses what is found by `selector` in the shadow of the elements named before it. */
function press(element: Element, ...path: string[]): void {
  later(() => {
    let found: Element | null | undefined = element
    for (const selector of path) found = (found?.shadowRoot ?? found)?.querySelector(selector)
    ;(found as HTMLElement | null | undefined)?.click()
  })
}

export const scenes: Readonly<Record<string, () => Element>> = {
  chat: () => messenger(alice().client, 'bob'),
  unread: () => {
    const { client, bob } = alice(chat.slice(0, 6))
    bob.unread.set({ count: 2, first: keyOf(4) })
    return messenger(client, 'bob')
  },
  written: () => {
    const element = messenger(alice().client, 'bob')
    later(() => type(element, 'Shall I bring anything?'))
    return element
  },
  inbox: () => messenger(alice().client),
  'inbox-empty': () => messenger(new FakeClient()),
  loading: () => {
    const client = new FakeClient()
    client.state.set({ name: 'starting' })
    client.conversation('bob').earlier.set('unknown')
    return messenger(client, 'bob')
  },
  connecting: () => {
    const element = messenger(undefined)
    element.connect = () => new Promise(() => undefined)
    return element
  },
  error: () => {
    const element = messenger(undefined)
    element.connect = () => Promise.reject(new SottoError('unauthorized'))
    return element
  },
  'no-connect': () => messenger(undefined),
  'wrong-attribute': () => {
    const element = messenger(undefined)
    element.account = 'Bob!'
    element.connect = () => new FakeClient()
    return element
  },
  offline: () => {
    const { client } = alice([
      ...chat,
      { text: 'Hello?', at: at(14, 36), mine: true, state: { name: 'waiting', for: 'network' } },
    ])
    client.state.set({ name: 'offline', code: 'offline' })
    return messenger(client, 'bob')
  },
  changed: () => {
    const lines: Line[] = [
      ...chat.slice(0, 2),
      {
        text: 'Yes! Which train is best for you?',
        at: at(14, 19),
        mine: true,
        state: { name: 'failed', code: 'backend-failed' },
      },
      { text: 'Hello?', at: at(14, 20), mine: true, state: { name: 'waiting', for: 'decision' } },
    ]
    const { client, bob } = alice(lines)
    const [one, two, ...rest] = bob.messages.value
    if (one === undefined || two === undefined) throw new Error('two messages are missing')
    bob.messages.set([
      one,
      two,
      { kind: 'gap', key: `${two.key}1`, at: two.at, count: 2, gone: false },
      ...rest,
    ])
    bob.trust.set({ name: 'changed', verifiedAt: at(9, 0, 200), waiting: 1 })
    return messenger(client, 'bob')
  },
  verified: () => trusted({ name: 'verified', verifiedAt: at(9, 0, 40) }),
  request: () => {
    const { client, bob } = alice(
      [{ text: 'Hi Alice, it is Bob from the choir. Is this you?', at: at(14, 1) }],
      { relation: 'request', unread: 1 },
    )
    bob.relation.set('request')
    return messenger(client, 'bob')
  },
  blocked: () => {
    const { client, bob } = alice(chat.slice(0, 2), { relation: 'blocked' })
    bob.relation.set('blocked')
    return messenger(client, 'bob')
  },
  elsewhere: () => {
    const client = new FakeClient()
    client.state.set({ name: 'elsewhere' })
    return messenger(client)
  },
  removed: () => {
    const { client } = alice()
    client.state.set({ name: 'removed' })
    return messenger(client, 'bob')
  },
  stopped: () => {
    const { client } = alice()
    client.state.set({ name: 'stopped', code: 'copied-device' })
    return messenger(client)
  },
  'new-conversation': () => {
    const { client } = alice()
    client.show('carol', { name: 'Carol' })
    client.conversation('carol').relation.set('none')
    client.conversation('carol').trust.set({ name: 'unknown' })
    return messenger(client, 'carol')
  },
  long: () => {
    const { client, bob } = alice([
      {
        text: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3),
        at: at(13, 0),
      },
      {
        text: 'https://example.com/' + 'a-very-long-path/'.repeat(12),
        at: at(13, 1),
        mine: true,
        state: { name: 'delivered' },
      },
      { text: 'Once upon a time there was a message that did not want to end. '.repeat(80), at: at(13, 2) },
      { text: '👍', at: at(13, 3) },
      { text: '🎉🎂', at: at(13, 4), mine: true, state: { name: 'delivered' } },
      { text: 'مرحبا، كيف حالك؟ See example.com', at: at(13, 5) },
    ])
    bob.trust.set({ name: 'verified', verifiedAt: at(9, 0, 3) })
    client.show('bob', {
      name: 'Wolfeschlegelsteinhausenbergerdorff Maria-Magdalena von und zu Hohenlohe-Schillingsfürst',
    })
    client.show('noor', { name: 'نور الدين' })
    return messenger(client, 'bob')
  },
  days: () => {
    const { client, bob } = alice([
      { text: 'The old one', at: at(9, 0, 400) },
      { text: 'Last week', at: at(10, 0, 9), mine: true, state: { name: 'read' } },
      { text: 'Some days ago', at: at(10, 0, 3) },
      { text: 'Yesterday', at: at(10, 0, 1) },
      { text: 'And today', at: at(0, 1), mine: true, state: { name: 'delivered' } },
    ])
    bob.earlier.set('none')
    return messenger(client, 'bob')
  },
  safety: () => {
    const element = trusted({ name: 'unverified' })
    press(element, 'sotto-thread', '[part=compare]')
    return element
  },
  'safety-verified': () => {
    const client = alice().client
    client.conversation('bob').trust.set({ name: 'verified', verifiedAt: at(9, 0, 4) })
    const element = document.createElement('sotto-safety')
    Object.assign(element, { client, with: 'bob' })
    return element
  },
  menu: () => {
    const element = messenger(alice().client, 'bob')
    press(element, 'sotto-thread', '[part=more]')
    return element
  },
  'message-menu': () => {
    const element = messenger(alice().client, 'bob')
    press(element, 'sotto-thread', '.mine .more')
    return element
  },
  'new-message': () => {
    const element = messenger(alice().client)
    press(element, 'sotto-inbox', '[part=compose]')
    return element
  },
  'new-message-wrong': () => {
    const { client } = alice()
    client.conversation('bop').failures.set('lookUp', new SottoError('unknown-account'))
    const element = messenger(client)
    press(element, 'sotto-inbox', '[part=compose]')
    setTimeout(() => {
      const form = (
        element.shadowRoot?.querySelector('sotto-inbox') as InboxElement
      ).shadowRoot?.querySelector('form')
      const field = form?.querySelector('input')
      if (field != null) field.value = 'bop'
      form?.requestSubmit()
    }, 600)
    return element
  },
  'search-nothing': () => {
    const element = messenger(alice().client)
    later(() => {
      const field = element.shadowRoot?.querySelector('sotto-inbox')?.shadowRoot?.querySelector('input')
      if (field == null) return
      field.value = 'xyz'
      field.dispatchEvent(new Event('input'))
    })
    return element
  },
  'not-stored': () => {
    const { client, bob } = alice()
    bob.failures.set('send', new SottoError('too-large', { limit: 16_384 }))
    const element = messenger(client, 'bob')
    later(() => {
      type(element, 'This text will not go')
      thread(element)?.querySelector('form')?.requestSubmit()
    })
    return element
  },
  many: () => {
    const { client, bob } = alice([])
    bob.messages.set(
      Array.from({ length: 10_000 }, (_, i) =>
        textItem(i, { text: `Message ${i}`, at: at(12, 0) + i * 1000, mine: i % 7 < 2 }),
      ),
    )
    return messenger(client, 'bob')
  },
}

const thread = (element: Element) => element.shadowRoot?.querySelector('sotto-thread')?.shadowRoot

function type(element: Element, text: string): void {
  const field = thread(element)?.querySelector('textarea')
  if (field == null) return
  field.value = text
  field.dispatchEvent(new Event('input'))
}
