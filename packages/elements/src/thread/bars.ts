import type { Trust } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import type { Localizer } from '../locales/localizer.js'
import type { ThreadActions } from './thread-actions.js'

/** What stands in the place of the composer while it cannot be written, and what can be done about it. */

interface Decisions {
  readonly words: Localizer
  readonly name: string
}

export function requestBar(
  { words, name }: Decisions,
  { accept, askRemove, block }: Pick<ThreadActions, 'accept' | 'askRemove' | 'block'>,
): TemplateResult {
  return html`<div class="bar" part="request">
    <h2 dir="auto">${words.say('requestTitle', name)}</h2>
    <p>${words.say('requestText')}</p>
    <div class="buttons">
      ${button(words.say('accept'), accept, 'primary')} ${button(words.say('delete'), askRemove)}
      ${button(words.say('block'), block, 'bad')}
    </div>
  </div>`
}

export function blockedBar({ words, name }: Decisions, unblock: () => void): TemplateResult {
  return html`<div class="bar" part="blocked">
    <p>${words.say('blockedTitle', name)}</p>
    <div class="buttons">${button(words.say('unblock'), unblock)}</div>
  </div>`
}

export function changedBar(
  { words, name }: Decisions,
  { verifiedAt, waiting }: Trust & { name: 'changed' },
  { compare, goOn }: { readonly compare: () => void; readonly goOn: () => void },
): TemplateResult {
  const said = [
    words.say('changedText', name),
    verifiedAt === undefined ? '' : words.say('changedCompared', words.calendarDay(verifiedAt, Date.now())),
    words.say('changedNothingSent'),
    waiting === 0 ? '' : words.say('changedWaiting', waiting),
  ]
  return html`<div class="warning" part="warning" role="alert">
    <h2 dir="auto">${words.say('changedTitle', name)}</h2>
    <p>${said.filter((one) => one !== '').join(' ')}</p>
    <div class="buttons">
      ${button(words.say('compareNow'), compare, 'primary')} ${button(words.say('goOn'), goOn)}
    </div>
  </div>`
}

/** Why nothing can be written: this device was removed, or has stopped. */
export function stoppedBar({
  title,
  text,
}: {
  readonly title: string
  readonly text: string
}): TemplateResult {
  return html`<div class="bar" part="stopped">
    <h2 dir="auto">${title}</h2>
    <p>${text}</p>
  </div>`
}

function button(label: string, run: () => void, look = ''): TemplateResult {
  return html`<button class="button ${look}" part="button" type="button" @click=${run}>${label}</button>`
}
