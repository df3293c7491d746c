import { css } from 'lit'

/** Of what stands between messages. */
export const separatorStyles = css`
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
`
