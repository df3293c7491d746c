import { createContext } from '@lit/context'
import type { Client } from '@sotto/core'
import type { SottoError } from '@sotto/protocol'

/** How an element stands to a client. */
export type ClientSource =
  | { readonly name: 'connecting' }
  | { readonly name: 'failed'; readonly error: SottoError }
  | { readonly name: 'ready'; readonly client: Client }

/** What places calls and shows them. */
export interface CallStage {
  place(account: string, options: { readonly video: boolean }): void
}

/** What a provider gives to the elements within. */
export interface ClientContext {
  readonly source: ClientSource
  /** `undefined`: there is no `sotto-call` within, so nothing could be seen of a call. */
  readonly stage: CallStage | undefined
  /** A stage is there, until what is returned is called. */
  readonly takeStage: (stage: CallStage) => () => void
  /** What was written and not sent, by account: kept while a thread is closed. */
  readonly drafts: Map<string, string>
  /** Says a text to who listens to the page. */
  readonly announce: (text: string) => void
}

export const clientContext = createContext<ClientContext>(Symbol.for('sotto-client'))
