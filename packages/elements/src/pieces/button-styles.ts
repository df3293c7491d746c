import { css } from 'lit'

/** Buttons with words, buttons with an icon, and words that act like a link. */
export const buttonStyles = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-block-size: 40px;
    padding: 8px 16px;
    border-radius: var(--_button-radius);
    background: var(--_fill-2);
    color: var(--_text);
    font-size: 0.875rem;
    font-weight: 600;
    text-align: center;
    overflow-wrap: anywhere;
    transition: filter 120ms ease-out;
  }
  .button.primary {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .button.bad {
    color: color-mix(in oklab, var(--_bad) 85%, var(--_text));
  }
  .button:hover,
  .send:not(:disabled):hover {
    filter: brightness(0.96);
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-block-start: 12px;
  }
  .icon-button {
    flex: none;
    display: inline-grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 50%;
    color: var(--_text-2);
    transition: background-color 120ms ease-out;
  }
  .icon-button:hover,
  .icon-button[aria-expanded='true'] {
    background: var(--_fill);
    color: var(--_text);
  }
  .link {
    border-radius: 4px;
    color: var(--_accent-text);
    font-weight: 500;
  }
  .link:hover {
    text-decoration: underline;
  }
  :dir(rtl) > .icon-button .mirrored .icon,
  .mirrored:dir(rtl) .icon {
    transform: scaleX(-1);
  }
  @media (pointer: coarse) {
    .button {
      min-block-size: 44px;
    }
    .icon-button {
      inline-size: 44px;
      block-size: 44px;
    }
    /* Larger than it looks. */
    .link {
      padding: 15px 7px;
      margin: -15px -7px;
    }
  }
  @media (forced-colors: active) {
    .button,
    .icon-button {
      border: 1px solid ButtonText;
    }
    .button.primary {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`
