import type { Profile } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { icon } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'
import type { CallActions } from './call-actions.js'

interface Bar {
  readonly words: Localizer
  readonly account: string
  readonly profile: Profile
  readonly status: string
  /** `undefined`: there is none yet. */
  readonly microphone: boolean | undefined
  /** `undefined` for a call that another tab has: there is nothing to do with it here. */
  readonly actions: Pick<CallActions, 'turn' | 'hangUp'> | undefined
  readonly restore: () => void
}

/** A call that goes on while something else is read. */
export function callBar(bar: Bar): TemplateResult {
  const { words, account, profile, status, actions, restore } = bar
  const who = html`${avatar(account, profile)}
    <span class="titles">
      <span class="name" part="name" dir="auto">${profile.name}</span>
      <span class="status" part="status">${status}</span>
    </span>`
  return html`<section class="call-bar" part="bar" aria-label=${words.say('callWith', profile.name)}>
    ${
      actions === undefined
        ? html`<div class="who">${who}</div>`
        : html`<button
              class="who"
              part="back-to-call"
              type="button"
              title=${words.say('backToCall')}
              @click=${restore}
            >
              ${who}<span class="hidden">${words.say('backToCall')}</span>
            </button>
            ${buttons(bar, actions)}`
    }
  </section>`
}

function buttons(
  { words, microphone }: Bar,
  { turn, hangUp }: Pick<CallActions, 'turn' | 'hangUp'>,
): TemplateResult {
  const muting = words.say(microphone ? 'microphoneOff' : 'microphoneOn')
  const hanging = words.say('hangUp')
  return html`${
      microphone === undefined
        ? null
        : html`<button
            class="control small ${microphone ? '' : 'on'}"
            part="control"
            type="button"
            aria-label=${muting}
            title=${muting}
            @click=${() => turn({ microphone: !microphone })}
          >
            ${icon(microphone ? 'microphone' : 'microphoneOff')}
          </button>`
    }
    <button
      class="control small hang-up"
      part="hang-up"
      type="button"
      aria-label=${hanging}
      title=${hanging}
      @click=${hangUp}
    >
      ${icon('phone')}
    </button>`
}
