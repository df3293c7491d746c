import { defineElements, type ThreadElement } from '@sotto/elements'
import { FakeClient, keyOf, textItem, type TextItem } from '../support/fake-client.js'

/** A list of messages on the page, however it is made. Every row bears the key of its message. */
export interface List {
  readonly element: HTMLElement
  /** What scrolls, once it is there. */
  readonly scroller: () => HTMLElement | null
  /** Puts it where its newest message is to be seen. */
  open(parent: Element): void
  /** Puts 50 older messages on top. */
  prepend(): Promise<void>
}

export const messages = 10_000
const older = 50
const newestKey = keyOf(older + messages - 1)
const minute = 60_000
const start = new Date(2026, 0, 1, 8).getTime()

/** Texts from one word to some twenty lines, most of them short, so that rows have many heights. */
function item(n: number): TextItem {
  const words = n % 50 === 0 ? 200 : n % 7 === 0 ? 40 : (n * 7) % 17
  const text = `${n} ${'some words that go on '.repeat(words).slice(0, words * 6)}`.trim()
  return textItem(n, { text, at: start + n * 3 * minute, mine: n % 5 < 2 })
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => item(first + i))

/** Ours, of a client that has everything in memory: what is measured is what the elements do. */
export function ours(): List {
  defineElements()
  const client = new FakeClient()
  const bob = client.conversation('bob')
  bob.messages.set(from(older, messages))
  bob.before = from(0, older)
  bob.earlier.set('more')
  const element = document.createElement('sotto-thread') as ThreadElement
  Object.assign(element, { client, with: 'bob' })
  return {
    element,
    scroller: () => element.shadowRoot?.querySelector<HTMLElement>('.log') ?? null,
    open: (parent) => parent.append(element),
    prepend: () => bob.loadEarlier(),
  }
}

/** What one begins with: a row of plain DOM for every message, in a box that scrolls. */
export function plain(): List {
  const element = document.createElement('div')
  element.style.overflowY = 'auto'
  const [now, before] = [from(older, messages), from(0, older)]
  return {
    element,
    scroller: () => element,
    open(parent) {
      element.append(...now.map(plainRow))
      parent.append(element)
      element.scrollTop = element.scrollHeight
    },
    async prepend() {
      element.prepend(...before.map(plainRow))
    },
  }
}

function plainRow({ key, text, at, mine }: TextItem): HTMLElement {
  const row = document.createElement('div')
  row.dataset['key'] = key
  row.style.cssText = `white-space: pre-wrap; max-inline-size: 75%; padding: 8px; margin-inline-start: ${mine ? '25%' : '0'}`
  const time = document.createElement('time')
  time.dateTime = new Date(at).toISOString()
  time.textContent = new Date(at).toLocaleTimeString()
  row.append(text, ' ', time)
  return row
}

/** Whether the newest message is in view. */
export function showsNewest(scroller: HTMLElement): boolean {
  const box = scroller.querySelector(`[data-key="${newestKey}"]`)?.getBoundingClientRect()
  const { top, bottom } = scroller.getBoundingClientRect()
  return box !== undefined && box.height > 0 && box.top < bottom && box.bottom > top
}
