import type { CallItem } from '@sotto/core'
import { isMissed, lasted } from '../call/call-words.js'
import type { Localizer } from '../locales/localizer.js'

/** A call beside the name of who it was with: which way it went, what kind it was, what became of it. */
export function recordWords(words: Localizer, item: CallItem): string {
  const kind = words.say(item.video ? 'videoCall' : 'voiceCall')
  if (isMissed(item)) return words.say(item.outcome === 'busy' ? 'callMissedBusy' : 'callMissed', kind)
  const became = outcomeWords(words, item)
  const directed = words.say(item.mine ? 'outgoing' : 'incoming', kind)
  // Where it takes two lines, what became of it is the second.
  return became === '' ? directed : `${directed} ·\u00a0${became.replaceAll(' ', '\u00a0')}`
}

function outcomeWords(words: Localizer, { outcome, durationMs }: CallItem): string {
  switch (outcome) {
    case undefined:
      return ''
    case 'answered':
      return lasted(durationMs)
    case 'cancelled':
      return words.say('recordCancelled')
    case 'no-answer':
    case 'missed':
      return words.say('recordNoAnswer')
    case 'declined':
      return words.say('recordDeclined')
    case 'busy':
      return words.say('recordBusy')
    case 'failed':
      return words.say('recordFailed')
    case 'lost':
      return words.say('connectionLost')
    case 'elsewhere':
      return words.say('recordElsewhere')
  }
}
