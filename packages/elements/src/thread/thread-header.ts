import type { Profile, Trust } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { icon, type IconName } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'

/** What it takes to call the other person. */
export interface Calls {
  readonly place: (video: boolean) => void
  readonly video: boolean
  /** There is a call already. */
  readonly busy: boolean
}

interface Header {
  readonly words: Localizer
  readonly account: string
  readonly profile: Profile
  readonly trust: Trust | undefined
  /** Nothing comes from them, so nothing has to be compared. */
  readonly blocked: boolean
  readonly compare: () => void
  /** `undefined`: this conversation cannot be called. */
  readonly calls: Calls | undefined
  /** Opens the menu, at the button that was pressed. */
  readonly more: ((event: Event) => void) | undefined
}

/** Who the thread is with, how sure that is, and what can be done about it. */
export function threadHeader(header: Header): TemplateResult {
  const { words, account, profile, trust, blocked, compare, calls, more } = header
  return html`<header part="header">
    <slot name="back"></slot>
    <slot name="header">
      ${avatar(account, profile)}
      <div class="titles">
        <h2 part="title" dir="auto" title=${account}>${profile.name}</h2>
        <div class="subtitle" part="subtitle">
          ${blocked ? html`<span class="words">${words.say('blockedShort')}</span>` : subtitle(words, trust, compare)}
        </div>
      </div>
    </slot>
    ${calls === undefined ? null : callButtons(words, calls)}
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

function callButtons(words: Localizer, { place, video, busy }: Calls): TemplateResult {
  const button = (label: string, picture: IconName, withVideo: boolean) =>
    html`<button
      class="icon-button"
      part="call"
      type="button"
      aria-label=${label}
      title=${label}
      ?disabled=${busy}
      @click=${() => place(withVideo)}
    >
      ${icon(picture)}
    </button>`
  return html`<div class="calls">
    ${button(words.say('startVoiceCall'), 'phone', false)}
    ${video ? button(words.say('startVideoCall'), 'video', true) : null}
  </div>`
}

function subtitle(words: Localizer, trust: Trust | undefined, compare: () => void): unknown {
  switch (trust?.name) {
    case 'unverified':
      return html`<span class="words">${words.say('notCompared')}</span
        ><span class="doing"
          >&nbsp;·
          <button class="link" part="compare" type="button" @click=${compare}>
            ${words.say('compare')}
          </button></span
        >`
    case 'verified':
      return html`<span class="words"
        >${words.say('compared', words.calendarDay(trust.verifiedAt, Date.now(), 'short'))}</span
      >`
    case 'changed':
      return html`<span class="words">${words.say('numberChanged')}</span>`
    default:
      return null
  }
}
