import { css } from 'lit'

/** A call is dark, in every theme: the picture counts. */
export const callScreenStyles = css`
  .call-screen {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    justify-content: space-between;
    overflow: hidden;
    background: var(--_call-background);
    color: #fff;
    color-scheme: dark;
    user-select: none;
    container: sotto-call-screen / size;
  }
  .call-screen:focus {
    outline: none;
  }
  :host([shows='full']) .menu {
    color-scheme: dark;
  }
  .call-screen :focus-visible {
    outline-color: #fff;
  }
  .head,
  .call-screen .foot {
    position: relative;
    z-index: 1;
    transition: opacity 200ms ease-out;
  }
  .head {
    display: flex;
    align-items: start;
    gap: 12px;
    padding: max(16px, env(safe-area-inset-top)) 16px 28px 20px;
    padding-inline: 20px 16px;
    background: linear-gradient(rgb(8 10 20 / 0.42), transparent);
  }
  .head h2 {
    line-height: 1.375rem;
    font-size: 1rem;
  }
  .head p {
    margin-block-start: 1px;
    color: rgb(255 255 255 / 0.8);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
    line-height: 1.125rem;
  }
  .foot {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    justify-items: center;
    gap: 16px;
    padding: 28px 16px max(24px, env(safe-area-inset-bottom));
  }
  .seen .foot {
    background: linear-gradient(transparent, rgb(8 10 20 / 0.5));
  }
  .faded {
    cursor: none;
  }
  .faded .head,
  .faded .foot {
    opacity: 0;
    pointer-events: none;
  }

  /* The other person. */
  .their {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  .their.whole {
    object-fit: contain;
  }
  @container sotto-call-screen (orientation: landscape) {
    .their.high {
      object-fit: contain;
    }
  }
  @container sotto-call-screen (aspect-ratio < 3/4) {
    .their.broad {
      object-fit: contain;
    }
  }
  .lost .their {
    opacity: 0.45;
  }
  .face {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    pointer-events: none;
    --_avatar-size: clamp(96px, min(34cqi, 30cqb), 210px);
  }
  .face .avatar {
    background: linear-gradient(rgb(255 255 255 / 0.2), rgb(255 255 255 / 0.09));
    font-size: calc(var(--_avatar-size) * 0.33);
  }
  @media (prefers-reduced-motion: no-preference) {
    .waits .avatar {
      overflow: visible;
    }
    .waits .avatar::after {
      content: '';
      position: absolute;
      inset: 0;
      border-radius: 50%;
      box-shadow: 0 0 0 2px rgb(255 255 255 / 0.35);
      animation: ripple 2.4s ease-out infinite;
    }
    .waits .avatar img {
      border-radius: 50%;
    }
  }
  @keyframes ripple {
    from {
      opacity: 1;
    }
    to {
      opacity: 0;
      transform: scale(1.28);
    }
  }

  /* Our own picture. */
  .own {
    position: absolute;
    z-index: 2;
    inline-size: clamp(92px, 22cqi, 170px);
    aspect-ratio: 3 / 2;
    border-radius: 14px;
    overflow: hidden;
    background: oklch(0.2 0.02 280);
    box-shadow:
      0 0 0 1px rgb(255 255 255 / 0.22),
      0 6px 20px rgb(0 0 0 / 0.35);
    cursor: grab;
    touch-action: none;
  }
  .own:active {
    cursor: grabbing;
  }
  .own.start {
    inset-block-start: 76px;
  }
  .own.end {
    inset-block-end: 112px;
  }
  .own.start-side {
    inset-inline-start: 20px;
  }
  .own.end-side {
    inset-inline-end: 20px;
  }
  .own video {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
    pointer-events: none;
  }
  /* As in a mirror: people know themselves that way round. */
  .mirror {
    transform: scaleX(-1);
  }
  @container sotto-call-screen (orientation: portrait) {
    .own {
      aspect-ratio: 3 / 4;
    }
  }

  /* What is said, and asked. */
  .notes {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 8px;
  }
  .notes li,
  .asks {
    background: rgb(18 20 32 / 0.72);
    backdrop-filter: blur(14px);
  }
  .notes li {
    padding: 6px 14px;
    border-radius: 16px;
    font-size: 0.8125rem;
    line-height: 1.125rem;
    overflow-wrap: anywhere;
  }
  .asks {
    inline-size: 23rem;
    max-inline-size: 100%;
    padding: 16px;
    border-radius: var(--_card-radius);
    overflow-wrap: anywhere;
  }
  .asks h3 {
    font-weight: 650;
  }
  .asks h3 + p {
    margin-block-start: 4px;
  }
  .asks p {
    color: rgb(255 255 255 / 0.85);
    font-size: 0.875rem;
  }
  .asks .buttons {
    justify-content: end;
  }
  .asks .button {
    background: rgb(255 255 255 / 0.16);
    color: #fff;
  }
  .asks .agree {
    background: #fff;
    color: oklch(0.23 0.03 276);
  }
  .asks.wrong {
    display: flex;
    align-items: start;
    gap: 8px;
    inline-size: fit-content;
    max-inline-size: min(100%, 26rem);
    padding: 12px 16px;
  }
  .asks.wrong .round {
    margin: -8px;
    margin-inline-start: 0;
  }

  /* What can be done. */
  .controls {
    display: flex;
    justify-content: center;
    gap: 12px;
  }
  .control,
  .round {
    flex: none;
    display: grid;
    place-items: center;
    border-radius: 50%;
    color: #fff;
    transition: background-color 120ms ease-out;
  }
  .round {
    inline-size: 44px;
    block-size: 44px;
    margin: -6px;
  }
  .round:hover {
    background: rgb(255 255 255 / 0.14);
  }
  .control {
    inline-size: 56px;
    block-size: 56px;
    background: var(--_call-control);
  }
  .seen .control:not(.on, .hang-up) {
    background: var(--sotto-call-control, rgb(44 47 64 / 0.74));
    backdrop-filter: blur(14px);
  }
  .control:hover {
    filter: brightness(1.12);
  }
  .control.on {
    background: #fff;
    color: oklch(0.23 0.03 276);
  }
  .control.on:hover {
    filter: brightness(0.93);
  }
  .control:disabled {
    opacity: 0.5;
    cursor: default;
  }
  .control .icon {
    inline-size: 22px;
    block-size: 22px;
  }
  .control.hang-up {
    inline-size: 72px;
    border-radius: 28px;
    background: var(--_call-hang-up);
  }
  .control.hang-up .icon {
    transform: rotate(135deg);
  }
  .control.small {
    inline-size: 44px;
    block-size: 44px;
  }
  .control.small .icon {
    inline-size: 20px;
    block-size: 20px;
  }
  .control.small.hang-up {
    inline-size: 56px;
    border-radius: 22px;
  }
  @container sotto-call-screen (inline-size < 360px) {
    .foot {
      padding-inline: 8px;
    }
    .controls {
      gap: 6px;
    }
    .control.hang-up {
      inline-size: 56px;
    }
  }
  @container sotto-call-screen (block-size < 420px) {
    .foot {
      gap: 10px;
      padding-block: 8px 12px;
    }
    .own.end {
      inset-block-end: 84px;
    }
  }
  @media (forced-colors: active) {
    .button.answer,
    .asks .agree {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
    .call-card,
    .call-bar,
    .asks,
    .notes li,
    .own {
      border: 1px solid CanvasText;
    }
    .call-screen {
      background: Canvas;
      color: CanvasText;
    }
    .control,
    .round {
      border: 1px solid ButtonText;
      background: ButtonFace;
      color: ButtonText;
    }
    .control.on {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`
