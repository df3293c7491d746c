import type { ConversationSummary, Profile } from '@sotto/core'
import { css, html, nothing, type TemplateResult } from 'lit'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'
import { previewOf } from './preview.js'

interface Row {
  readonly words: Localizer
  readonly summary: ConversationSummary
  readonly profile: Profile
  readonly chosen: boolean
  /** Whether Tab gets here. One row of the list has that. */
  readonly stop: boolean
  readonly now: number
}

/** One conversation in the inbox. */
export function inboxRow({ words, summary, profile, chosen, stop, now }: Row): TemplateResult {
  const { account, unread, at, trust, relation } = summary
  const loud = relation === 'request' || trust.name === 'changed'
  return html`<li>
    <button
      type="button"
      class="row ${unread > 0 ? 'unread' : ''}"
      part="row"
      data-account=${account}
      tabindex=${stop ? 0 : -1}
      aria-current=${chosen ? 'true' : nothing}
    >
      ${avatar(account, profile)}
      <span class="name" dir="auto" title=${profile.name}>${profile.name}</span>
      <time datetime=${new Date(at).toISOString()}>${words.shortly(at, now)}</time>
      <span class="preview ${loud ? 'loud' : ''}" dir="auto">${previewOf(words, summary, profile.name)}</span>
      ${
        unread > 0
          ? html`<span class="count" part="count">
              <span aria-hidden="true">${unread > 99 ? words.say('many') : unread}</span>
              <span class="hidden">${words.say('unreadCount', unread)}</span>
            </span>`
          : null
      }
    </button>
  </li>`
}

/** What stands in the place of rows until there are some. */
export const skeletonRow = html`<li class="row skeleton">
  <span class="avatar"></span><span class="stripe"></span><span class="stripe"></span>
</li>`

export const inboxRowStyles = css`
  li {
    content-visibility: auto;
    contain-intrinsic-block-size: auto 68px;
  }
  .row {
    display: grid;
    grid-template: auto auto / 48px minmax(0, 1fr) auto;
    align-content: center;
    column-gap: 12px;
    inline-size: 100%;
    min-block-size: 68px;
    padding: 8px;
    border-radius: 12px;
    transition: background-color 120ms ease-out;
  }
  .row:hover {
    background: var(--_fill);
  }
  .row[aria-current] {
    background: var(--_accent-soft);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  .row .avatar {
    grid-row: 1 / 3;
    align-self: center;
  }
  .name,
  .preview {
    overflow: hidden;
    text-align: -webkit-match-parent;
    text-align: match-parent;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .name {
    align-self: end;
    font-weight: 600;
  }
  .preview {
    color: var(--_text-2);
    font-size: 0.875rem;
  }
  .unread .preview {
    color: var(--_text);
    font-weight: 500;
  }
  .preview.loud {
    color: var(--_accent-text);
    font-weight: 500;
  }
  .row time {
    align-self: end;
    color: var(--_text-3);
    font-size: 0.78125rem;
    font-variant-numeric: tabular-nums;
  }
  .row[aria-current] time {
    color: var(--_text-2);
  }
  .unread time {
    color: var(--_accent-text);
  }
  .count {
    justify-self: end;
    align-self: center;
    min-inline-size: 20px;
    padding-inline: 6px;
    border-radius: 10px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 0.75rem;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  .skeleton {
    animation: appear 0.2s 0.3s both;
  }
  .skeleton :is(.avatar, .stripe) {
    background: var(--_fill);
  }
  .skeleton .stripe {
    align-self: center;
    inline-size: 45%;
    block-size: 10px;
    border-radius: 5px;
  }
  .skeleton .stripe + .stripe {
    grid-column: 2;
    inline-size: 75%;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    .row[aria-current] {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
    .row[aria-current] :is(.preview, time) {
      color: inherit;
    }
    .count {
      border: 1px solid CanvasText;
    }
  }
`
