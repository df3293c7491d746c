import { css } from 'lit'

export const inboxStyles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    block-size: 40rem;
    max-block-size: 100dvb;
    overflow: hidden;
    background: var(--_panel);
  }
  header {
    flex: none;
    display: flex;
    align-items: center;
    min-block-size: 60px;
    padding-inline: 16px 12px;
  }
  .title {
    flex: 1;
    min-inline-size: 0;
    font-size: 1.25rem;
    line-height: 1.75rem;
  }
  .search {
    flex: none;
    display: grid;
    grid-template-columns: auto 1fr;
    align-items: center;
    gap: 8px;
    margin-inline: 12px;
    padding-inline: 10px;
    border-radius: var(--_button-radius);
    background: var(--_field-background);
    color: var(--_text-2);
    font-size: 0.875rem;
  }
  .search .icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .search input {
    min-inline-size: 0;
    min-block-size: 36px;
    color: var(--_text);
    outline: none;
    appearance: none;
  }
  .search input::placeholder {
    color: var(--_text-2);
    opacity: 1;
  }
  .search:has(:focus-visible) {
    outline: 2px solid var(--_accent-text);
    outline-offset: 0;
  }
  .list {
    flex: 1;
    min-block-size: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 8px;
  }
  .nobody {
    padding: 16px;
    color: var(--_text-2);
    text-align: center;
  }
  .standing {
    flex: none;
    margin: 0 12px 12px;
    padding: 10px 14px 12px;
    border-radius: 12px;
    background: var(--_fill);
    overflow-wrap: anywhere;
  }
  .standing p {
    color: var(--_text-2);
    font-size: 0.875rem;
  }
  .pill {
    inset-block-end: 12px;
  }
  /* The last row can be brought out from under what floats, and a row that gets the focus comes out by itself. */
  .list:has(~ .pill) {
    padding-block-end: 72px;
    scroll-padding-block-end: 72px;
  }
  @media (pointer: coarse) {
    .search input {
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .search {
      border: 1px solid ButtonText;
    }
  }
`
