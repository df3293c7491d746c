import { css } from 'lit'

export const safetyStyles = css`
  :host {
    display: grid;
    justify-items: center;
    gap: 8px;
    text-align: center;
  }
  h2 {
    font-size: 1.25rem;
    line-height: 1.75rem;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  p {
    color: var(--_text-2);
    font-size: 0.875rem;
    text-align: center;
    text-wrap: pretty;
    overflow-wrap: anywhere;
  }
  ol {
    display: grid;
    grid-template-columns: repeat(4, auto);
    justify-content: space-evenly;
    inline-size: 100%;
    max-inline-size: 24rem;
    margin-block: 12px;
    gap: 14px 12px;
    font-family: var(
      --sotto-font-digits,
      ui-monospace,
      'SF Mono',
      'Cascadia Mono',
      'DejaVu Sans Mono',
      monospace
    );
    font-size: clamp(0.9375rem, 5cqi, 1.25rem);
    font-variant-numeric: tabular-nums;
    user-select: text;
  }
  .wait {
    min-block-size: 5.75rem;
  }
  .good {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--_good);
    font-weight: 600;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 8px;
    margin-block: 4px 8px;
  }
`
