import type { Client } from '@sotto/core'
import type {
  ClientSettings,
  Connect,
  MessengerElement,
  ProviderElement,
  ThreadElement,
} from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { test, assert, type TestContext } from '#test'
import { FakeClient, textItem } from '../support/fake-client.js'
import { everything, find, focused, mount, settled, textOf, the, until, write } from '../support/stage.js'

const now = Date.now()

function people(): FakeClient {
  const client = new FakeClient()
  const names = { bob: 'Bob Martin', noor: 'Noor', tomas: 'Tomás' }
  for (const [account, name] of Object.entries(names)) client.show(account, { name })
  client.conversations.set(
    Object.keys(names).map((account, i) => {
      const last = textItem(i, { text: `Hello from ${account}`, at: now - i * 1000 })
      client.conversation(account).messages.set([last])
      const unread = account === 'noor' ? 3 : 0
      return {
        account,
        relation: 'accepted',
        trust: { name: 'unverified' },
        last,
        unread,
        at: last.at,
      } as const
    }),
  )
  return client
}

async function setup(context: TestContext, client: FakeClient = people(), size?: { width: number }) {
  const element = document.createElement('sotto-messenger') as MessengerElement
  element.client = client
  return { client, messenger: await mount(context, element, size) }
}

const errorsOf = (element: Element) => {
  const errors: SottoError[] = []
  element.addEventListener('error', (event) => errors.push((event as unknown as { error: SottoError }).error))
  return errors
}

test('shows all conversations, and opens the one that is chosen', async (context) => {
  const { messenger } = await setup(context)
  assert.include(textOf(messenger), 'Write to somebody')
  the(messenger, 'button', /^N Noor/).click()
  await settled()
  assert.equal(messenger.with, 'noor')
  assert.include(textOf(messenger), 'Hello from noor')
  assert.equal(the(messenger, 'button', /^N Noor/).getAttribute('aria-current'), 'true')
  assert.equal(focused(), the(messenger, 'textbox', 'Message to Noor'))
})

test('says how many are unread, to those who hear it too', async (context) => {
  const { messenger } = await setup(context)
  assert.match(the(messenger, 'button', /^N Noor/).textContent ?? '', /3\s+3 unread messages/)
})

test('finds conversations by name, without accents and case, and by account', async (context) => {
  const { messenger } = await setup(context)
  const search = the(messenger, 'textbox', 'Search')
  write(search, 'tOMas')
  await settled()
  assert.isDefined(find(messenger, 'button', /Tomás/))
  assert.isUndefined(find(messenger, 'button', /Noor/))
  write(search, 'nobody')
  await settled()
  assert.include(textOf(messenger), 'Nobody by that name here.')
})

test('is one column when it is narrow, with a way back that keeps the place', async (context) => {
  const { messenger } = await setup(context, people(), { width: 390 })
  assert.isUndefined(find(messenger, 'button', 'Back to all conversations'))
  const row = the(messenger, 'button', /^N Noor/)
  row.click()
  await settled()
  assert.isUndefined(find(messenger, 'button', /^N Noor/))
  the(messenger, 'button', 'Back to all conversations').click()
  await settled()
  assert.isUndefined(messenger.with)
  assert.equal(focused(), row)
})

test('has no way back when it is wide', async (context) => {
  const { messenger } = await setup(context)
  messenger.with = 'bob'
  await settled()
  assert.isUndefined(find(messenger, 'button', 'Back to all conversations'))
  assert.isDefined(find(messenger, 'button', /^N Noor/))
})

test('starts a conversation by an account name that exists', async (context) => {
  const { client, messenger } = await setup(context)
  const chosen: (string | undefined)[] = []
  messenger.addEventListener('sotto-select', ({ account }) => chosen.push(account))
  messenger.compose()
  await settled()
  assert.equal(focused()?.id, 'account')
  write(focused() as HTMLInputElement, ' carol ')
  ;(focused() as HTMLInputElement).form?.requestSubmit()
  await settled()
  assert.deepEqual(client.conversation('carol').calls, ['lookUp'])
  assert.deepEqual(chosen, ['carol'])
  assert.isUndefined(find(messenger, 'dialog', /./))
  assert.isDefined(find(messenger, 'textbox', 'Message to carol'))
})

