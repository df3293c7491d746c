import { css } from 'lit'
import { deviceSelectStyles } from '../call/device-select.js'
import { levelStyles } from '../call/level-meter.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { noticeStyles } from '../pieces/notice.js'

const own = css`
  :host {
    display: grid;
    gap: 8px;
    align-content: start;
    max-inline-size: 32rem;
    margin-inline: auto;
  }
  h2 {
    font-size: 1.125rem;
    line-height: 1.5rem;
    overflow-wrap: anywhere;
  }
  p {
    color: var(--_text-2);
    font-size: 0.875rem;
    line-height: 1.25rem;
    overflow-wrap: anywhere;
  }
  /* What is said in another direction than the page's stands where the page's own does. */
  h2,
  p {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .wrong {
    color: var(--_text);
  }
  .preview {
    display: grid;
    place-items: center;
    aspect-ratio: 16 / 9;
    max-block-size: 40dvb;
    inline-size: 100%;
    border-radius: 12px;
    background: var(--_fill);
    overflow: hidden;
  }
  .preview p {
    padding: 16px;
    text-align: center;
    text-wrap: balance;
  }
  video {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
    /* As in a mirror: that is how people know themselves. */
    transform: scaleX(-1);
  }
  .sound {
    justify-self: start;
    margin-block-start: 4px;
  }
  .buttons {
    justify-content: end;
  }
  @media (forced-colors: active) {
    .preview {
      border: 1px solid CanvasText;
    }
  }
`

export const deviceCheckStyles = [buttonStyles, noticeStyles, deviceSelectStyles, levelStyles, own]
