import type { DeviceCheckElement } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { listDevices } from './devices.js'
import { drawnStream } from './fake-call.js'
import type { FakeClient } from './fake-client.js'
import type { Places } from './gallery-calls.js'
import type { Scene } from './gallery-scenes.js'
import { replaced, toneVoice } from './voices.js'

/** What stands on the page of somebody who has pressed something and speaks, until `restore`. */
export function speaking(...names: readonly string[]): {
  readonly voice: MediaStream
  readonly restore: () => void
} {
  const restores = [listDevices(names), replaced(navigator, 'userActivation', { hasBeenActive: true })]
  return { voice: toneVoice(0.06).stream, restore: () => restores.forEach((one) => one()) }
}

const long = 'Wolfeschlegelsteinhausenbergerdorff Maria-Magdalena von und zu Hohenlohe-Schillingsfürst'

/** The check of devices, to be looked at. */
export function checkScenes({ alice, messenger, within }: Places): Readonly<Record<string, () => Scene>> {
  const still = 1800
  const having = (change: (client: FakeClient) => void = () => undefined): FakeClient => {
    const { client } = alice()
    const { voice, restore } = speaking('m Built-in microphone', 'm Headset', 'c Camera', `s ${long}`)
    client.callDevices.capture = (video) => ({
      voice,
      local: video ? drawnStream('#8a5a90', '#41345e') : undefined,
    })
    change(client)
    setTimeout(restore, 1200)
    return client
  }
  const alone = (client: FakeClient): Scene => ({
    element: Object.assign(document.createElement('sotto-device-check') as DeviceCheckElement, { client }),
    still,
  })
  const opened = (client: FakeClient): Scene => {
    const element = messenger(client, 'bob')
    const act = () => {
      within(element, 'sotto-thread', '[part=more]').click()
      setTimeout(() => within(element, 'sotto-thread', '[role=menuitem]:nth-child(3)').click(), 100)
    }
    return { element, act, still }
  }
  return {
    check: () => opened(having()),
    'check-alone': () => alone(having()),
    'check-voice': () => opened(having((client) => client.features.set(new Set(['call.voice'])))),
    'check-asking': () =>
      opened(having((client) => (client.callDevices.check = () => new Promise(() => undefined)))),
    'check-denied': () =>
      opened(having((client) => client.callDevices.failures.push(new SottoError('media-denied')))),
    'check-no-camera': () =>
      opened(
        having((client) => {
          client.callDevices.onchecked = (check) => check.lose('camera', new SottoError('no-camera'))
        }),
      ),
    'check-no-microphone': () =>
      opened(
        having((client) => {
          client.callDevices.onchecked = (check) => check.lose('microphone', new SottoError('no-microphone'))
        }),
      ),
    'check-offered': () => {
      const client = having((one) => one.placing.push(new SottoError('media-in-use')))
      const element = messenger(client, 'bob')
      return { element, still: 500, act: () => within(element, 'sotto-thread', '[part=call]').click() }
    },
  }
}
