import type { MessageState } from '@sotto/core'
import type { IconName } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'

interface StateWords {
  readonly words: string
  readonly icon?: IconName
}

/** How far a message has come, in words. `name` is the other person's. */
export function stateWords(words: Localizer, state: MessageState, name: string): StateWords {
  switch (state.name) {
    case 'sending':
      return { words: words.say('sending'), icon: 'clock' }
    case 'sent':
      return { words: words.say('sent'), icon: 'check' }
    case 'delivered':
      return { words: words.say('delivered'), icon: 'checks' }
    case 'read':
      return { words: words.say('read'), icon: 'checks' }
    case 'waiting':
      return { words: waitingWords(words, state.for, name), icon: 'clock' }
    case 'failed':
      return { words: failedWords(words, state) }
  }
}

function waitingWords(words: Localizer, what: 'network' | 'device' | 'decision', name: string): string {
  if (what === 'device') return words.say('waitingDevice', name)
  return words.say(what === 'network' ? 'waitingNetwork' : 'waitingDecision')
}

const reasons = {
  'too-large': 'reasonTooLarge',
  blocked: 'reasonBlocked',
  'unknown-account': 'reasonUnknownAccount',
  'mailbox-full': 'reasonMailboxFull',
  forbidden: 'reasonForbidden',
} as const

function failedWords(words: Localizer, { code }: MessageState & { name: 'failed' }): string {
  const reason = code in reasons ? words.say(reasons[code as keyof typeof reasons]) : undefined
  return reason === undefined ? words.say('notSent') : words.say('notSentBecause', reason)
}
