import { css } from 'lit'

/**
 * The tokens, in two tiers: `--sotto-color-*` and the like, which a site may set on any element around ours, and tokens of single parts,
 * which default to those. What begins with `--_` is ours alone. docs/theming.md lists the names.
 */
const defaults = css`
  :host {
    --_accent: var(--sotto-color-accent, light-dark(oklch(0.52 0.17 268), oklch(0.565 0.17 268)));
    --_accent-text: var(--sotto-color-accent-text, light-dark(oklch(0.46 0.17 268), oklch(0.78 0.11 268)));
    --_accent-soft: var(--sotto-color-accent-soft, light-dark(oklch(0.94 0.03 268), oklch(0.3 0.06 268)));
    --_on-accent: var(--sotto-color-on-accent, #fff);
    --_background: var(--sotto-color-background, light-dark(#fff, oklch(0.185 0.012 268)));
    --_panel: var(--sotto-color-panel, light-dark(oklch(0.985 0.003 268), oklch(0.165 0.012 268)));
    --_fill: var(--sotto-color-fill, light-dark(oklch(0.955 0.006 268), oklch(0.255 0.015 268)));
    --_fill-2: var(--sotto-color-fill-2, light-dark(oklch(0.925 0.008 268), oklch(0.31 0.018 268)));
    --_line: var(--sotto-color-line, light-dark(oklch(0.91 0.008 268), oklch(0.275 0.015 268)));
    --_text: var(--sotto-color-text, light-dark(oklch(0.23 0.02 268), oklch(0.95 0.006 268)));
    --_text-2: var(--sotto-color-text-2, light-dark(oklch(0.47 0.02 268), oklch(0.74 0.015 268)));
    --_text-3: var(--sotto-color-text-3, light-dark(oklch(0.525 0.02 268), oklch(0.64 0.015 268)));
    --_good: var(--sotto-color-good, light-dark(oklch(0.55 0.13 155), oklch(0.75 0.14 155)));
    --_bad: var(--sotto-color-bad, light-dark(oklch(0.54 0.19 25), oklch(0.68 0.17 25)));
    --_warning-background: var(
      --sotto-color-warning-background,
      light-dark(oklch(0.965 0.04 85), oklch(0.27 0.04 80))
    );
    --_warning-line: var(--sotto-color-warning-line, light-dark(oklch(0.86 0.09 85), oklch(0.4 0.07 80)));
    --_warning-text: var(--sotto-color-warning-text, light-dark(oklch(0.38 0.07 70), oklch(0.88 0.08 85)));
    --_float: var(--sotto-color-float, light-dark(#fff, oklch(0.225 0.014 268)));
    --_shadow: 0 0 0 1px light-dark(rgb(0 0 0 / 0.08), rgb(255 255 255 / 0.08)), 0 8px 28px rgb(0 0 0 / 0.16);

    --_bubble-own-background: var(--sotto-bubble-own-background, var(--_accent));
    --_bubble-own-text: var(--sotto-bubble-own-text, var(--_on-accent));
    --_bubble-peer-background: var(--sotto-bubble-peer-background, var(--_fill));
    --_bubble-peer-text: var(--sotto-bubble-peer-text, var(--_text));
    --_bubble-radius: var(--sotto-bubble-radius, 18px);
    --_field-background: var(--sotto-field-background, var(--_fill));
    --_button-radius: var(--sotto-button-radius, 12px);
    --_card-radius: var(--sotto-card-radius, 20px);
  }

  /* One accent of the site's own: darkened until white can be read on it, and the soft and text shades made from it. */
  @supports (color: oklch(from red l c h)) {
    :host {
      --_given: var(--sotto-color-accent, oklch(0.565 0.17 268));
      --_accent: light-dark(
        oklch(from var(--sotto-color-accent, oklch(0.52 0.17 268)) min(l, 0.52) c h),
        oklch(from var(--_given) clamp(0.45, l, 0.565) c h)
      );
      --_accent-text: var(
        --sotto-color-accent-text,
        light-dark(
          oklch(from var(--_given) min(l, 0.46) c h),
          oklch(from var(--_given) max(l, 0.78) min(c, 0.11) h)
        )
      );
      --_accent-soft: var(
        --sotto-color-accent-soft,
        light-dark(
          oklch(from var(--_given) 0.94 min(c, 0.03) h),
          oklch(from var(--_given) 0.3 min(c, 0.06) h)
        )
      );
    }
  }
`

/** What every element of ours begins with. */
const ground = css`
  :host {
    box-sizing: border-box;
    color: var(--_text);
    font-family: var(--sotto-font, inherit);
    font-size: 0.9375rem;
    font-weight: 400;
    line-height: 1.25rem;
    letter-spacing: normal;
    text-align: start;
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]) {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  h2,
  h3,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
    font: inherit;
    list-style: none;
  }
  h2 {
    font-weight: 650;
  }
  p {
    text-wrap: pretty;
  }
  p,
  time,
  .count {
    unicode-bidi: plaintext;
  }
  button,
  input,
  textarea {
    margin: 0;
    border: 0;
    padding: 0;
    background: none;
    color: inherit;
    font: inherit;
    letter-spacing: inherit;
    text-align: inherit;
  }
  textarea,
  .scrolls {
    scrollbar-width: thin;
    scrollbar-color: var(--_fill-2) transparent;
  }
  button {
    cursor: pointer;
    touch-action: manipulation;
  }
  :focus-visible {
    outline: 2px solid var(--_accent-text);
    outline-offset: 2px;
  }
  .icon {
    flex: none;
    inline-size: 20px;
    block-size: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .hidden {
    /* Not absolute: it would make what is around it scroll. */
    position: fixed;
    inset-block-start: 0;
    inset-inline-start: 0;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition: none !important;
      animation-duration: 0s !important;
    }
  }
`

export const theme = [defaults, ground]
