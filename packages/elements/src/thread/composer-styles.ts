import { css } from 'lit'

export const composerStyles = css`
  .composer {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: end;
    gap: 8px;
    padding: 8px 10px 12px 16px;
  }
  .composer:dir(rtl) {
    padding-inline: 16px 10px;
  }
  textarea {
    display: block;
    inline-size: 100%;
    min-block-size: calc(1.25rem + 20px);
    /* Five lines, then it scrolls. */
    max-block-size: calc(6.25rem + 20px);
    field-sizing: content;
    padding: 10px 14px;
    border-radius: 20px;
    background: var(--_field-background);
    overflow-wrap: anywhere;
    resize: none;
  }
  textarea:focus-visible {
    outline-offset: 0;
  }
  textarea::placeholder {
    color: var(--_text-2);
    opacity: 1;
  }
  .send {
    display: grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    transition:
      background-color 120ms ease-out,
      color 120ms ease-out;
  }
  .send .icon {
    stroke-width: 2.25;
  }
  .send:disabled {
    background: var(--_fill);
    color: var(--_text-3);
    cursor: default;
  }
  sotto-composer > .wrong {
    padding: 8px 16px 0;
    color: var(--_bad);
    font-size: 0.875rem;
  }
  @media (pointer: coarse) {
    .send {
      inline-size: 44px;
      block-size: 44px;
    }
    textarea {
      /* Smaller letters make a phone zoom into the field. */
      font-size: max(1rem, 16px);
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    textarea,
    .send {
      border: 1px solid ButtonText;
    }
  }
`
