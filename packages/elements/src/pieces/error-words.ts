import type { ErrorCode, SottoError } from '@sotto/protocol'
import type { Localizer } from '../locales/localizer.js'

/** Why a client stopped or could not be made, for the person before the page. `element` is the tag that says it. */
export function errorWords(words: Localizer, error: SottoError, element: string): string {
  const { code } = error
  if (code === 'no-connect') return words.say('noConnect', element)
  if (code === 'wrong-setting' || code === 'wrong-argument') {
    return words.say('wrongSetting', (error as SottoError<'wrong-setting'>).details.name, element)
  }
  return codeWords(words, code)
}

/** What a code means for the person, as far as they can do something about it. */
export function codeWords(words: Localizer, code: ErrorCode): string {
  switch (code) {
    case 'offline':
      return words.say('offline')
    case 'unauthorized':
    case 'forbidden':
    case 'token-expired':
      return words.say('signedOut')
    case 'rate-limited':
      return words.say('busy')
    case 'replaced':
      return words.say('replaced')
    case 'backend-failed':
    case 'lists-outdated':
    case 'not-found':
      return words.say('backendDown')
    case 'wrong-account':
      return words.say('stoppedAccount')
    case 'unsupported-version':
    case 'unknown-code':
      return words.say('stoppedUpdate')
    case 'copied-device':
    case 'rolled-back':
      return words.say('stoppedCopied')
    case 'store-damaged':
      return words.say('stoppedDamaged')
    case 'store-failed':
    case 'store-full':
    case 'store-locked':
      return words.say('stoppedStore')
    case 'no-crypto':
      return words.say('noCrypto')
    case 'no-store':
      return words.say('noStore')
    case 'no-microphone':
      return words.say('noMicrophone')
    case 'no-camera':
      return words.say('noCamera')
    case 'media-denied':
      return words.say('mediaDenied')
    case 'media-in-use':
      return words.say('mediaInUse')
    default:
      return words.say('stopped')
  }
}
