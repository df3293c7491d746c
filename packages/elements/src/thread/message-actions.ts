import type { Conversation, ThreadItem } from '@sotto/core'
import { html } from 'lit'
import type { Localizer } from '../locales/localizer.js'
import type { DialogController } from '../pieces/dialog-controller.js'
import type { MenuItem } from '../pieces/menu-controller.js'
import { question } from '../pieces/question.js'

interface Place {
  readonly words: Localizer
  readonly conversation: Conversation
  readonly dialog: DialogController
  readonly announce: (text: string) => void
}

/** What can be done with a message, as the entries of its menu. */
export function messageActions(
  item: ThreadItem,
  { words, conversation, dialog, announce }: Place,
): MenuItem[] {
  if (item.kind === 'gap' || item.kind === 'call') return []
  // What cannot be done changes nothing that is seen. That is said, and is no uncaught error of the page.
  const failed = () => announce(words.say('wentWrong'))
  const actions: MenuItem[] = []
  if (item.kind === 'text') {
    const { text, id, state } = item
    actions.push({
      label: words.say('copy'),
      icon: 'copy',
      run: () => void navigator.clipboard.writeText(text).then(() => announce(words.say('copied')), failed),
    })
    if (state?.name === 'failed' || state?.name === 'waiting') {
      actions.push({
        label: words.say('retry'),
        icon: 'retry',
        run: () => void conversation.retry(id).catch(failed),
      })
    }
  }
  const remove = () => void conversation.remove(item.id).catch(failed)
  actions.push({
    label: words.say('delete'),
    icon: 'trash',
    bad: true,
    run: () => askFirst(words, dialog, remove),
  })
  return actions
}

function askFirst(words: Localizer, dialog: DialogController, run: () => void): void {
  const title = words.say('deleteMessage')
  const body = () =>
    html`${question({
      title,
      text: words.say('deleteMessageText'),
      yes: words.say('delete'),
      no: words.say('cancel'),
      run,
      close: dialog.close,
    })}`
  dialog.open({ label: title, body })
}
