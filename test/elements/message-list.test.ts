import type { ThreadElement } from '@sotto/elements'
import { test, assert, type TestContext } from '#test'
import { FakeClient, keyOf, textItem, type FakeConversation } from '../support/fake-client.js'
import { find, mount, settled, the, until } from '../support/stage.js'

const start = new Date(2026, 0, 1, 8).getTime()
const minute = 60_000

/** Texts of many lengths, so that rows have many heights. */
const item = (n: number) =>
  textItem(n, {
    text: `${n} ${'some words that go on '.repeat((n * 7) % 11)}`,
    at: start + n * 3 * minute,
    mine: n % 5 < 2,
  })

const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => item(first + i))

async function setup(
  context: TestContext,
  prepare: (bob: FakeConversation) => void,
  size?: { width?: number },
) {
  const client = new FakeClient()
  const bob = client.conversation('bob')
  prepare(bob)
  const element = document.createElement('sotto-thread') as ThreadElement
  Object.assign(element, { client, with: 'bob' })
  const thread = await mount(context, element, size)
  const log = thread.shadowRoot?.querySelector('.log')
  if (!(log instanceof HTMLElement)) throw new Error('there is no log')
  const row = (key: string) => log.querySelector<HTMLElement>(`[data-key="${key}"]`)
  const fromEnd = () => log.scrollHeight - log.clientHeight - log.scrollTop
  return { bob, thread, log, row, fromEnd }
}

/** Where the rows stand that are in view, in pixels from the top of the log. */
function places(log: HTMLElement): Map<string, number> {
  const { top, bottom } = log.getBoundingClientRect()
  const rows = [...log.querySelectorAll<HTMLElement>('[data-key]')]
  return new Map(
    rows.flatMap((row) => {
      const box = row.getBoundingClientRect()
      return box.bottom > top && box.top < bottom ? [[row.dataset['key'] ?? '', box.top - top]] : []
    }),
  )
}

/** How far anything moved that is in view before and after, at every one of the next frames. */
async function drift(log: HTMLElement, before: Map<string, number>, frames: number): Promise<number> {
  let most = 0
  for (let i = 0; i < frames; i++) {
    await settled(1)
    const now = places(log)
    const shared = [...before].filter(([key]) => now.has(key))
    assert.isNotEmpty(shared, 'nothing of what was in view is there any more')
    for (const [key, top] of shared) most = Math.max(most, Math.abs((now.get(key) ?? 0) - top))
  }
  return most
}

test('opens ten thousand messages at the newest, and renders those in view', async (context) => {
  const { log, row, fromEnd } = await setup(context, (bob) => bob.messages.set(from(0, 10_000)))
  assert.isAtMost(fromEnd(), 1)
  assert.isNotNull(row(keyOf(9999)))
  assert.isBelow(log.querySelectorAll('[data-key]').length, 60)
})

test('does not move by a pixel when earlier messages come on top', async (context) => {
  const { bob, log } = await setup(context, (one) => {
    one.messages.set(from(10_000, 10_000))
    one.before = from(9_000, 1000)
    one.earlier.set('more')
  })
  log.scrollTop = 3000
  await settled(20)
  const before = places(log)
  assert.isNotEmpty(before)
  const count = bob.messages.value.length
  await bob.loadEarlier()
  assert.equal(bob.messages.value.length, count + 50)
  assert.isBelow(await drift(log, before, 20), 1)
})

test('asks for earlier messages near the top, page after page, and stays where the person reads', async (context) => {
  const { bob, log } = await setup(context, (one) => {
    one.messages.set(from(200, 50))
    one.before = from(0, 200)
    one.earlier.set('more')
  })
  assert.deepEqual(bob.calls, [])
  for (let pages = 1; pages <= 4; pages++) {
    let open = (): void => undefined
    bob.gate = new Promise((resolve) => (open = resolve))
    log.scrollTop = 0
    await until(() => bob.calls.length >= pages)
    await settled(12)
    const before = places(log)
    open()
    assert.isBelow(await drift(log, before, 8), 1, `page ${pages}`)
    log.scrollTop += 400
    await settled(12)
  }
  assert.equal(bob.earlier.value, 'none')
  log.scrollTop = 0
  await settled(20)
  assert.include(log.textContent, 'Messages here can be read by you and bob only.')
  assert.equal(bob.calls.length, 4)
})

test('says that earlier messages could not be loaded, and does not try by itself again', async (context) => {
  const { bob, log, thread } = await setup(context, (one) => {
    one.messages.set(from(200, 50))
    one.before = from(0, 200)
    one.earlier.set('more')
    one.failing.add('loadEarlier')
  })
  log.scrollTop = 0
  await settled(20)
  assert.equal(bob.calls.length, 1)
  assert.include(log.textContent, 'Earlier messages could not be loaded')
  bob.failing.clear()
  the(thread, 'button', 'Try again').click()
  await settled()
  assert.equal(bob.messages.value.length, 100)
})

test('follows what comes while it is at the end', async (context) => {
  const { bob, row, fromEnd } = await setup(context, (one) => one.messages.set(from(0, 200)))
  for (let n = 200; n < 210; n++) {
    bob.messages.set([...bob.messages.value, item(n)])
    await settled(3)
    assert.isAtMost(fromEnd(), 1, `message ${n}`)
  }
  assert.isNotNull(row(keyOf(209)))
})

