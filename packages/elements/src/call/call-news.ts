import type { CallState } from '@sotto/core'
import type { MediaQuality, MediaSources } from './media-types.js'
import type { Localizer } from '../locales/localizer.js'
import type { CallDevices } from './call-devices.js'
import type { CallEnd } from './call-end.js'

interface Standing {
  readonly state: CallState | undefined
  readonly quality: MediaQuality
  readonly theirSources: MediaSources | undefined
  readonly isVoiceAfterAll: boolean
  readonly lost: CallDevices['lost']
  readonly end: CallEnd | undefined
  readonly name: string
}

/** "Bob is calling." */
export const ringWords = (words: Localizer, { video }: CallState, name: string): string =>
  words.say(video ? 'videoCallBy' : 'callBy', name)

/** A device went away by itself, and the call goes on. */
export const lostWords = (words: Localizer, lost: CallDevices['lost'][number]): string =>
  words.say(lost === 'camera' ? 'lostCamera' : 'lostMicrophone')

/** What is to be read out of a call, by topic: each is said again when it becomes another. */
export function callNews(words: Localizer, standing: Standing): Readonly<Record<string, string>> {
  const { state, quality, theirSources, isVoiceAfterAll, lost, end, name } = standing
  if (end !== undefined) return { phase: [end.title, end.text ?? ''].join('. ') }
  if (state === undefined || state.phase === 'over') return {}
  const talks = state.here && state.phase === 'connected'
  return {
    phase: phaseNews(words, state, name),
    asks: state.here && state.asks === 'they' ? words.say('theyAskVideo', name) : '',
    voice: talks && isVoiceAfterAll ? words.say('theirVoiceOnly', name) : '',
    quality: talks && quality === 'poor' ? words.say('qualityPoor') : '',
    lost: talks ? lost.map((one) => lostWords(words, one)).join('. ') : '',
    microphone: talks && theirSources?.microphone === false ? words.say('theirMicrophoneOff', name) : '',
  }
}

function phaseNews(words: Localizer, state: CallState, name: string): string {
  // Where there is no keyboard, there is no key to press.
  const byKey = matchMedia('(pointer: coarse)').matches ? '' : `. ${words.say('ringKey')}`
  if (state.phase === 'rung') return `${ringWords(words, state, name)}${byKey}`
  if (!state.here) return words.say('inOtherTab')
  if (state.phase === 'ringing') return words.say(state.alerting ? 'ringing' : 'calling')
  if (state.phase === 'accepted') return words.say('callConnecting')
  return words.say(state.phase === 'lost' ? 'callReconnecting' : 'callConnected')
}
