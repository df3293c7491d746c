import type { Call } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import type { Localizer } from '../locales/localizer.js'
import type { DialogController } from '../pieces/dialog-controller.js'
import type { MenuItem } from '../pieces/menu-controller.js'
import type { CallDevices } from './call-devices.js'
import { deviceSelect } from './device-select.js'
import { levelMeter } from './level-meter.js'

interface Choosing {
  readonly words: Localizer
  readonly call: Call
  readonly devices: CallDevices
  readonly dialog: DialogController
  readonly failed: (error: unknown) => void
}

/** What can be chosen of devices in a call: all of them in a dialog, and the next camera at once. */
export function deviceItems(choosing: Choosing): readonly MenuItem[] {
  const { words, call, devices, dialog } = choosing
  const cameras = devices.of('videoinput').map(({ deviceId }) => deviceId)
  const label = words.say('devices')
  const items: MenuItem[] = []
  if (kinds.some(({ kind }) => devices.of(kind).length > 0))
    items.push({
      label,
      icon: 'microphone',
      run: () => dialog.open({ label, body: () => chooser(choosing) }),
    })
  if (cameras.length > 1 && call.sources.value.camera) {
    const at = cameras.findIndex((id) => id === devices.chosen('camera'))
    const next = cameras[(at + 1) % cameras.length] ?? ''
    items.push({
      label: words.say('switchCamera'),
      icon: 'retry',
      run: () => choose(choosing, 'camera', next),
    })
  }
  return items
}

const kinds = [
  { kind: 'audioinput', source: 'microphone', label: 'microphone' },
  { kind: 'videoinput', source: 'camera', label: 'camera' },
  { kind: 'audiooutput', source: undefined, label: 'speaker' },
] as const

function chooser(choosing: Choosing): TemplateResult {
  const { words, devices, dialog } = choosing
  return html`<h2>${words.say('devices')}</h2>
    ${kinds.map(({ kind, source, label }) => {
      const found = devices.of(kind)
      if (found.length === 0) return null
      const chosen = source === undefined ? devices.speaker : devices.chosen(source)
      const pick = (id: string) => (source === undefined ? devices.playTo(id) : choose(choosing, source, id))
      return html`${deviceSelect({ words, label: words.say(label), found, chosen, choose: pick })}
      ${source === 'microphone' ? levelMeter(words, voiceIn(choosing.call)) : null}`
    })}
    <div class="buttons">
      <button class="button" part="button" type="button" @click=${dialog.close}>${words.say('close')}</button>
    </div>`
}

const voiceIn = ({ streams, sources }: Call) => ({
  isOn: sources.value.microphone,
  voice: streams.value.voice,
})

function choose({ call, devices, failed }: Choosing, source: 'microphone' | 'camera', id: string): void {
  devices.choose(source, id)
  // Where it fails the words say why; what is off then was not pulled out.
  devices.meant({ [source]: false })
  call.set({}, { [source]: id }).then(() => devices.meant({ [source]: undefined }), failed)
}
