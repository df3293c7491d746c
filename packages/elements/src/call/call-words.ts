import type { CallItem } from '@sotto/core'
import type { Localizer } from '../locales/localizer.js'

/** Whether the person could have taken a call, and did not. */
export const isMissed = ({ mine, outcome }: CallItem): boolean =>
  !mine && (outcome === 'missed' || outcome === 'busy')

/** Whether a call came to nothing, so that one may want to call once more. */
export const cameToNothing = ({ mine, outcome }: CallItem): boolean =>
  outcome !== undefined &&
  outcome !== 'answered' &&
  outcome !== 'elsewhere' &&
  !(mine && outcome === 'cancelled')

/** What became of a call, in words. */
export function callWords(words: Localizer, item: CallItem, name: string): string {
  const { mine, video, outcome, durationMs } = item
  const kind = words.say(video ? 'videoCall' : 'voiceCall')
  switch (outcome) {
    case undefined:
      return kind
    case 'answered':
      return words.say('callLasted', kind, lasted(durationMs))
    case 'cancelled':
      // Of theirs: it was answered here, and given up before it was connected.
      return words.say('callCancelled', kind)
    case 'no-answer':
      return words.say('callNoAnswer', name)
    case 'missed':
      return words.say('callMissed', kind)
    case 'declined':
      return mine ? words.say('callDeclinedBy', name) : words.say('callDeclined', kind)
    case 'busy':
      return mine ? words.say('callBusy', name) : words.say('callMissedBusy', kind)
    case 'failed':
      return words.say('callFailed', kind)
    case 'lost':
      return words.say('callLost', kind)
    case 'elsewhere':
      return words.say('callElsewhere', kind)
  }
}

/** Minutes and seconds; hours where there are some. */
export function lasted(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
