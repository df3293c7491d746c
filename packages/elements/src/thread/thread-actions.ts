import type { Conversation } from '@sotto/core'
import type { Localizer } from '../locales/localizer.js'
import type { DialogController } from '../pieces/dialog-controller.js'
import { question } from '../pieces/question.js'

interface Place {
  readonly words: Localizer
  readonly conversation: Conversation
  /** The other person's, as it stands in sentences. */
  readonly name: string
  readonly dialog: DialogController
  readonly failed: (error: unknown) => void
  /** The conversation was deleted: there is nothing to show any more. */
  readonly gone: () => void
}

export interface ThreadActions {
  readonly accept: () => void
  readonly goOn: (accountId: string) => void
  readonly block: () => void
  readonly unblock: () => void
  readonly endDirect: () => void
  /** These ask first. */
  readonly askBlock: () => void
  readonly askDirect: () => void
  readonly askRemove: () => void
}

/** What a person can decide about a conversation. */
export function threadActions({ words, conversation, name, dialog, failed, gone }: Place): ThreadActions {
  const ask = (title: string, text: string, yes: string, run: () => void, harmless = false) =>
    dialog.open({
      label: title,
      body: () => question({ title, text, yes, no: words.say('cancel'), run, close: dialog.close, harmless }),
    })
  const block = () => void conversation.block().catch(failed)
  const remove = () => void conversation.delete().then(gone).catch(failed)
  return {
    accept: () => void conversation.accept().catch(failed),
    goOn: (accountId) => void conversation.acceptChange(accountId).catch(failed),
    unblock: () => void conversation.unblock().catch(failed),
    block,
    endDirect: () => void conversation.setDirectCalls(false).catch(failed),
    askDirect: () =>
      ask(
        words.say('allowDirectQuestion', name),
        words.say('allowDirectText', name),
        words.say('allow'),
        () => void conversation.setDirectCalls(true).catch(failed),
        true,
      ),
    askBlock: () =>
      ask(words.say('blockQuestion', name), words.say('blockText', name), words.say('block'), block),
    askRemove: () =>
      ask(
        words.say('deleteConversationQuestion', name),
        words.say('deleteConversationText', name),
        words.say('delete'),
        remove,
      ),
  }
}
