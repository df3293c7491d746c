import type { CallItem } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { callWords, cameToNothing, isMissed } from '../call/call-words.js'
import { icon } from '../icons.js'
import type { RowContext } from './bubble.js'
import type { Row } from './rows.js'

/** What stands between messages: days, the unread divider, gaps, calls, the beginning. */
export function separator(row: Exclude<Row, { kind: 'message' }>, context: RowContext): TemplateResult {
  const { words, name, now } = context
  switch (row.kind) {
    case 'beginning':
      return html`<div class="row beginning"><p>${words.say('beginning', name)}</p></div>`
    case 'day':
      return html`<div class="row day" part="day">
        <time datetime=${dateOf(row.at)}>${words.day(row.at, now)}</time>
      </div>`
    case 'divider':
      return html`<div class="row divider" part="divider">
        <span>${words.say('newCount', row.count)}</span>
      </div>`
    case 'call': {
      const { item } = row
      return html`<div class="row call ${isMissed(item) ? 'missed' : ''}">
        <p part="call">
          <span>${icon(item.video ? 'video' : 'phone')}<span>${callWords(words, item, name)}</span></span>
          <span>
            ${callBack(item, context)}
            <time datetime=${new Date(item.at).toISOString()}>${words.time(item.at)}</time>
          </span>
        </p>
      </div>`
    }
    case 'gap': {
      const { count, gone, mine } = row.item
      const missing = mine ? words.say('missingOwn', count) : words.say('missing', count, name)
      return html`<div class="row gap">
        <p part="gap">${gone ? words.say('gone', count) : missing}</p>
      </div>`
    }
  }
}

/** A way to call once more, from the line of a call that came to nothing. */
function callBack(item: CallItem, { words, calls }: RowContext): TemplateResult | null {
  if (calls === undefined || !cameToNothing(item)) return null
  return html`<button
    class="link"
    part="call-back"
    type="button"
    ?disabled=${calls.busy}
    @click=${() => calls.place(item.video && calls.video)}
  >
    ${words.say(item.mine ? 'callAgain' : 'callBack')}
  </button>`
}

/** The day here, as a machine reads it. */
function dateOf(at: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
