import { css } from 'lit'
import { inboxRowStyles } from '../inbox/inbox-row.js'
import { inboxStyles } from '../inbox/inbox-styles.js'
import { avatarStyles } from '../pieces/avatar.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { noticeStyles } from '../pieces/notice.js'
import { pillStyles } from '../pieces/standing.js'

/** What differs from the inbox, whose pane it takes. */
const own = css`
  /* It has the focus only while the calls are loaded once more. */
  .list {
    outline: none;
  }
  .days h3 {
    padding: 12px 8px 4px;
    color: var(--_text-2);
    font-size: 0.78125rem;
    font-weight: 600;
    line-height: 1rem;
  }
  .days h3:first-child {
    padding-block-start: 4px;
  }
  li:not(.skeleton) {
    display: flex;
    align-items: center;
    border-radius: 12px;
  }
  li:not(.skeleton):hover {
    background: var(--_fill);
  }
  .row {
    flex: 1;
    min-inline-size: 0;
  }
  .missed .name {
    color: color-mix(in oklab, var(--_bad) 85%, var(--_text));
  }
  .missed .what .icon {
    color: var(--_bad);
  }
  /* What became of it is read to its end, on two lines where it has to be. */
  .what {
    grid-column: 2 / 4;
    display: flex;
    gap: 6px;
    color: var(--_text-2);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
    text-align: start;
  }
  .way {
    flex: none;
    display: inline-grid;
    place-items: center;
    block-size: 1.25rem;
  }
  .way .icon {
    inline-size: 14px;
    block-size: 14px;
  }
  :dir(rtl) > .icon {
    transform: scaleX(-1);
  }
  .again {
    margin-inline-end: 4px;
    color: var(--_accent-text);
  }
  .again:hover:not(:disabled) {
    background: var(--_fill-2);
    color: var(--_accent-text);
  }
  .again:disabled {
    opacity: 0.45;
    cursor: default;
  }
`

export const callsStyles = [
  buttonStyles,
  avatarStyles,
  noticeStyles,
  pillStyles,
  inboxStyles,
  inboxRowStyles,
  own,
]
