import { LitElement } from 'lit'
import type { SottoError } from '@sotto/protocol'
import { ElementErrorEvent } from './events.js'
import type { Terms } from './locales/en.js'
import { Localizer } from './locales/localizer.js'
import { theme } from './theme.js'

/**
 * What all elements of ours share: the look, the language, and the difference between being moved and being gone. Removed and put back
 * in one turn is a move, and nothing is let go of.
 */
export class SottoElement extends LitElement {
  static override styles = [...theme]

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'lang', 'dir']
  }

  protected readonly words = new Localizer(this)
  #gone = true
  /** One try for each language: without it, it is English. */
  #fetched = false

  override connectedCallback(): void {
    super.connectedCallback()
    if (!this.#gone) return
    this.#gone = false
    this.requestUpdate()
    this.arrived()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    queueMicrotask(() => {
      if (this.isConnected || this.#gone) return
      this.#gone = true
      this.released()
    })
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value)
    if (name !== 'lang' && name !== 'dir') return
    this.#fetched = false
    this.requestUpdate('lang', old)
  }

  /** Nothing is rendered before it can be said in the language of the page. */
  protected override scheduleUpdate(): void | Promise<unknown> {
    const fetching = this.#fetched ? undefined : this.words.fetching()
    this.#fetched = true
    return fetching === undefined ? super.scheduleUpdate() : fetching.then(() => super.scheduleUpdate())
  }

  /** The element is in a document, for the first time or again. */
  protected arrived(): void {}

  /** The element is really gone: whatever is held outside is let go of here. */
  protected released(): void {}

  protected say<K extends keyof Terms>(...[key, ...args]: Parameters<typeof this.words.say<K>>): string {
    return this.words.say(key, ...args)
  }

  /** Tells the page's own scripts. The element says it on the page itself. */
  protected tell(error: SottoError): void {
    this.dispatchEvent(new ElementErrorEvent(error))
  }
}
