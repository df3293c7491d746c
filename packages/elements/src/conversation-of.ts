import type { Client, Conversation } from '@sotto/core'
import { SottoError } from '@sotto/protocol'

/** The conversation an element's attribute `with` names. Throws `wrong-setting` where it names none. */
export function conversationOf(client: Client, account: string | undefined): Conversation {
  if (account === undefined || account === '') throw new SottoError('wrong-setting', { name: 'with' })
  try {
    return client.conversation(account)
  } catch (error) {
    if (SottoError.is(error, 'wrong-argument'))
      throw new SottoError('wrong-setting', { name: 'with' }, { cause: error })
    throw error
  }
}
