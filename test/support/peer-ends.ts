import { peerMedia } from '@sotto/core/peer'
import type { MediaOptions, MediaSession } from '@sotto/core/ports'
import { SottoError, type CallDescription, type CallMedia } from '@sotto/protocol'
import { until } from './until.js'

export type Side = 'caller' | 'answering'

export interface Ends {
  readonly caller: MediaSession
  readonly answering: MediaSession
  /** What either end refused, by its code. */
  readonly refused: string[]
  /** What both said, before anybody changed it. */
  readonly said: { readonly from: Side; readonly media: CallMedia }[]
}

/** Two ends on one page, connected by what they say to each other. `change`: somebody between them, who may also keep it. */
export async function ends(
  options: Partial<MediaOptions> = {},
  change: (media: CallMedia, from: Side) => CallMedia | undefined = (media) => media,
): Promise<Ends> {
  const refused: string[] = []
  const said: Ends['said'] = []
  const waiting: (() => void)[] = []
  const both: { caller?: MediaSession; answering?: MediaSession } = {}
  const pass = (from: Side) => (media: CallMedia) => {
    said.push({ from, media })
    const passed = change(media, from)
    if (passed === undefined) return
    const take = () =>
      void (from === 'caller' ? both.answering : both.caller)
        ?.take(passed)
        .catch((error: unknown) => refused.push(SottoError.is(error) ? error.code : String(error)))
    if (both.caller === undefined || both.answering === undefined) waiting.push(take)
    else take()
  }
  const media = peerMedia()
  const common = { video: false, servers: [], relayOnly: false, ...options }
  both.answering = await media.open({ ...common, offers: true, onsignal: pass('answering') })
  both.caller = await media.open({ ...common, offers: false, onsignal: pass('caller') })
  for (const take of waiting.splice(0)) take()
  return { caller: both.caller, answering: both.answering, refused, said }
}

export const connected = (...sessions: readonly MediaSession[]) =>
  until(() => sessions.every((one) => one.link.value === 'connected'))

export const close = (...sessions: readonly MediaSession[]): void => {
  for (const one of sessions) one.close()
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** The first description of a side, as it wrote it. */
export function descriptionOf({ said }: Ends, side: Side): CallDescription {
  const found = said.find(({ from, media }) => from === side && 'sdp' in media)?.media
  if (found === undefined || !('sdp' in found)) throw new Error(`no description of ${side}`)
  return found
}

/** What the browser is handed of the other end, in all connections made meanwhile. */
export class BrowserSpy {
  readonly descriptions: string[] = []
  readonly candidates: string[] = []
  readonly connections: RTCPeerConnection[] = []
  readonly #real = globalThis.RTCPeerConnection

  constructor() {
    const { descriptions, candidates, connections } = this
    globalThis.RTCPeerConnection = class extends this.#real {
      // Calls have a channel; what only looks at what the browser can do has none.
      override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
        connections.push(this)
        return super.createDataChannel(label, init)
      }

      override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
        candidates.push(candidate?.candidate ?? '')
        return super.addIceCandidate(candidate)
      }

      override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
        if (connections.includes(this)) descriptions.push(description.sdp ?? '')
        return super.setRemoteDescription(description)
      }
    }
  }

  stop(): void {
    globalThis.RTCPeerConnection = this.#real
  }
}
