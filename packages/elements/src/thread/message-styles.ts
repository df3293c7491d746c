import { css } from 'lit'

export const messageStyles = css`
  .log {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    overflow: hidden auto;
    overflow-anchor: none;
    overscroll-behavior: contain;
    outline: none;
  }
  .sizer {
    position: relative;
    flex: none;
    /* A short thread stands at the bottom. */
    margin-block-start: auto;
  }
  .window {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
  }
  .end {
    position: absolute;
    inset-block-end: 0;
    inline-size: 1px;
    block-size: 1px;
  }
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
  .beginning,
  .day {
    padding-block: 8px 12px;
    color: var(--_text-2);
    font-size: 0.78125rem;
    line-height: 1rem;
    text-align: center;
  }
  .beginning p {
    max-inline-size: 26rem;
    margin-inline: auto;
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  .day {
    padding-block-start: 16px;
    font-weight: 500;
  }
  .divider {
    display: flex;
    align-items: center;
    gap: 10px;
    padding-block: 12px;
    color: var(--_accent-text);
    font-size: 0.78125rem;
    font-weight: 600;
    line-height: 1rem;
  }
  .divider::before,
  .divider::after {
    content: '';
    flex: 1;
    border-block-start: 1px solid color-mix(in oklab, var(--_accent-text) 40%, transparent);
  }
  .gap {
    padding-block: 4px 12px;
    text-align: center;
  }
  .gap p {
    display: inline-block;
    padding: 6px 13px;
    border: 1px dashed var(--_line);
    border-radius: 14px;
    color: var(--_text-2);
    font-size: 0.78125rem;
    line-height: 1rem;
  }
  .call {
    padding-block: 4px 12px;
    text-align: center;
  }
  .call p,
  .call p > span {
    display: inline-flex;
    align-items: center;
    gap: 0 8px;
  }
  .call p {
    flex-wrap: wrap;
    justify-content: center;
    max-inline-size: 100%;
    padding: 6px 13px;
    border-radius: 14px;
    background: var(--_fill);
    color: var(--_text-2);
    font-size: 0.8125rem;
    line-height: 1.125rem;
    text-align: start;
    overflow-wrap: anywhere;
  }
  .call .icon {
    flex: none;
    inline-size: 16px;
    block-size: 16px;
  }
  .call time {
    flex: none;
    color: var(--_text-3);
    font-size: 0.71875rem;
    font-variant-numeric: tabular-nums;
  }
  .call.missed p {
    color: var(--_bad);
  }
  .call .link {
    flex: none;
  }
  .call .link:disabled {
    opacity: 0.5;
  }
  .earlier {
    position: absolute;
    inset-block-start: 16px;
    inset-inline: 0;
    color: var(--_text-2);
    font-size: 0.78125rem;
    line-height: 1rem;
    text-align: center;
  }
  .jump {
    position: absolute;
    inset: auto 16px 12px auto;
    display: grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 50%;
    background: var(--_float);
    color: var(--_text-2);
    box-shadow: var(--_shadow);
  }
  .jump:dir(rtl) {
    inset-inline: 16px auto;
  }
  .jump .count {
    position: absolute;
    inset-block-start: -8px;
    min-inline-size: 20px;
    padding-inline: 6px;
    border-radius: 10px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 0.75rem;
    font-weight: 600;
    text-align: center;
  }
  .loading {
    position: absolute;
    inset: 0 20px 16px;
    overflow: clip;
    display: grid;
    align-content: end;
    gap: 8px;
    animation: appear 0.2s 0.3s both;
  }
  .bar-bubble {
    inline-size: 38%;
    block-size: 36px;
    border-radius: var(--_bubble-radius);
    background: var(--_fill);
  }
  .bar-bubble:nth-child(3n) {
    inline-size: 24%;
  }
  .bar-bubble.mine {
    justify-self: end;
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
    .jump {
      inline-size: 44px;
      block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .bubble,
    .jump {
      border: 1px solid CanvasText;
    }
    .jump .count {
      border: 1px solid CanvasText;
      background: Canvas;
      color: CanvasText;
    }
  }
`
