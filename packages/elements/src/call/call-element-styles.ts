import { css } from 'lit'
import { avatarStyles } from '../pieces/avatar.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { dialogStyles } from '../pieces/dialog-controller.js'
import { menuStyles } from '../pieces/menu-controller.js'
import { noticeStyles } from '../pieces/notice.js'
import { callScreenStyles } from './call-screen-styles.js'
import { deviceSelectStyles } from './device-select.js'
import { levelStyles } from './level-meter.js'

/** A layer over the window, or over the box around it, through which one can press what lies under it. */
const layer = css`
  :host {
    --_call-background: var(
      --sotto-call-background,
      radial-gradient(
        110% 100% at 32% 14%,
        oklch(0.42 0.085 268),
        oklch(0.255 0.05 276) 52%,
        oklch(0.15 0.022 280)
      )
    );
    --_call-answer: var(--sotto-call-answer, oklch(0.53 0.135 152));
    --_call-hang-up: var(--sotto-call-hang-up, oklch(0.565 0.2 25));
    --_call-control: var(--sotto-call-control, rgb(255 255 255 / 0.16));
    position: fixed;
    z-index: var(--sotto-call-layer, 1000);
    inset: 0;
    display: block;
    pointer-events: none;
    container: sotto-call / size;
  }
  :host([contained]) {
    position: absolute;
    z-index: 2;
  }
  :host([contained][shows='bar']) {
    position: static;
    container-type: inline-size;
  }
  .call-card,
  .call-screen,
  .call-bar,
  .notice,
  .menu,
  dialog {
    pointer-events: auto;
  }
  .titles {
    flex: 1;
    min-inline-size: 0;
  }
  /* What is said in another direction than the page's stands where the page's own does. */
  .titles > * {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .titles h2,
  .titles .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`

const card = css`
  .call-card {
    position: absolute;
    inset-block-start: max(20px, env(safe-area-inset-top));
    inset-inline-end: 20px;
    display: grid;
    gap: 14px;
    inline-size: 342px;
    max-inline-size: calc(100% - 24px);
    max-block-size: calc(100% - 40px);
    overflow: auto;
    padding: 16px;
    border-radius: var(--_card-radius);
    background: var(--_float);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }
  .who {
    display: flex;
    align-items: center;
    gap: 12px;
    min-inline-size: 0;
  }
  .call-card h2 {
    line-height: 1.25rem;
  }
  .call-card p {
    margin-block-start: 2px;
    color: var(--_text-2);
    font-size: 0.8125rem;
    line-height: 1.125rem;
    overflow-wrap: anywhere;
  }
  .call-card .why {
    margin: 0;
    font-size: 0.875rem;
    line-height: 1.25rem;
  }
  .call-card .icon-button {
    align-self: start;
    margin: -6px;
    margin-inline-start: 0;
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .choices .button {
    flex: 1 1 0;
    min-inline-size: max-content;
    max-inline-size: 100%;
    padding-inline: 10px;
  }
  .button.answer {
    background: var(--_call-answer);
    color: #fff;
  }
  @container sotto-call (inline-size < 480px) {
    .call-card {
      inset-block-start: max(8px, env(safe-area-inset-top));
      inset-inline: 8px;
      inline-size: auto;
      max-inline-size: none;
    }
    .choices .button {
      min-block-size: 44px;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .call-card {
      animation: rise 160ms ease-out;
    }
  }
`

const bar = css`
  .call-bar {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 52px;
    padding-inline: 16px 12px;
    background: oklch(0.255 0.05 276);
    color: #fff;
    color-scheme: dark;
    --_avatar-size: 32px;
  }
  :host(:not([contained])) .call-bar {
    position: absolute;
    inset-block-end: max(20px, env(safe-area-inset-bottom));
    inset-inline-end: 20px;
    inline-size: 342px;
    max-inline-size: calc(100% - 40px);
    border-radius: 26px;
    box-shadow: var(--_shadow);
  }
  .call-bar .who {
    flex: 1;
    min-block-size: 44px;
    border-radius: 8px;
  }
  .call-bar .titles {
    display: grid;
  }
  .call-bar .name {
    font-weight: 600;
    line-height: 1.125rem;
  }
  .call-bar .status {
    overflow: hidden;
    color: rgb(255 255 255 / 0.78);
    font-size: 0.78125rem;
    font-variant-numeric: tabular-nums;
    line-height: 1rem;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .call-bar :focus-visible {
    outline-color: #fff;
  }
  .call-bar .who:focus-visible {
    outline-offset: 0;
  }
`

export const callElementStyles = [
  buttonStyles,
  avatarStyles,
  noticeStyles,
  dialogStyles,
  menuStyles,
  layer,
  card,
  bar,
  deviceSelectStyles,
  levelStyles,
  callScreenStyles,
]
