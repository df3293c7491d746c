import type { Profile } from '@sotto/core'
import { css, html, type TemplateResult } from 'lit'

/** The picture the site gave of an account, else its initials on a colour of its own. Says nothing: the name stands beside it. */
export function avatar(account: string, profile: Profile): TemplateResult {
  const { name, picture } = profile
  return html`<span class="avatar" part="avatar" aria-hidden="true" .style=${`--_hue: ${hueOf(account)}`}>
    <span>${initialsOf(name)}</span>
    ${
      picture === undefined || picture === ''
        ? null
        : html`<img
            src=${picture}
            alt=""
            draggable="false"
            decoding="async"
            referrerpolicy="no-referrer"
            @error=${hide}
            @load=${show}
          />`
    }
  </span>`
}

// A picture that does not load leaves the initials to be seen. The node may be used for the next picture, so it is only hidden.
const hide = (event: Event) => ((event.target as HTMLImageElement).hidden = true)
const show = (event: Event) => ((event.target as HTMLImageElement).hidden = false)

/** The first letters of the first and the last word, whatever a letter is in that script. */
export function initialsOf(name: string): string {
  const words = name
    .normalize('NFC')
    .split(/[\s._-]+/u)
    .map((word) => word.match(/[\p{L}\p{N}]\p{M}*/u)?.[0])
    .filter((letter) => letter !== undefined)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words
  return letters.join('').toLocaleUpperCase()
}

/** One of 24 hues, the same for an account wherever it is shown. */
function hueOf(account: string): number {
  let hash = 0
  for (const letter of account) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0
  return ((hash ^ (hash >>> 9)) % 24) * 15
}

export const avatarStyles = css`
  .avatar {
    position: relative;
    flex: none;
    display: inline-grid;
    place-items: center;
    inline-size: var(--_avatar-size, 48px);
    block-size: var(--_avatar-size, 48px);
    border-radius: 50%;
    overflow: hidden;
    background: oklch(0.54 0.12 var(--_hue));
    color: #fff;
    font-size: calc(var(--_avatar-size, 48px) * 0.375);
    font-weight: 600;
    line-height: 1;
    user-select: none;
  }
  .avatar img {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  .avatar img[hidden] {
    display: none;
  }
  @media (forced-colors: active) {
    .avatar {
      border: 1px solid CanvasText;
    }
  }
`
