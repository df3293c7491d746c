import type { Profile, Trust } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { icon } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'

interface Header {
  readonly words: Localizer
  readonly account: string
  readonly profile: Profile
  readonly trust: Trust | undefined
  readonly compare: () => void
  /** Opens the menu, at the button that was pressed. */
  readonly more: ((event: Event) => void) | undefined
}

/** Who the thread is with, and how sure that is. */
export function threadHeader({ words, account, profile, trust, compare, more }: Header): TemplateResult {
  return html`<header part="header">
    <slot name="back"></slot>
    <slot name="header">
      ${avatar(account, profile)}
      <div class="titles">
        <h2 part="title" dir="auto" title=${account}>${profile.name}</h2>
        <div class="subtitle" part="subtitle">${subtitle(words, trust, compare)}</div>
      </div>
    </slot>
    ${
      more === undefined
        ? null
        : html`<button
            class="icon-button"
            part="more"
            type="button"
            aria-haspopup="menu"
            aria-label=${words.say('more')}
            title=${words.say('more')}
            @click=${more}
          >
            ${icon('more')}
          </button>`
    }
  </header>`
}

function subtitle(words: Localizer, trust: Trust | undefined, compare: () => void): unknown {
  switch (trust?.name) {
    case 'unverified':
      return html`<span>${words.say('notCompared')}</span> ·
        <button class="link" part="compare" type="button" @click=${compare}>${words.say('compare')}</button>`
    case 'verified':
      return html`<span>${words.say('compared', words.calendarDay(trust.verifiedAt, Date.now()))}</span>`
    case 'changed':
      return html`<span>${words.say('numberChanged')}</span>`
    default:
      return null
  }
}
