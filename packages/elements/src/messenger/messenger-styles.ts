import { css } from 'lit'

export const messengerStyles = css`
  :host {
    display: block;
    block-size: 40rem;
    max-block-size: 100dvb;
    overflow: hidden;
    background: var(--_background);
    container: sotto-messenger / inline-size;
  }
  .panes {
    display: grid;
    position: relative;
    grid-template: auto minmax(0, 1fr) / var(--sotto-inbox-width, 336px) minmax(0, 1fr);
    block-size: 100%;
  }
  sotto-inbox,
  sotto-calls {
    grid-area: 1 / 1 / 3 / 2;
  }
  .calls > sotto-inbox {
    display: none;
  }
  sotto-thread,
  .nothing {
    grid-area: 2 / 2;
  }
  /* A call stands before the thread, and as a bar above it. */
  sotto-call {
    grid-area: 1 / 2 / 3 / 3;
  }
  sotto-call[shows='bar'] {
    grid-area: 1 / 2;
  }
  sotto-call[shows='full'] ~ * {
    visibility: hidden;
  }
  sotto-inbox,
  sotto-calls,
  sotto-thread {
    block-size: 100%;
    max-block-size: none;
  }
  sotto-inbox,
  sotto-calls {
    border-inline-end: 1px solid var(--_line);
  }
  sotto-calls > .back {
    margin-inline: -8px 4px;
  }
  sotto-thread > .back,
  .only-narrow {
    display: none;
  }
  /* One column: the list, or what was chosen in it. */
  @container sotto-messenger (inline-size < 720px) {
    .panes {
      grid-template-columns: minmax(0, 1fr);
    }
    sotto-inbox,
    sotto-calls {
      grid-area: 2 / 1;
      border: 0;
    }
    sotto-thread,
    .nothing {
      grid-area: 2 / 1;
    }
    sotto-call {
      grid-area: 1 / 1 / 3 / 2;
    }
    sotto-call[shows='bar'] {
      grid-area: 1 / 1;
    }
    .covered > :is(sotto-inbox, sotto-calls) {
      visibility: hidden;
    }
    .panes.chosen > :is(sotto-inbox, sotto-calls),
    .panes:not(.chosen) > .nothing {
      display: none;
    }
    sotto-thread > .back {
      display: inline-grid;
      margin-inline: -12px -4px;
    }
  }
`
