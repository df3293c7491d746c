import type { Client, ClientState } from '@sotto/core'
import type { ErrorCode } from '@sotto/protocol'
import { css, html, type TemplateResult } from 'lit'
import type { IconName } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { codeWords } from './error-words.js'

interface Standing {
  readonly icon: IconName
  readonly title: string
  readonly text: string
}

/** Why nothing can be written here, in words, where that is so. */
export function standing(words: Localizer, state: ClientState): Standing | undefined {
  switch (state.name) {
    case 'elsewhere':
      return { icon: 'devices', title: words.say('elsewhereTitle'), text: words.say('elsewhereText') }
    case 'removed':
      return { icon: 'devices', title: words.say('removedTitle'), text: words.say('removedText') }
    case 'stopped':
      return { icon: 'warning', title: words.say('stoppedTitle'), text: codeWords(words, state.code) }
    case 'closed':
      return { icon: 'warning', title: words.say('closedTitle'), text: words.say('closed') }
    default:
      return undefined
  }
}

/** The same as a box above what can still be read. */
export function standingBox({ title, text }: Pick<Standing, 'title' | 'text'>): TemplateResult {
  return html`<div class="standing" part="standing">
    <h2>${title}</h2>
    <p>${text}</p>
  </div>`
}

/** Says that there is no connection. It floats: nothing that is read moves because of it. */
export function offlinePill(words: Localizer, client: Client, state: ClientState): TemplateResult | null {
  if (state.name !== 'offline') return null
  return html`<div class="pill" part="offline" role="status">
    <span>${offlineWords(words, state.code)}</span>
    <button class="link" type="button" @click=${() => client.reconnect()}>${words.say('tryNow')}</button>
  </div>`
}

function offlineWords(words: Localizer, code: ErrorCode): string {
  // A store that was put back heals while it connects again. It would be bad news only if it stopped everything.
  if (code === 'rolled-back') return words.say('backendDown')
  return code === 'offline' ? words.say('offline') : codeWords(words, code)
}

export const pillStyles = css`
  .pill {
    position: absolute;
    z-index: 1;
    inset-inline: 12px;
    inline-size: fit-content;
    max-inline-size: calc(100% - 24px);
    margin-inline: auto;
    padding: 8px 14px;
    border-radius: 18px;
    background: var(--_float);
    color: var(--_text-2);
    box-shadow: var(--_shadow);
    font-size: 0.78125rem;
    line-height: 1rem;
    text-align: center;
    text-wrap: balance;
    /* A connection that is back within a second was never missed. */
    animation: appear 0.2s 1s both;
  }
  @media (forced-colors: active) {
    .pill {
      border: 1px solid CanvasText;
    }
  }
  .bar {
    padding: 14px 16px 16px;
    border-block-start: 1px solid var(--_line);
  }
  .bar h2 {
    overflow-wrap: anywhere;
  }
  .bar p {
    color: var(--_text-2);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
  }
  @keyframes appear {
    from {
      opacity: 0;
      visibility: hidden;
    }
  }
`
