import type { Client } from '@sotto/core'
import { html } from 'lit'
import { mayVideo } from '../call/may-call.js'
import type { Localizer } from '../locales/localizer.js'
import type { DialogController } from '../pieces/dialog-controller.js'

interface Place {
  readonly words: Localizer
  readonly client: Client | undefined
  readonly dialog: DialogController
}

/** Opens the check of devices in a dialog, and what the button says that does so. */
export function checkDialog({ words, client, dialog }: Place): {
  readonly label: string
  readonly run: () => void
} {
  const label = words.say(mayVideo(client?.features.value) ? 'checkDevices' : 'checkMicrophone')
  const body = () =>
    html`<sotto-device-check
      exportparts="preview, level, button"
      lang=${words.lang()}
      .client=${client}
      @close=${dialog.close}
    ></sotto-device-check>`
  return { label, run: () => dialog.open({ label, body }) }
}
