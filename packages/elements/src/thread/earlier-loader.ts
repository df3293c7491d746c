import type { Conversation } from '@sotto/core'

export type Loading = 'idle' | 'loading' | 'failed'

/** Loads earlier messages, one page at a time, and stops after a failure until it is asked again. */
export class EarlierLoader {
  readonly #changed: () => void
  #state: Loading = 'idle'
  #abort: AbortController | undefined

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get state(): Loading {
    return this.#state
  }

  async load(conversation: Conversation): Promise<void> {
    if (this.#state === 'loading') return
    this.#state = 'loading'
    this.#abort = new AbortController()
    const { signal } = this.#abort
    // It is asked for when something was rendered, which is no time to render.
    await Promise.resolve()
    if (signal.aborted) return
    this.#changed()
    try {
      await conversation.loadEarlier({ signal })
      if (!signal.aborted) this.#set('idle')
    } catch {
      // What exactly went wrong does not help the person; that it can be tried again does.
      if (!signal.aborted) this.#set('failed')
    }
  }

  stop(): void {
    this.#abort?.abort()
    this.#state = 'idle'
  }

  #set(state: Loading): void {
    this.#state = state
    this.#changed()
  }
}