for (const [what, typed, words] of [
  ['nothing', '', 'Type a name first.'],
  ['what is no name', 'Bob Martin', 'small letters, digits'],
  ['the own name', 'alice', 'That is your own name.'],
  ['a name nobody has', 'carol', 'Nobody called carol can be reached here.'],
] as const) {
  test(`says what is wrong when ${what} is typed for a new message`, async (context) => {
    const { client, messenger } = await setup(context)
    client.conversation('carol').failures.set('lookUp', new SottoError('unknown-account'))
    messenger.compose()
    await settled()
    write(focused() as HTMLInputElement, typed)
    ;(focused() as HTMLInputElement).form?.requestSubmit()
    await settled()
    assert.include(textOf(the(messenger, 'dialog', 'New message')), words)
    assert.equal(focused()?.getAttribute('aria-invalid'), 'true')
    assert.isUndefined(messenger.with)
  })
}

test('lets a message be written to a name that could not be checked', async (context) => {
  const { client, messenger } = await setup(context)
  client.conversation('carol').failures.set('lookUp', new SottoError('offline'))
  messenger.compose()
  await settled()
  write(focused() as HTMLInputElement, 'carol')
  ;(focused() as HTMLInputElement).form?.requestSubmit()
  await settled()
  the(messenger, 'button', 'Write anyway').click()
  await settled()
  assert.equal(messenger.with, 'carol')
})

test('makes its client by connect, with its attributes, and says when there is one', async (context) => {
  const seen: ClientSettings[] = []
  const client = people()
  const profiles = () => Promise.resolve(undefined)
  const element = document.createElement('sotto-messenger') as MessengerElement
  element.setAttribute('account', 'alice')
  element.setAttribute('realm', 'example.com')
  element.setAttribute('relay', 'https://relay.example.com')
  element.setAttribute('token-url', '/token')
  element.profiles = profiles
  element.connect = (settings) => {
    seen.push(settings)
    return client
  }
  const ready: Client[] = []
  element.addEventListener('ready', (event) => ready.push((event as unknown as { client: Client }).client))
  const messenger = await mount(context, element)
  const [settings] = seen
  assert.equal(seen.length, 1)
  assert.include(settings, {
    account: 'alice',
    realm: 'example.com',
    relay: 'https://relay.example.com',
    tokenUrl: '/token',
    profiles,
  })
  assert.deepEqual(ready, [client])
  assert.include(textOf(messenger), 'Hello from bob')
})

test('closes the client it made when it is gone or its attributes change, and no other', async (context) => {
  const made: FakeClient[] = []
  const connect: Connect = () => {
    made.push(people())
    return made.at(-1) as FakeClient
  }
  const element = document.createElement('sotto-messenger') as MessengerElement
  Object.assign(element, { connect, account: 'alice' })
  const messenger = await mount(context, element)
  messenger.account = 'anna'
  await settled()
  assert.deepEqual(
    made.map(({ closed }) => closed),
    [true, false],
  )
  messenger.remove()
  await settled()
  assert.deepEqual(
    made.map(({ closed }) => closed),
    [true, true],
  )
  const given = await setup(context)
  given.messenger.remove()
  await settled()
  assert.isFalse(given.client.closed)
})

test('takes being moved in the document for what it is', async (context) => {
  const client = people()
  const element = document.createElement('sotto-messenger') as MessengerElement
  element.connect = () => client
  element.with = 'bob'
  const messenger = await mount(context, element)
  write(the(messenger, 'textbox', 'Message to Bob Martin'), 'half a')
  const place = document.createElement('div')
  messenger.parentElement?.append(place)
  place.append(messenger)
  await settled()
  assert.isFalse(client.closed)
  assert.equal((the(messenger, 'textbox', 'Message to Bob Martin') as HTMLTextAreaElement).value, 'half a')
})

test('closes a client that comes when nobody waits for it any more', async (context) => {
  let give = (_: Client): void => undefined
  const element = document.createElement('sotto-messenger') as MessengerElement
  element.connect = () => new Promise((resolve) => (give = resolve))
  const messenger = await mount(context, element)
  messenger.remove()
  await settled()
  const client = people()
  give(client)
  await settled()
  assert.isTrue(client.closed)
})

test('says on the page and as an event that it has no connect', async (context) => {
  const element = document.createElement('sotto-messenger') as MessengerElement
  const errors = errorsOf(element)
  const messenger = await mount(context, element)
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['no-connect'],
  )
  assert.include(textOf(messenger), '<sotto-messenger> needs a property “connect” or “client”')
})

for (const [attribute, value] of [
  ['account', 'Bob!'],
  ['realm', 'https://example.com'],
  ['relay', 'ws://'],
  ['relay', 'javascript:1'],
  ['token-url', 'http://'],
] as const) {
  test(`says on the page and as an event that ${attribute} “${value}” is wrong`, async (context) => {
    const element = document.createElement('sotto-messenger') as MessengerElement
    element.connect = () => people()
    element.setAttribute(attribute, value)
    const errors = errorsOf(element)
    const messenger = await mount(context, element)
    assert.deepEqual(
      errors.map(({ code, details }) => [code, details]),
      [['wrong-setting', { name: attribute }]],
    )
    assert.include(
      textOf(messenger),
      `The attribute “${attribute}” of <sotto-messenger> is missing or wrong.`,
    )
    messenger.removeAttribute(attribute)
    await settled()
    assert.include(textOf(messenger), 'Hello from bob')
  })
}

