import { css, html, type TemplateResult } from 'lit'
import { AsyncDirective } from 'lit/async-directive.js'
import { directive, type ElementPart } from 'lit/directive.js'
import type { Localizer } from '../locales/localizer.js'
import { measureLevel } from './measure-level.js'

interface Microphone {
  readonly isOn: boolean
  readonly voice: MediaStream | undefined
}

/** How loud the person's own microphone is just now. */
export function levelMeter(words: Localizer, { isOn, voice }: Microphone): TemplateResult | null {
  if (!isOn) return html`<p class="level-off" part="level">${words.say('levelOff')}</p>`
  if (voice === undefined) return null
  return html`<div
    class="level"
    part="level"
    role="meter"
    aria-label=${words.say('level')}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow="0"
    ${measured(voice)}
  >
    <div class="fill"></div>
  </div>`
}

/** Shows on a meter how loud a stream is, as long as the meter is on the page. */
class Measured extends AsyncDirective {
  #meter: Element | undefined
  #voice: MediaStream | undefined
  #measuring: AbortController | undefined

  // It writes to the element itself: fifty milliseconds are too often to render everything around it.
  render(_voice: MediaStream): undefined {}

  override update({ element }: ElementPart, [voice]: [MediaStream]): void {
    if (this.#voice === voice && this.#meter === element) return
    this.#meter = element
    this.#voice = voice
    this.#start()
  }

  protected override disconnected(): void {
    this.#measuring?.abort()
  }

  protected override reconnected(): void {
    this.#start()
  }

  #start(): void {
    this.#measuring?.abort()
    this.#measuring = new AbortController()
    const [meter, voice] = [this.#meter, this.#voice]
    if (meter === undefined || voice === undefined || !this.isConnected) return
    measureLevel(voice, (level) => show(meter, level), this.#measuring.signal).catch((error: unknown) => {
      // This browser has no sound just now: the meter stands still.
      if (!(error instanceof DOMException)) throw error
    })
  }
}

const measured = directive(Measured)

function show(meter: Element, level: number): void {
  const now = String(Math.round(level * 100))
  if (meter.getAttribute('aria-valuenow') === now) return
  meter.setAttribute('aria-valuenow', now)
  // A strict policy refuses styles in markup, but not these.
  const fill = meter.querySelector<HTMLElement>('.fill')
  if (fill !== null) fill.style.inlineSize = `${now}%`
}

export const levelStyles = css`
  .level {
    margin-block-start: 2px;
    block-size: 8px;
    border-radius: 4px;
    background: var(--_fill-2);
    overflow: hidden;
  }
  .level .fill {
    inline-size: 0;
    block-size: 100%;
    border-radius: inherit;
    background: var(--_good);
  }
  .level-off {
    color: var(--_text-2);
    font-size: 0.8125rem;
    line-height: 1.125rem;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  @media (prefers-reduced-motion: no-preference) {
    .level .fill {
      transition: inline-size 80ms linear;
    }
  }
  @media (forced-colors: active) {
    .level {
      border: 1px solid CanvasText;
    }
    .level .fill {
      forced-color-adjust: none;
      background: CanvasText;
    }
  }
`
