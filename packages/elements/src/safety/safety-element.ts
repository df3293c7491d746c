import type { Conversation, Trust } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { conversationOf } from '../conversation-of.js'
import { icon } from '../icons.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { isolate } from '../pieces/isolate.js'
import { noticeStyles } from '../pieces/notice.js'
import { ProfileController } from '../profile-controller.js'
import { sottoError } from '../provider/client-holder.js'
import { ReadableController } from '../readable-controller.js'
import { ViewElement } from '../view-element.js'
import { safetyStyles } from './safety-styles.js'

type Shown =
  | { readonly name: 'loading' }
  | { readonly name: 'digits'; readonly digits: string }
  /** It became another number while it was compared. */
  | { readonly name: 'replaced' }
  | { readonly name: 'failed'; readonly error: SottoError }

/**
 * The safety number of a conversation: sixty digits that are the same on both people's screens where nobody stands between them.
 *
 * @fires close - The person is done with it.
 * @fires error - What is wrong; it is said on the page too.
 */
export class SafetyElement extends ViewElement {
  static override styles = [...ViewElement.styles, buttonStyles, noticeStyles, safetyStyles]

  /** The other account. */
  @property() with: string | undefined

  @state() protected shown: Shown = { name: 'loading' }

  readonly #trust = new ReadableController<Trust>(this, () => this.#conversation?.trust)
  readonly #profiles = new ProfileController(this)
  #conversation: Conversation | undefined
  #wrong: SottoError | undefined
  /** What the digits were made for: another trust may mean another number. */
  #loadedFor: { readonly conversation: Conversation; readonly trust: string | undefined } | undefined

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    this.#wrong = this.mistake
    if (this.#wrong !== undefined || this.currentClient === undefined) return
    try {
      this.#conversation = conversationOf(this.currentClient, this.with)
    } catch (error) {
      this.#conversation = undefined
      this.#wrong = sottoError(error)
    }
  }

  protected override updated(): void {
    const conversation = this.#conversation
    const trust = kindOf(this.#trust.value)
    if (conversation === undefined) return
    if (conversation === this.#loadedFor?.conversation && trust === this.#loadedFor.trust) return
    this.#loadedFor = { conversation, trust }
    void this.#load(conversation)
  }

  protected override render(): TemplateResult | null {
    if (this.#wrong !== undefined) return this.renderMistake(this.#wrong)
    const { currentClient: client } = this
    const conversation = this.#conversation
    if (client === undefined || conversation === undefined) return null
    const name = isolate(this.#profiles.of(client, conversation.account).name)
    return html`<h2 dir="auto">${this.say('safetyTitle', name)}</h2>
      ${this.#body(conversation, name)}`
  }

  #body(conversation: Conversation, name: string): TemplateResult {
    const { shown } = this
    if (shown.name === 'failed') {
      const nothing = shown.error.code === 'unknown-account'
      return html`<p role="alert">${nothing ? this.say('safetyNothing', name) : this.say('safetyFailed')}</p>
        ${this.#buttons(this.#closeButton())}`
    }
    if (shown.name === 'replaced') {
      const again = html`<button
        class="button primary"
        part="button"
        type="button"
        @click=${() => this.#again(conversation)}
      >
        ${this.say('safetyAgain')}
      </button>`
      return html`<p role="alert">${this.say('safetyReplaced', name)}</p>
        ${this.#buttons(html`${this.#closeButton()} ${again}`)}`
    }
    const groups = shown.name === 'digits' ? (shown.digits.match(/\d{5}/g) ?? []) : []
    return html`<p>${this.say('safetyText', name)}</p>
      <ol
        part="digits"
        dir="ltr"
        class=${groups.length === 0 ? 'wait' : ''}
        aria-label=${this.say('safetyNumber')}
        aria-busy=${groups.length === 0}
      >
        ${groups.map((group) => html`<li>${group}</li>`)}
      </ol>
      ${shown.name === 'digits' ? this.#decision(conversation, name, shown.digits) : null}`
  }

  #decision(conversation: Conversation, name: string, digits: string): TemplateResult {
    const trust = this.#trust.value
    if (trust?.name === 'verified') {
      return html`<p class="good" role="status">
          ${icon('check')} ${this.say('compared', this.words.calendarDay(trust.verifiedAt, Date.now()))}
        </p>
        ${this.#buttons(this.#closeButton())}`
    }
    return html`${this.#buttons(
        html`${this.#closeButton()}
          <button
            class="button primary"
            part="button"
            type="button"
            @click=${() => this.#matched(conversation, digits)}
          >
            ${this.say('match')}
          </button>`,
      )}
      <p>${this.say('safetyDiffer', name)}</p>`
  }

  #buttons(buttons: TemplateResult): TemplateResult {
    return html`<div class="buttons">${buttons}</div>`
  }

  #closeButton(): TemplateResult {
    return html`<button
      class="button"
      part="button"
      type="button"
      @click=${() => this.dispatchEvent(new Event('close'))}
    >
      ${this.say('close')}
    </button>`
  }

  async #load(conversation: Conversation): Promise<void> {
    try {
      const { digits } = await conversation.safetyNumber()
      if (conversation !== this.#conversation || this.shown.name === 'replaced') return
      // Whoever is in the middle of comparing must not find other digits in their place.
      const isOther = this.shown.name === 'digits' && this.shown.digits !== digits
      this.shown = isOther ? { name: 'replaced' } : { name: 'digits', digits }
    } catch (error) {
      if (conversation === this.#conversation) this.shown = { name: 'failed', error: sottoError(error) }
    }
  }

  #again(conversation: Conversation): void {
    this.shown = { name: 'loading' }
    void this.#load(conversation)
  }

  async #matched(conversation: Conversation, digits: string): Promise<void> {
    try {
      await conversation.markVerified({ digits })
    } catch (error) {
      if (SottoError.is(error, 'number-changed')) this.shown = { name: 'replaced' }
      else this.tell(sottoError(error))
    }
  }
}

/** What a number depends on: another one may be under the same trust. */
const kindOf = (trust: Trust | undefined): string | undefined =>
  trust?.name === 'changed' ? `changed ${trust.accountId}` : trust?.name
