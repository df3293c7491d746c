import type { SottoError } from '@sotto/protocol'
import type { Localizer } from '../locales/localizer.js'
import { codeWords } from '../pieces/error-words.js'

/** Why a call, or something in it, is not possible, and what the person can do. */
export function callErrorWords(words: Localizer, { code }: SottoError, name: string): string {
  switch (code) {
    case 'offline':
      return words.say('callOffline')
    case 'blocked':
      return words.say('blockedTitle', name)
    case 'forbidden':
      return words.say('callForbidden')
    case 'call-refused':
    case 'call-over':
      return words.say('callRefused')
    case 'no-microphone':
    case 'no-camera':
    case 'media-denied':
    case 'media-in-use':
      return codeWords(words, code)
    default:
      return words.say('wentWrong')
  }
}
