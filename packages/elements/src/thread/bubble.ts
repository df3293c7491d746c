import { html, type TemplateResult } from 'lit'
import { icon } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import type { Links } from './links.js'
import { stateWords } from './message-state.js'
import { isEmoji, messageText, shownLength } from './message-text.js'
import type { MessageRow } from './rows.js'
import type { Calls } from './thread-header.js'

/** What a row needs to know of the thread it stands in. */
export interface RowContext {
  readonly words: Localizer
  /** What makes links of addresses, once it is there. */
  readonly links: Links | undefined
  /** The other person's, as it stands in sentences. */
  readonly name: string
  readonly now: number
  /** The message that Tab gets to. */
  readonly stop: string | undefined
  /** Long messages that are shown in full. */
  readonly opened: ReadonlySet<string>
  readonly isNew: (key: string) => boolean
  /** `undefined`: this conversation cannot be called. */
  readonly calls: Calls | undefined
}

const longestLabel = 400

/** One message: its bubble, and under the last of those that stand together when it was and how far it has come. */
export function messageRow(row: MessageRow, context: RowContext): TemplateResult {
  const { item, joinsAbove, joinsBelow } = row
  const { words, stop, isNew } = context
  const large = item.kind === 'text' && isEmoji(item.text)
  const names = [
    'row message',
    item.mine ? 'mine' : 'theirs',
    joinsAbove ? 'joins-above' : '',
    joinsBelow ? 'joins-below' : '',
    large ? 'large' : '',
    isNew(row.key) ? 'new' : '',
  ]
  return html`<div
    class=${names.join(' ')}
    data-key=${row.key}
    role="article"
    tabindex=${row.key === stop ? 0 : -1}
    aria-label=${label(row, context)}
  >
    <div class="line">
      <div class="bubble" part="bubble ${item.mine ? 'bubble-own' : 'bubble-peer'}" dir="auto">
        ${body(row, context)}
      </div>
      <button
        class="icon-button more"
        type="button"
        tabindex="-1"
        aria-label=${words.say('actions')}
        title=${words.say('actions')}
      >
        ${icon('more')}
      </button>
    </div>
    ${joinsBelow ? null : meta(row, context)}
  </div>`
}

function body({ item, key }: MessageRow, { words, links, opened }: RowContext): unknown {
  if (item.kind === 'unknown') return html`<em>${words.say('unknownKind')}</em>`
  const length = opened.has(key) ? item.text.length : shownLength(item.text)
  const text = messageText(item.text.slice(0, length), item.ranges, links)
  // Inline, so that no space in this template becomes one in the message.
  if (length === item.text.length) return html`<span class="text">${text}</span>`
  const label = words.say('showAll')
  return html`<span class="text">${text}…</span>
    <button class="link show-all" type="button">${label}</button>`
}

function meta({ item }: MessageRow, { words, name }: RowContext): TemplateResult {
  const state = item.kind === 'text' ? item.state : undefined
  const time = html`<time datetime=${new Date(item.at).toISOString()}>${words.time(item.at)}</time>`
  if (state === undefined) return html`<div class="meta" part="meta">${time}</div>`
  const { words: said, icon: shape } = stateWords(words, state, name)
  const retry =
    state.name === 'failed'
      ? html` · <button class="link retry" type="button">${words.say('retry')}</button>`
      : null
  return html`<div class="meta ${state.name}" part="meta">
    ${time}
    <span class="state">${shape === undefined ? null : icon(shape)} <span>${said}${retry}</span></span>
  </div>`
}

/** The whole message in one line, for somebody who hears it when they walk there. */
function label({ item }: MessageRow, { words, name }: RowContext): string {
  const time = words.time(item.at)
  const text = item.kind === 'text' ? item.text.slice(0, longestLabel) : words.say('unknownKind')
  if (!item.mine) return words.say('by', name, time, text)
  const state =
    item.kind === 'text' && item.state !== undefined ? stateWords(words, item.state, name).words : ''
  return words.say('byYou', time, state, text)
}