test('tries again when asked', async (context) => {
  let tries = 0
  const element = document.createElement('sotto-messenger') as MessengerElement
  element.connect = () => (++tries === 1 ? Promise.reject(new Error('no luck')) : people())
  const errors = errorsOf(element)
  const messenger = await mount(context, element)
  assert.equal(errors[0]?.code, 'backend-failed')
  the(messenger, 'button', 'Try again').click()
  await settled()
  assert.include(textOf(messenger), 'Hello from bob')
})

for (const error of [
  new SottoError('no-crypto'),
  new SottoError('no-store'),
  new SottoError('wrong-setting', { name: 'relay' }),
]) {
  test(`does not offer to try again where that cannot help: ${error.code}`, async (context) => {
    const element = document.createElement('sotto-messenger') as MessengerElement
    element.connect = () => Promise.reject(error)
    const messenger = await mount(context, element)
    assert.include(textOf(messenger), 'Messages could not be opened')
    assert.isTrue(find(messenger, 'button', 'Try again') === undefined)
  })
}

test('shows that an account lives elsewhere, and nothing to write in', async (context) => {
  const { client, messenger } = await setup(context)
  client.state.set({ name: 'elsewhere' })
  await settled()
  assert.include(textOf(messenger), 'This account is set up on another device')
  // Whose browser has thrown it away has no other device to go to: that is said, too.
  assert.include(textOf(messenger), 'what it kept for this site was cleared')
  assert.isUndefined(find(messenger, 'button', /./))
  assert.isUndefined(find(messenger, 'textbox', /./))
})

test('gives its client to what stands in a provider, wherever it stands', async (context) => {
  const provider = document.createElement('sotto-provider') as ProviderElement
  const deep = document.createElement('div')
  const inbox = document.createElement('sotto-inbox')
  const thread = document.createElement('sotto-thread') as ThreadElement
  thread.with = 'bob'
  deep.append(thread)
  provider.append(inbox, deep)
  provider.client = people()
  await mount(context, provider)
  assert.include(textOf(inbox), 'Hello from noor')
  assert.include(textOf(thread), 'Hello from bob')
})

test('says of an element that stands alone what it needs', async (context) => {
  const element = document.createElement('sotto-inbox')
  const errors = errorsOf(element)
  await mount(context, element)
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['no-connect'],
  )
  assert.include(textOf(element), '<sotto-inbox> needs a client: put it inside <sotto-provider>')
})

test('speaks the language of the nearest lang, through shadows, and changes with it', async (context) => {
  const { messenger } = await setup(context)
  messenger.with = 'bob'
  const box = messenger.parentElement
  if (box !== null) box.lang = 'de-AT'
  messenger.lang = 'de'
  await until(() => textOf(messenger).includes('Nachrichten'))
  assert.include(textOf(messenger), 'Nachrichten')
  assert.isDefined(find(messenger, 'textbox', 'Nachricht an Bob Martin'))
  messenger.removeAttribute('lang')
  await settled()
  assert.isDefined(find(messenger, 'textbox', 'Nachricht an Bob Martin'))
  messenger.lang = 'fr'
  await settled()
  assert.isDefined(find(messenger, 'textbox', 'Message to Bob Martin'))
})

test('lets a name turn no direction but its own', async (context) => {
  const client = people()
  client.show('bob', { name: '\u202Eevil\u2069 نور' })
  const { messenger } = await setup(context, client)
  messenger.with = 'bob'
  await settled()
  const field = [...everything(messenger.shadowRoot ?? messenger)].find((one) => one.localName === 'textarea')
  assert.equal(field?.getAttribute('aria-label'), 'Message to \u2068evil نور\u2069')
})

test('takes the slots of a page in the place of its own words', async (context) => {
  const { messenger } = await setup(context)
  const header = Object.assign(document.createElement('h1'), { slot: 'header', textContent: 'Our messages' })
  const empty = Object.assign(document.createElement('p'), { slot: 'empty', textContent: 'Pick one' })
  messenger.append(header, empty)
  await settled()
  assert.isTrue(header.checkVisibility())
  assert.isTrue(empty.checkVisibility())
  assert.notInclude(textOf(messenger), 'Write to somebody')
})

test('survives being defined twice', () => {
  assert.doesNotThrow(() => import('@sotto/elements').then(({ defineElements }) => defineElements()))
})
