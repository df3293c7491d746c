import type { Client } from '@sotto/core'
import type { SottoError } from '@sotto/protocol'

/** Something is wrong with an element or behind it. It is said on the page as well. Does not bubble, as errors of elements do not. */
export class ElementErrorEvent extends Event {
  readonly error: SottoError
  constructor(error: SottoError) {
    super('error')
    this.error = error
  }
}

/** An element got its client, by `connect` or as a property. */
export class ReadyEvent extends Event {
  readonly client: Client
  constructor(client: Client) {
    super('ready')
    this.client = client
  }
}

/** The person chose a conversation, or left it: then `account` is `undefined`. */
export class SelectEvent extends Event {
  readonly account: string | undefined
  constructor(account: string | undefined) {
    super('sotto-select', { bubbles: true, composed: true })
    this.account = account
  }
}

declare global {
  interface HTMLElementEventMap {
    'sotto-select': SelectEvent
  }
}
