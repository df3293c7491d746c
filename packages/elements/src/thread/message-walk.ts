import type { ThreadItem } from '@sotto/core'
import type { LitElement } from 'lit'

interface Walked {
  readonly log: () => HTMLElement | null
  readonly items: () => readonly ThreadItem[]
  /** Brings the row of a key into view. */
  readonly scrollTo: (key: string) => void
  /** Opens what can be done with the message at `target`. */
  readonly open: (target: Element) => void
  /** The person walks out of the messages, to where they write. */
  readonly leave: () => void
}

/** Walks messages by the keyboard: arrows from one to the next, Enter for what can be done with it, Escape and the way down out of it. */
export class MessageWalk {
  readonly #host: LitElement
  readonly #at: Walked
  #walked: string | undefined
  #items: readonly ThreadItem[] = []
  #kept: readonly ThreadItem[] = []

  constructor(host: LitElement, at: Walked) {
    this.#host = host
    this.#at = at
  }

  /** The one message that Tab gets to: where the person was, else the newest. */
  get stop(): string | undefined {
    const messages = this.#messages
    if (this.#walked === undefined) return messages.at(-1)?.key
    return messages.some(({ key }) => key === this.#walked) ? this.#walked : messages.at(-1)?.key
  }

  /** The focus came to a message, however it did. */
  reached(key: string | undefined): void {
    if (key === undefined || key === this.#walked) return
    this.#walked = key
    this.#host.requestUpdate()
  }

  readonly pressed = (event: KeyboardEvent): void => {
    const target = event.target as Element
    // In a link or a button of a message the keys are theirs.
    const onMessage = target === this.#at.log() || target.classList.contains('message')
    if (event.key === 'Escape') this.#at.leave()
    else if (event.key === 'ArrowUp' && onMessage) this.#walk(-1)
    else if (event.key === 'ArrowDown' && onMessage) this.#walk(1)
    else if (event.key === 'Enter' && onMessage) this.#at.open(target)
    else return
    event.preventDefault()
  }

  get #messages(): readonly ThreadItem[] {
    const items = this.#at.items()
    // Asked for with every rendering, of which scrolling makes many.
    if (items !== this.#items)
      this.#kept = items.filter((item) => item.kind !== 'gap' && item.kind !== 'call')
    this.#items = items
    return this.#kept
  }

  #walk(by: 1 | -1): void {
    const messages = this.#messages
    const at = messages.findIndex(({ key }) => key === this.stop)
    // From the list itself the first step is onto the message, not off it.
    const to = messages[this.#at.log()?.matches(':focus') === true ? at : at + by]
    if (to !== undefined) void this.#go(to.key)
    else if (by > 0) this.#at.leave()
  }

  async #go(key: string): Promise<void> {
    this.reached(key)
    this.#at.scrollTo(key)
    await this.#host.updateComplete
    // A message far away is rendered only when the scroller has got there.
    if (this.#find(key) === null) await new Promise(requestAnimationFrame)
    if (key === this.#walked) this.#find(key)?.focus({ preventScroll: true })
  }

  #find(key: string): HTMLElement | null {
    return this.#at.log()?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? null
  }
}
