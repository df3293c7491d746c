import type { CallRecord, Profile } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { isMissed } from '../call/call-words.js'
import { icon } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'
import { isolate } from '../pieces/isolate.js'
import { recordWords } from './record-words.js'

interface Row {
  readonly words: Localizer
  readonly record: CallRecord
  readonly profile: Profile
  /** Whether Tab gets here. One row of the list has that. */
  readonly stop: boolean
  /** `undefined`: there is no calling this account from here. */
  readonly again: { readonly busy: boolean; readonly run: () => void } | undefined
}

/** One call of the history: what it was, and a button that calls again. */
export function recordRow({ words, record, profile, stop, again }: Row): TemplateResult {
  const { account, item } = record
  const tabindex = stop ? 0 : -1
  const calling = words.say(item.video ? 'videoCallTo' : 'callTo', isolate(profile.name))
  return html`<li class=${isMissed(item) ? 'missed' : ''} data-key=${item.key} data-account=${account}>
    <button type="button" class="row" part="row" tabindex=${tabindex}>
      ${avatar(account, profile)}
      <span class="name" part="name" dir="auto" title=${account}>${profile.name}</span>
      <time datetime=${new Date(item.at).toISOString()}>${words.time(item.at)}</time>
      <span class="what" part="what"
        ><span class="way">${icon(item.mine ? 'outgoing' : 'incoming')}</span
        ><span>${recordWords(words, item)}</span></span
      >
    </button>
    ${
      again === undefined
        ? null
        : html`<button
            type="button"
            class="icon-button again"
            part="call"
            tabindex=${tabindex}
            aria-label=${calling}
            title=${calling}
            ?disabled=${again.busy}
            @click=${again.run}
          >
            ${icon(item.video ? 'video' : 'phone')}
          </button>`
    }
  </li>`
}