test('moves nothing that is read because something came, and offers a way to it', async (context) => {
  const { bob, thread, log, fromEnd } = await setup(context, (one) => one.messages.set(from(0, 200)))
  log.scrollTop -= 1500
  await settled(20)
  const before = places(log)
  bob.unread.set({ count: 1, first: keyOf(200) })
  bob.messages.set([...bob.messages.value, item(204)])
  assert.isBelow(await drift(log, before, 12), 1)
  the(thread, 'button', 'Go to the newest message').click()
  await settled(12)
  assert.isAtMost(fromEnd(), 1)
  assert.isUndefined(find(thread, 'button', 'Go to the newest message'))
})

test('goes to the end when the person sends, from wherever they were', async (context) => {
  const { bob, thread, log, fromEnd } = await setup(context, (one) => one.messages.set(from(0, 200)))
  log.scrollTop = 2000
  await settled(20)
  const field = the(thread, 'textbox', 'Message to bob') as HTMLTextAreaElement
  field.value = 'Here I am'
  field.dispatchEvent(new Event('input'))
  await settled(1)
  the(thread, 'button', 'Send').click()
  await settled(12)
  assert.deepEqual(bob.calls, ['send Here I am'])
  assert.isAtMost(fromEnd(), 1)
})

test('stays where it is when a message of ours comes from another device', async (context) => {
  const { bob, log } = await setup(context, (one) => one.messages.set(from(0, 200)))
  log.scrollTop = 2000
  await settled(20)
  const before = places(log)
  bob.append({ text: 'from the phone', mine: true, at: start + 3000 * minute })
  assert.isBelow(await drift(log, before, 12), 1)
})

test('stays at the end when the field grows, the window shrinks, or a state adds a line', async (context) => {
  const { bob, thread, fromEnd } = await setup(context, (one) => one.messages.set(from(0, 200)))
  const field = the(thread, 'textbox', 'Message to bob') as HTMLTextAreaElement
  field.value = 'line\n'.repeat(6)
  field.dispatchEvent(new Event('input'))
  await settled(12)
  assert.isAtMost(fromEnd(), 1, 'the field grew')
  const box = thread.parentElement
  if (box !== null) box.style.height = '400px'
  await settled(12)
  assert.isAtMost(fromEnd(), 1, 'the window shrank')
  const last = bob.append({ text: 'late', mine: true, at: start + 600 * minute })
  await settled(6)
  const failed = { ...last, state: { name: 'waiting', for: 'device' } } as const
  bob.messages.set(bob.messages.value.map((one) => (one.key === last.key ? failed : one)))
  await settled(12)
  assert.isAtMost(fromEnd(), 1, 'a line was added')
})

test('keeps its place when it is moved in the document', async (context) => {
  const { bob, thread, log } = await setup(context, (one) => one.messages.set(from(0, 500)))
  log.scrollTop = 5000
  await settled(20)
  const before = places(log)
  const listeners = bob.listeners
  const other = document.createElement('div')
  other.style.height = '100%'
  thread.parentElement?.append(other)
  other.append(thread)
  assert.isBelow(await drift(log, before, 12), 1)
  assert.equal(bob.listeners, listeners)
})

test('opens at the newest when it was hidden at first', async (context) => {
  const client = new FakeClient()
  client.conversation('bob').messages.set(from(0, 300))
  const element = document.createElement('sotto-thread') as ThreadElement
  Object.assign(element, { client, with: 'bob' })
  element.style.display = 'none'
  const thread = await mount(context, element)
  element.style.display = ''
  await settled(12)
  const log = thread.shadowRoot?.querySelector('.log')
  assert.isAtMost((log?.scrollHeight ?? 0) - (log?.clientHeight ?? 0) - (log?.scrollTop ?? 0), 1)
  assert.isNotNull(log?.querySelector(`[data-key="${keyOf(299)}"]`) ?? null)
})

test('shows a short thread at the bottom', async (context) => {
  const { log, row } = await setup(context, (bob) => bob.messages.set([item(1)]))
  const bottom = row(keyOf(1))?.getBoundingClientRect().bottom ?? 0
  assert.isBelow(log.getBoundingClientRect().bottom - bottom, 24)
})

test('shows in part what is very long, and all of it when asked', async (context) => {
  const text = 'word '.repeat(3000)
  const { thread, row } = await setup(context, (bob) => bob.messages.set([textItem(1, { text, at: start })]))
  assert.isBelow(row(keyOf(1))?.textContent?.length ?? 0, 2000)
  the(thread, 'button', 'Show all').click()
  await settled()
  assert.isAbove(row(keyOf(1))?.textContent?.length ?? 0, 14_000)
})

test('lets nothing stand out of it, however long a word is', async (context) => {
  const { log } = await setup(
    context,
    (bob) => bob.messages.set([textItem(1, { text: 'w'.repeat(5000), at: start })]),
    {
      width: 320,
    },
  )
  assert.isAtMost(log.scrollWidth, log.clientWidth)
})
