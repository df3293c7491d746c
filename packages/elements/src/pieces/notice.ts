import { css, html, nothing, type TemplateResult } from 'lit'
import { icon, type IconName } from '../icons.js'

interface Notice {
  readonly title: string
  readonly text?: string | undefined
  readonly icon?: IconName
  readonly action?: { readonly label: string; readonly run: () => void } | undefined
  /** Read at once by a screen reader. */
  readonly urgent?: boolean
}

/** A whole pane that says one thing: nothing chosen, nothing here, not possible here. */
export function notice({ title, text, action, urgent, icon: name = 'pencil' }: Notice): TemplateResult {
  return html`<div class="notice" part="notice" role=${urgent === true ? 'alert' : nothing}>
    <span class="notice-icon">${icon(name)}</span>
    <h2 dir="auto">${title}</h2>
    ${text === undefined ? null : html`<p>${wholeTags(text)}</p>`}
    ${
      action === undefined
        ? null
        : html`<button class="button primary" part="button" type="button" @click=${action.run}>
            ${action.label}
          </button>`
    }
  </div>`
}

/** The tag of an element is not broken at its hyphen. */
const wholeTags = (text: string): unknown =>
  text.split(/(<[\w-]+>)/).map((part, i) => (i % 2 === 0 ? part : html`<span class="tag">${part}</span>`))

export const noticeStyles = css`
  .notice {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 4px;
    min-block-size: 100%;
    padding: 32px 24px;
    text-align: center;
  }
  .notice-icon {
    display: grid;
    place-items: center;
    inline-size: 56px;
    block-size: 56px;
    margin-block-end: 8px;
    border-radius: 50%;
    background: var(--_accent-soft);
    color: var(--_accent-text);
  }
  .notice h2 {
    font-size: 1.125rem;
    line-height: 1.5rem;
    text-wrap: balance;
  }
  .notice p {
    max-inline-size: 22rem;
    color: var(--_text-2);
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  .notice .tag {
    white-space: nowrap;
  }
  .notice .button {
    margin-block-start: 12px;
  }
`
