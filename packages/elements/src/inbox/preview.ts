import type { ConversationSummary } from '@sotto/core'
import { callWords } from '../call/call-words.js'
import type { Localizer } from '../locales/localizer.js'

const longest = 160

/** The second line of a row of the inbox: what is to be decided, else the newest message. */
export function previewOf(
  words: Localizer,
  { relation, trust, last }: ConversationSummary,
  name: string,
): string {
  if (relation === 'blocked') return words.say('blockedShort')
  if (relation === 'request') return words.say('wantsToWrite')
  if (trust.name === 'changed') return words.say('numberChangedShort')
  if (last === undefined || last.kind === 'gap') return ''
  if (last.kind === 'call') return callWords(words, last, name)
  const text =
    last.kind === 'unknown'
      ? words.say('unknownKindShort')
      : last.text.slice(0, longest).replace(/\s+/gu, ' ')
  return last.mine ? words.say('you', text) : text
}
