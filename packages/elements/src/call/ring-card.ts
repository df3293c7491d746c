import type { Profile } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { icon } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'
import type { CallActions } from './call-actions.js'
import type { CallEnd } from './call-end.js'

interface Card {
  readonly words: Localizer
  readonly account: string
  readonly profile: Profile
}

interface Ring extends Card {
  /** What is announced, too. */
  readonly label: string
  readonly video: boolean
  /** With what it may be answered here. */
  readonly may: { readonly voice: boolean; readonly video: boolean }
  /** Why it could not be answered just now. */
  readonly wrong: string | undefined
  readonly actions: Pick<CallActions, 'answer' | 'decline'>
  readonly reply: () => void
}

/** Somebody calls. It has no focus until the person goes there. */
export function ringCard({
  words,
  account,
  profile,
  label,
  video,
  may,
  wrong,
  actions,
  reply,
}: Ring): TemplateResult {
  const { answer, decline } = actions
  const replying = words.say('replyWithMessage')
  const withVideo = video && may.video
  const answering = words.say(withVideo ? 'answerVideo' : video ? 'answerVoice' : 'answer')
  return html`<section class="call-card ring" part="card" role="dialog" aria-label=${label}>
    <div class="who">
      ${avatar(account, profile)}
      <div class="titles">
        <h2 part="name" dir="auto" title=${account}>${profile.name}</h2>
        <p part="status">${words.say(video ? 'videoCall' : 'voiceCall')}</p>
      </div>
      <button
        class="icon-button"
        part="reply"
        type="button"
        aria-label=${replying}
        title=${replying}
        @click=${reply}
      >
        ${icon('message')}
      </button>
    </div>
    ${wrong === undefined ? null : html`<p class="why" role="alert">${wrong}</p>`}
    <div class="choices">
      <button class="button" part="decline" type="button" @click=${decline}>${words.say('decline')}</button>
      ${
        withVideo
          ? html`<button
              class="button"
              part="answer-voice"
              type="button"
              aria-label=${words.say('answerVoice')}
              @click=${() => answer(false)}
            >
              ${words.say('voice')}
            </button>`
          : null
      }
      ${
        may.voice
          ? html`<button
              class="button answer"
              part="answer"
              type="button"
              aria-label=${answering}
              aria-keyshortcuts="F6"
              @click=${() => answer(withVideo)}
            >
              ${words.say('answer')}
            </button>`
          : null
      }
    </div>
  </section>`
}

interface Last extends Card {
  readonly end: CallEnd
  /** On what "call back" says, where that makes sense. */
  readonly again: { readonly label: string; readonly run: () => void } | undefined
  /** On what checks the devices says, where it lay at them. */
  readonly check: { readonly label: string; readonly run: () => void } | undefined
  readonly close: () => void
}

/** What a call came to. */
export function endCard({ words, account, profile, end, again, check, close }: Last): TemplateResult {
  const closing = words.say('close')
  return html`<section class="call-card" part="card" aria-label=${words.say('callWith', profile.name)}>
    <div class="who">
      ${avatar(account, profile)}
      <div class="titles">
        <h2 part="name" dir="auto" title=${account}>${profile.name}</h2>
        <p part="status">${end.title}</p>
      </div>
      <button
        class="icon-button"
        part="close"
        type="button"
        aria-label=${closing}
        title=${closing}
        @click=${close}
      >
        ${icon('close')}
      </button>
    </div>
    ${end.text === undefined ? null : html`<p class="why">${end.text}</p>`}
    ${
      again === undefined && check === undefined
        ? null
        : html`<div class="choices">
            ${
              check === undefined
                ? null
                : html`<button class="button" part="check" type="button" @click=${check.run}>
                    ${check.label}
                  </button>`
            }
            ${
              again === undefined
                ? null
                : html`<button class="button" part="again" type="button" @click=${again.run}>
                    ${again.label}
                  </button>`
            }
          </div>`
    }
  </section>`
}
