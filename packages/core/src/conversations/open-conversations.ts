import { SottoError, requireAccountName } from '@sotto/protocol'
import { TwoPersonConversation, type ConversationContext } from './two-person-conversation.js'

/** The conversations that somebody has asked this client for: one object for each account, from then on. */
export class OpenConversations {
  readonly #account: string
  readonly #context: ConversationContext
  readonly #open = new Map<string, TwoPersonConversation>()

  /** `account` is our own name. */
  constructor(account: string, context: ConversationContext) {
    this.#account = account
    this.#context = context
  }

  /** Throws `wrong-argument` for what is no account name, and for our own. */
  with(account: string): TwoPersonConversation {
    requireAccountName(account)
    if (account === this.#account) throw new SottoError('wrong-argument', { name: 'account' })
    const known = this.#open.get(account)
    if (known !== undefined) return known
    const conversation = new TwoPersonConversation(account, this.#context)
    this.#open.set(account, conversation)
    void conversation.refresh().catch(() => undefined)
    return conversation
  }

  /** Reads the one with an account again, where it is open. */
  async refresh(account: string): Promise<void> {
    await this.#open.get(account)?.refresh()
  }

  async refreshAll(): Promise<void> {
    await Promise.all([...this.#open.values()].map((one) => one.refresh()))
  }
}
