import { css } from 'lit'

export const newMessageStyles = css`
  h2 {
    font-size: 1.125rem;
    line-height: 1.5rem;
  }
  p {
    color: var(--_text-2);
    overflow-wrap: anywhere;
  }
  .buttons {
    justify-content: end;
  }
  form {
    display: grid;
    gap: 8px;
  }
  label {
    margin-block-start: 8px;
    font-size: 0.875rem;
    font-weight: 500;
  }
  .field {
    inline-size: 100%;
    min-block-size: 40px;
    padding: 8px 14px;
    border-radius: var(--_button-radius);
    background: var(--_field-background);
  }
  .field:focus-visible {
    outline-offset: 0;
  }
  p {
    font-size: 0.875rem;
  }
  p.wrong {
    color: var(--_bad);
  }
  @media (pointer: coarse) {
    .field {
      min-block-size: 44px;
    }
  }
`
