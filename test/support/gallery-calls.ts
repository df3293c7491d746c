import type { CallElement, MessengerElement } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { drawnStream, FakeCall } from './fake-call.js'
import type { FakeClient } from './fake-client.js'
import type { Scene } from './gallery-scenes.js'
import { speaking } from './gallery-check.js'

export interface Places {
  readonly alice: () => { readonly client: FakeClient }
  readonly messenger: (client: FakeClient, account?: string) => MessengerElement
  readonly within: (element: Element, ...path: string[]) => HTMLElement
}

const minutes = (n: number, seconds = 0) => (n * 60 + seconds) * 1000
const long = 'Wolfeschlegelsteinhausenbergerdorff Maria-Magdalena von und zu Hohenlohe-Schillingsfürst'

/** Both cameras are on. */
function seeing(call: FakeCall): FakeCall {
  call.streams.set({
    ...call.streams.value,
    local: drawnStream('#8a5a90', '#41345e', { width: 480, height: 360 }),
    remote: drawnStream('#6f8f7d', '#2a3d4f', { width: 1280, height: 720 }),
  })
  return call
}

/** A call to be looked at. */
export function callScenes({ alice, messenger, within }: Places): Readonly<Record<string, () => Scene>> {
  const still = 500
  /** The messenger with a conversation open, and a call in it that is `made` so. */
  const during = (call: FakeCall, act?: (element: MessengerElement, client: FakeClient) => void): Scene => {
    const { client } = alice()
    client.ring(call)
    const element = messenger(client, 'bob')
    return { element, still, ...(act === undefined ? {} : { act: () => act(element, client) }) }
  }
  const connected = (call: FakeCall, lastedMs = minutes(4, 12)): FakeCall => {
    call.connect(lastedMs)
    return call
  }
  const voice = () => connected(new FakeCall({ mine: true }))
  const video = () => connected(seeing(new FakeCall({ mine: true, video: true })))
  const later = (act: () => void) => void setTimeout(act, 150)
  return {
    ring: () => during(new FakeCall({ account: 'noor' })),
    'ring-video': () => during(new FakeCall({ account: 'noor', video: true })),
    'ring-long': () => {
      const { client } = alice()
      client.show('noor', { name: long })
      client.ring(new FakeCall({ account: 'noor', video: true }))
      return { element: messenger(client, 'bob'), still }
    },
    'ring-alone': () => {
      const { client } = alice()
      client.ring(new FakeCall({ video: true }))
      return {
        element: Object.assign(document.createElement('sotto-call') as CallElement, { client }),
        still,
      }
    },
    'call-outgoing': () => during(new FakeCall({ mine: true })),
    'call-connecting': () => during(new FakeCall({ phase: 'accepted', here: true })),
    'call-voice': () => during(voice()),
    'call-video': () => during(video()),
    'call-video-muted': () => {
      const call = video()
      call.sources.set({ microphone: false, camera: true, screen: true })
      call.theirSources.set({ microphone: false, camera: true, screen: false })
      return during(call)
    },
    'call-camera-off': () => {
      const call = video()
      call.theirSources.set({ microphone: false, camera: false, screen: false })
      return during(call)
    },
    'call-screen': () => {
      const call = video()
      const remoteScreen = drawnStream('#e8e8ee', '#b9c0d0', { width: 1600, height: 900 })
      call.streams.set({ ...call.streams.value, remoteScreen })
      call.theirSources.set({ microphone: true, camera: true, screen: true })
      return during(call)
    },
    'call-long': () => {
      const { client } = alice()
      client.show('bob', { name: long })
      client.ring(voice()).become({ asks: 'they' })
      return { element: messenger(client, 'bob'), still }
    },
    'call-lost': () => {
      const call = video()
      call.become({ phase: 'lost' })
      return during(call)
    },
    'call-weak': () => {
      const call = voice()
      call.quality.set('poor')
      return during(call)
    },
    'call-consent': () => {
      const call = voice()
      call.become({ asks: 'they' })
      return during(call)
    },
    'call-asked': () => {
      const call = voice()
      call.become({ asks: 'we' })
      return during(call)
    },
    'call-trouble': () => {
      const call = voice()
      call.become({ video: true, error: new SottoError('no-camera') })
      call.sources.set({ microphone: true, camera: false, screen: false })
      return during(call)
    },
    'call-menu': () =>
      during(video(), (element) => later(() => within(element, 'sotto-call', '[aria-haspopup]').click())),
    'call-devices': () => {
      const { voice, restore } = speaking('m Built-in microphone', 'm Headset', 'c Camera', `s ${long}`)
      const call = video()
      call.streams.set({ ...call.streams.value, voice })
      const scene = during(call, (element) => {
        setTimeout(() => within(element, 'sotto-call', '[aria-haspopup]').click(), 150)
        setTimeout(() => within(element, 'sotto-call', '[role=menuitem]').click(), 300)
        setTimeout(restore, 400)
      })
      // Who wants little motion sees the meter move twice a second.
      return { ...scene, still: 1500 }
    },
    'call-lost-device': () => {
      const call = voice()
      return during(call, () =>
        later(() => call.sources.set({ microphone: false, camera: false, screen: false })),
      )
    },
    'call-bar': () =>
      during(voice(), (element) => later(() => within(element, 'sotto-call', '[part=minimise]').click())),
    'call-bar-alone': () => {
      const { client } = alice()
      client.ring(voice())
      const element = Object.assign(document.createElement('sotto-call') as CallElement, { client })
      return { element, still, act: () => later(element.minimise) }
    },
    'call-other-tab': () =>
      during(new FakeCall({ phase: 'connected', here: false, connectedAt: Date.now() })),
    'call-over': () => {
      const call = connected(new FakeCall({ mine: true }), minutes(3, 12))
      return during(call, (_, client) => client.endCall(call, 'answered'))
    },
    'call-no-answer': () => {
      const call = new FakeCall({ mine: true })
      return during(call, (_, client) => client.endCall(call, 'no-answer'))
    },
    'call-failed': () => {
      const call = new FakeCall({ mine: true, phase: 'accepted', here: true })
      return during(call, (_, client) => {
        call.become({ error: new SottoError('media-denied') })
        client.endCall(call, 'failed')
      })
    },
    'call-over-lost': () => {
      const call = video()
      return during(call, (_, client) => client.endCall(call, 'lost'))
    },
    'call-direct': () => {
      const { client } = alice()
      client.placing.push(new SottoError('call-direct'))
      const element = messenger(client, 'bob')
      return {
        element,
        still,
        act: () => later(() => within(element, 'sotto-thread', '[part=call]').click()),
      }
    },
  }
}
