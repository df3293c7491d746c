import type { Conversation } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { icon } from '../icons.js'
import { sottoError } from '../provider/client-holder.js'
import { SottoElement } from '../sotto-element.js'

/** Where a message is written. It stands in the light of the thread's root, which lends it its styles. */
export class ComposerElement extends SottoElement {
  @property({ attribute: false }) conversation: Conversation | undefined

  /** The other person's name, as it stands in sentences. */
  @property() name = ''

  /** Keeps what is written and not sent, by account. */
  @property({ attribute: false }) drafts = new Map<string, string>()

  @state() protected text = ''
  @state() protected wrong: string | undefined
  @query('textarea') protected readonly field!: HTMLTextAreaElement

  readonly #coarse = matchMedia('(pointer: coarse)')

  /** Puts the cursor into the field. */
  focusField(): void {
    this.field.focus()
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('conversation')) return
    this.text = this.drafts.get(this.conversation?.account ?? '') ?? ''
    this.wrong = undefined
  }

  protected override render(): TemplateResult {
    const label = this.say('messageTo', this.name)
    return html`${this.wrong === undefined ? null : html`<p class="wrong" id="wrong" role="alert">${this.wrong}</p>`}
      <form class="composer" part="composer" @submit=${this.#submit}>
        <textarea
          part="field"
          rows="1"
          dir="auto"
          aria-label=${label}
          aria-describedby="wrong"
          placeholder=${this.say('message')}
          enterkeyhint=${this.#coarse.matches ? 'enter' : 'send'}
          .value=${live(this.text)}
          @input=${this.#typed}
          @keydown=${this.#pressed}
        ></textarea>
        <button
          class="send"
          part="send"
          aria-label=${this.say('send')}
          title=${this.say('send')}
          ?disabled=${this.text.trim() === ''}
        >
          ${icon('up')}
        </button>
      </form>`
  }

  protected override updated(): void {
    if (CSS.supports('field-sizing', 'content')) return
    const { style } = this.field
    style.blockSize = 'auto'
    style.blockSize = `${this.field.scrollHeight}px`
  }

  readonly #typed = () => {
    this.#write(this.field.value)
    this.wrong = undefined
  }

  readonly #pressed = (event: KeyboardEvent) => {
    // An Enter that ends the composition of a word is not one that sends.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || this.#coarse.matches) return
    event.preventDefault()
    void this.#send()
  }

  readonly #submit = (event: Event) => {
    event.preventDefault()
    void this.#send()
    this.field.focus()
  }

  async #send(): Promise<void> {
    const { conversation, text } = this
    if (conversation === undefined || text.trim() === '') return
    // The field is free at once. What could not be stored comes back into it, before what was written since.
    this.#write('')
    this.wrong = undefined
    this.dispatchEvent(new Event('sent'))
    try {
      await conversation.send(text)
    } catch (error) {
      this.#giveBack(conversation, text)
      if (conversation === this.conversation) this.wrong = this.#wrongWords(sottoError(error))
    }
  }

  #giveBack(conversation: Conversation, text: string): void {
    const since = this.drafts.get(conversation.account) ?? ''
    const both = since === '' ? text : `${text}\n${since}`
    this.drafts.set(conversation.account, both)
    if (conversation === this.conversation) this.text = both
  }

  #write(text: string): void {
    this.text = text
    const account = this.conversation?.account
    if (account === undefined) return
    if (text === '') this.drafts.delete(account)
    else this.drafts.set(account, text)
  }

  #wrongWords(error: SottoError): string {
    if (SottoError.is(error, 'too-large')) return this.say('tooLong', this.#count(error.details.limit))
    if (error.code === 'blocked') return this.say('blockedTitle', this.name)
    return this.say(error.code === 'store-full' ? 'storeFull' : 'notStored')
  }

  /** A limit in bytes as a round number of letters. */
  #count(bytes: number): string {
    return this.words.number(Math.floor(bytes / 1000) * 1000)
  }
}
