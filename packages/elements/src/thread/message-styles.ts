import { css } from 'lit'

export const messageStyles = css`
  .row {
    padding-inline: 20px;
  }
  .message {
    padding-block-end: 8px;
    outline: none;
  }
  .message.joins-below {
    padding-block-end: 2px;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  .mine .line {
    flex-direction: row-reverse;
  }
  .bubble {
    min-inline-size: 0;
    max-inline-size: min(70%, 520px);
    padding: 8px 12px;
    border-radius: var(--_bubble-radius);
    overflow-wrap: anywhere;
    --_joined: min(6px, var(--_bubble-radius));
  }
  .theirs .bubble {
    background: var(--_bubble-peer-background);
    color: var(--_bubble-peer-text);
    border-end-start-radius: var(--_joined);
  }
  .mine .bubble {
    background: var(--_bubble-own-background);
    color: var(--_bubble-own-text);
    border-end-end-radius: var(--_joined);
  }
  .theirs.joins-above .bubble {
    border-start-start-radius: var(--_joined);
  }
  .mine.joins-above .bubble {
    border-start-end-radius: var(--_joined);
  }
  .message:focus-visible .bubble {
    outline: 2px solid var(--_accent-text);
    outline-offset: 2px;
  }
  .large .bubble {
    padding: 4px 0;
    background: none;
    color: inherit;
    font-size: 2.25rem;
    line-height: 2.75rem;
  }
  .text {
    white-space: pre-wrap;
  }
  .bubble a,
  .bubble .link {
    color: inherit;
    text-decoration: underline;
    text-underline-offset: 2px;
    unicode-bidi: isolate;
  }
  .theirs .bubble :is(a, .link) {
    color: var(--_accent-text);
  }
  .bubble :is(a, .link):focus-visible {
    outline-color: currentColor;
    outline-offset: 1px;
  }
  .bold {
    font-weight: 650;
  }
  .italic {
    font-style: italic;
  }
  .strike {
    text-decoration: line-through;
  }
  .code {
    font-family: ui-monospace, monospace;
    font-size: 0.9em;
  }
  .more {
    inline-size: 32px;
    block-size: 32px;
    opacity: 0;
  }
  .more .icon {
    inline-size: 18px;
    block-size: 18px;
  }
  :is(.message:hover, .message:focus-visible, .message:focus-within) > .line > .more {
    opacity: 1;
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 4px;
    padding: 5px 4px 1px;
    color: var(--_text-3);
    font-size: 0.71875rem;
    line-height: 0.875rem;
    font-variant-numeric: tabular-nums;
  }
  .mine .meta {
    justify-content: end;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }
  .state .icon {
    inline-size: 14px;
    block-size: 14px;
  }
  .meta.read {
    color: var(--_accent-text);
  }
  .meta.failed,
  .meta.failed .link {
    color: var(--_bad);
  }
  .meta.failed time {
    color: var(--_text-3);
  }
  /* Most messages are sent within a second: only then it is worth a word. */
  .meta.sending .state {
    animation: appear 0.2s 1s both;
  }
  @media (prefers-reduced-motion: no-preference) {
    .new .bubble {
      animation: rise 160ms ease-out;
    }
  }
  @media (pointer: coarse) {
    .more {
      display: none;
    }
    .bubble {
      max-inline-size: min(80%, 520px);
      user-select: none;
      -webkit-touch-callout: none;
    }
  }
  @media (forced-colors: active) {
    .bubble {
      border: 1px solid CanvasText;
    }
  }
`
