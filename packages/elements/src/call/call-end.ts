import type { ErrorCode, SottoError } from '@sotto/protocol'
import type { CallState } from '@sotto/core'
import type { Localizer } from '../locales/localizer.js'
import { callErrorWords } from './call-error-words.js'
import { lasted } from './call-words.js'

interface Ended {
  readonly mine: boolean
  readonly state: CallState
  readonly lastedMs: number
  readonly name: string
}

export interface CallEnd {
  readonly title: string
  readonly text: string | undefined
  /** Whether one would want to try once more. */
  readonly again: boolean
  /** Whether it lay at a camera or a microphone, which can be checked. */
  readonly devices?: boolean
}

const ofDevices: readonly ErrorCode[] = ['no-microphone', 'no-camera', 'media-denied', 'media-in-use']

const isOfDevices = (error: SottoError | undefined): boolean =>
  error !== undefined && ofDevices.includes(error.code)

/** What a call that is over came to, in words. `undefined`: nothing that the person does not know, for it was their own doing. */
export function callEnd(words: Localizer, ended: Ended): CallEnd | undefined {
  const { mine, state, lastedMs, name } = ended
  const kind = words.say(state.video ? 'videoCall' : 'voiceCall')
  const said = (title: string, again = false): CallEnd => ({ title, text: undefined, again })
  switch (state.outcome) {
    case 'answered':
      return said(words.say('callEnded', lasted(lastedMs)))
    case 'cancelled':
      return said(words.say('callEndedShort'))
    case 'no-answer':
      return said(words.say('callNoAnswer', name), true)
    case 'missed':
      return said(words.say('callMissed', kind), true)
    case 'declined':
      return mine ? said(words.say('callDeclinedBy', name)) : undefined
    case 'busy':
      return mine ? said(words.say('callBusy', name), true) : said(words.say('callMissedBusy', kind), true)
    case 'failed':
      return {
        title: words.say('callFailed', kind),
        text: state.error === undefined ? undefined : callErrorWords(words, state.error, name),
        again: true,
        devices: isOfDevices(state.error),
      }
    case 'lost':
      return said(words.say('connectionLost'), true)
    case 'elsewhere':
      return said(words.say('callTakenElsewhere'))
    default:
      return undefined
  }
}

/** Why a call could not even be placed. */
export function callNotPlaced(
  words: Localizer,
  { error, video, name }: { readonly error: SottoError; readonly video: boolean; readonly name: string },
): CallEnd {
  const title = words.say('callFailed', words.say(video ? 'videoCall' : 'voiceCall'))
  // Neither is changed by calling once more.
  const again = error.code !== 'blocked' && error.code !== 'forbidden'
  return { title, text: callErrorWords(words, error, name), again, devices: isOfDevices(error) }
}
