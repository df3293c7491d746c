import { css } from 'lit'

export const threadStyles = css`
  :host {
    display: block;
    block-size: 40rem;
    max-block-size: 100dvb;
    overflow: hidden;
    background: var(--_background);
  }
  section {
    display: flex;
    flex-direction: column;
    block-size: 100%;
  }
  header {
    flex: none;
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 60px;
    padding-inline: 16px 12px;
    border-block-end: 1px solid var(--_line);
    --_avatar-size: 36px;
  }
  .titles {
    flex: 1;
    min-inline-size: 0;
    container: sotto-titles / inline-size;
  }
  .titles h2 {
    overflow: hidden;
    line-height: 1.25rem;
    text-align: -webkit-match-parent;
    text-align: match-parent;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .subtitle {
    color: var(--_text-2);
    display: flex;
    font-size: 0.78125rem;
    line-height: 1rem;
    white-space: nowrap;
  }
  .subtitle .words {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .subtitle .doing {
    flex: none;
  }
  /* There is room for the words alone. The menu has it, too. */
  @container sotto-titles (inline-size < 12rem) {
    .subtitle .doing {
      display: none;
    }
  }
  .calls {
    flex: none;
    display: flex;
    /* The circles around them touch, so that their signs stand as near to each other as those of a phone do. */
    margin-inline-end: -8px;
  }
  .icon-button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  .middle {
    position: relative;
    flex: 1;
    min-block-size: 0;
  }
  .middle > .pill {
    inset-block-start: 12px;
  }
  sotto-message-list,
  sotto-composer {
    display: block;
  }
  sotto-message-list {
    block-size: 100%;
  }
  .warning {
    flex: none;
    max-block-size: 60%;
    overflow: auto;
    margin: 8px 16px 16px;
    padding: 12px 16px 14px;
    border: 1px solid var(--_warning-line);
    border-radius: 16px;
    background: var(--_warning-background);
    color: var(--_warning-text);
  }
  .warning h2,
  .warning p {
    overflow-wrap: anywhere;
  }
  .warning p {
    margin-block-start: 4px;
    font-size: 0.875rem;
  }
  .bar p {
    margin-block-start: 2px;
  }
`
