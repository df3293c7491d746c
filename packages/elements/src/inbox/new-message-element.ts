import type { Client } from '@sotto/core'
import { isAccountName, type SottoError } from '@sotto/protocol'
import { html, type TemplateResult } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { newMessageStyles } from './new-message-styles.js'
import { SelectEvent } from '../events.js'
import { SottoElement } from '../sotto-element.js'
import { sottoError } from '../provider/client-holder.js'

type Step =
  | { readonly name: 'typing' }
  | { readonly name: 'looking' }
  /** `anyway`: it may be right, but could not be checked. */
  | { readonly name: 'wrong'; readonly words: string; readonly anyway?: string }

/** Asks for an account name and looks it up. It stands in the inbox's dialog. */
export class NewMessageElement extends SottoElement {
  static override styles = [...SottoElement.styles, buttonStyles, newMessageStyles]

  @property({ attribute: false }) client: Client | undefined
  @state() protected step: Step = { name: 'typing' }
  @query('input') protected readonly field!: HTMLInputElement

  #abort: AbortController | undefined

  protected override firstUpdated(): void {
    this.field.focus()
  }

  protected override released(): void {
    this.#abort?.abort()
  }

  protected override render(): TemplateResult {
    const { step } = this
    const wrong = step.name === 'wrong'
    return html`<form novalidate autocomplete="off" @submit=${this.#submit}>
      <h2 dir="auto">${this.say('newMessage')}</h2>
      <label for="account">${this.say('accountName')}</label>
      <input
        id="account"
        class="field"
        part="field"
        type="text"
        dir="ltr"
        maxlength="80"
        autocapitalize="none"
        autocorrect="off"
        spellcheck="false"
        enterkeyhint="go"
        aria-invalid=${wrong ? 'true' : 'false'}
        aria-describedby="about"
        @input=${this.#typed}
      />
      <p id="about" class=${wrong ? 'wrong' : ''} role="status">
        ${wrong ? step.words : this.say('accountNameHint')}
      </p>
      <div class="buttons">
        ${
          wrong && step.anyway !== undefined
            ? html`<button
                class="button"
                part="button"
                type="button"
                @click=${() => this.#choose(step.anyway)}
              >
                ${this.say('writeAnyway')}
              </button>`
            : null
        }
        <button
          class="button"
          part="button"
          type="button"
          @click=${() => this.dispatchEvent(new Event('cancel'))}
        >
          ${this.say('cancel')}
        </button>
        <button
          class="button primary"
          part="button"
          aria-disabled=${step.name === 'looking' ? 'true' : 'false'}
        >
          ${this.say('start')}
        </button>
      </div>
    </form>`
  }

  readonly #typed = () => {
    this.#abort?.abort()
    if (this.step.name !== 'typing') this.step = { name: 'typing' }
  }

  readonly #submit = async (event: Event) => {
    event.preventDefault()
    if (this.step.name === 'looking') return
    const account = this.field.value.trim()
    const words = this.#wrongName(account)
    if (words !== undefined) return this.#say({ name: 'wrong', words })
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.step = { name: 'looking' }
    try {
      await this.client?.conversation(account).lookUp({ signal })
      if (!signal.aborted) this.#choose(account)
    } catch (error) {
      if (!signal.aborted) this.#say(this.#refused(account, sottoError(error)))
    }
  }

  #wrongName(account: string): string | undefined {
    if (account === '') return this.say('nameMissing')
    if (!isAccountName(account)) return this.say('nameWrong')
    return account === this.client?.account ? this.say('nameYours') : undefined
  }

  #refused(account: string, error: SottoError): Step {
    if (error.code === 'unknown-account') return { name: 'wrong', words: this.say('nameUnknown', account) }
    return { name: 'wrong', words: this.say('nameUnchecked'), anyway: account }
  }

  #say(step: Step): void {
    this.step = step
    this.field.focus()
  }

  #choose(account: string | undefined): void {
    this.dispatchEvent(new SelectEvent(account))
  }
}
