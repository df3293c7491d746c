import { css, html, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import type { Localizer } from '../locales/localizer.js'

interface Select {
  readonly words: Localizer
  /** What they are. */
  readonly label: string
  readonly found: readonly MediaDeviceInfo[]
  /** By its `deviceId`; where that is not known, the first stands there. */
  readonly chosen: string | undefined
  readonly choose: (deviceId: string) => void
}

/** A list of devices of one kind, or nothing where there is none. */
export function deviceSelect({ words, label, found, chosen, choose }: Select): TemplateResult | null {
  const shown = found.some(({ deviceId }) => deviceId === chosen) ? chosen : found[0]?.deviceId
  if (shown === undefined) return null
  const change = (event: Event) => choose((event.target as HTMLSelectElement).value)
  return html`<label class="device"
    ><span>${label}</span>
    <select .value=${live(shown)} @change=${change}>
      ${found.map(
        (one, i) =>
          html`<option value=${one.deviceId} ?selected=${one.deviceId === shown}>
            ${one.label === '' ? words.say('deviceNumber', label, String(i + 1)) : one.label}
          </option>`,
      )}
    </select></label
  >`
}

export const deviceSelectStyles = css`
  .device {
    display: grid;
    gap: 4px;
    margin-block-start: 8px;
    font-size: 0.875rem;
    font-weight: 500;
  }
  .device select {
    box-sizing: border-box;
    inline-size: 100%;
    min-block-size: 44px;
    padding: 8px 12px;
    border: 0;
    border-radius: var(--_button-radius);
    background: var(--_field-background);
    color: inherit;
    font: inherit;
    font-weight: 400;
    text-overflow: ellipsis;
  }
  @media (forced-colors: active) {
    .device select {
      border: 1px solid ButtonText;
    }
  }
`
