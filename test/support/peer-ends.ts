import { peerMedia } from '@sotto/core/peer'
import type { MediaSession } from '@sotto/core/ports'
import { SottoError, type CallMedia } from '@sotto/protocol'
import { until } from './until.js'

/** Two ends on one page, connected by what they say to each other. `change`: somebody between them. */
export async function ends(
  video: boolean,
  change: (media: CallMedia, from: 'caller' | 'answering') => CallMedia | undefined = (media) => media,
): Promise<{ caller: MediaSession; answering: MediaSession; refused: string[]; said: CallMedia[] }> {
  const refused: string[] = []
  const said: CallMedia[] = []
  const waiting: (() => void)[] = []
  const both: { caller?: MediaSession; answering?: MediaSession } = {}
  const pass = (from: 'caller' | 'answering') => (media: CallMedia) => {
    said.push(media)
    const passed = change(media, from)
    const take = () =>
      void (from === 'caller' ? both.answering : both.caller)
        ?.take(passed as CallMedia)
        .catch((error: unknown) => refused.push(SottoError.is(error) ? error.code : String(error)))
    if (passed === undefined) return
    if (both.caller === undefined || both.answering === undefined) waiting.push(take)
    else take()
  }
  const media = peerMedia()
  const options = { video, servers: [], relayOnly: false }
  both.answering = await media.open({ ...options, offers: true, onsignal: pass('answering') })
  both.caller = await media.open({ ...options, offers: false, onsignal: pass('caller') })
  for (const take of waiting.splice(0)) take()
  return { caller: both.caller, answering: both.answering, refused, said }
}

export const connected = (...sessions: readonly MediaSession[]) =>
  until(() => sessions.every((one) => one.link.value === 'connected'))
