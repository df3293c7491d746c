import { css } from 'lit'

/** Of what messages stand in: the box that scrolls, and what lies over it. */
export const messageListStyles = css`
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
  @media (pointer: coarse) {
    .jump {
      inline-size: 44px;
      block-size: 44px;
    }
  }
  @media (forced-colors: active) {
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
