import type { Client, ClientState } from '@sotto/core'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import type { CallElement } from '../call/call-element.js'
import { mayCall } from '../call/may-call.js'
import type { CallsElement } from '../calls/calls-element.js'
import { SelectEvent, type ElementErrorEvent } from '../events.js'
import { icon } from '../icons.js'
import type { InboxElement } from '../inbox/inbox-element.js'
import { notice } from '../pieces/notice.js'
import { standing } from '../pieces/standing.js'
import { ProviderElement } from '../provider/provider-element.js'
import { ReadableController } from '../readable-controller.js'
import type { ThreadElement } from '../thread/thread-element.js'
import { messengerStyles } from './messenger-styles.js'

/**
 * The whole messenger: a provider with the inbox and one thread in it. Under 720 px of its own width it is one column.
 *
 * @slot header - In the place of the title of the inbox.
 * @slot empty - In the place of what is said while no conversation is chosen.
 * @fires sotto-select - A conversation was chosen or left.
 * @fires ready - There is a client.
 * @fires error - What is wrong; it is said on the page too.
 */
export class MessengerElement extends ProviderElement {
  static override styles = [...ProviderElement.styles, messengerStyles]

  /** The account whose conversation is open. */
  @property() with: string | undefined

  /** Makes no sound while it rings. */
  @property({ type: Boolean }) silent = false

  /** The calls are shown in the place of the inbox. */
  @state() protected listsCalls = false

  @query('sotto-call') protected readonly call!: CallElement | null
  @query('sotto-inbox') protected readonly inbox!: InboxElement
  @query('sotto-calls') protected readonly calls!: CallsElement | null
  @query('sotto-thread') protected readonly thread!: ThreadElement | null

  readonly #state = new ReadableController<ClientState>(this, () => this.#client?.state)
  readonly #features = new ReadableController(this, () => this.#client?.features)

  /** Asks for the name of somebody to write to. */
  compose(): void {
    this.inbox.compose()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    if (this.with === '') this.with = undefined
  }

  protected override render(): TemplateResult {
    const { source } = this
    if (source.name === 'failed') return this.renderFailure(source)
    const state = this.#state.value
    const stands = state?.name === 'elsewhere' ? standing(this.words, state) : undefined
    if (stands !== undefined) return notice(stands)
    const chosen = this.with !== undefined
    const covered = this.call?.shows === 'full'
    return html`<div
      class="panes ${chosen ? 'chosen' : ''} ${covered ? 'covered' : ''} ${this.listsCalls ? 'calls' : ''}"
      @sotto-select=${this.#selected}
    >
      <sotto-inbox
        part="inbox"
        exportparts="header: inbox-header, list: inbox-list, row, count, avatar, search, compose, standing, offline, field, button, dialog, notice"
        .selected=${this.with}
        .quiet=${chosen}
        @error=${this.#wrong}
      >
        <slot name="header" slot="header"><h2>${this.say('messages')}</h2></slot>
        ${this.#callsButton()}
      </sotto-inbox>
      ${this.listsCalls ? this.#calls() : null}
      <sotto-call
        contained
        exportparts="card: call-card, screen: call-screen, bar: call-bar, name: call-name, status: call-status, avatar: call-avatar, answer: call-answer, answer-voice: call-answer-voice, decline: call-decline, reply: call-reply, again: call-again, close: call-close, controls: call-controls, control: call-control, hang-up: call-hang-up, minimise: call-minimise, back-to-call: call-back-to-call, own: call-own, consent: call-consent, wrong: call-wrong, level: call-level, check: call-check, preview, menu, dialog, button"
        .silent=${this.silent}
        @shows=${this.#shows}
        @error=${this.#wrong}
      ></sotto-call>
      ${chosen ? this.#thread(covered) : html`<div class="nothing"><slot name="empty">${this.#nothing()}</slot></div>`}
    </div>`
  }

  get #client(): Client | undefined {
    return this.source.name === 'ready' ? this.source.client : undefined
  }

  #callsButton(): TemplateResult | null {
    if (this.#client === undefined || !mayCall(this.#features.value)) return null
    const label = this.say('calls')
    return html`<button
      slot="actions"
      class="icon-button calls-button"
      part="calls-button"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${this.#openCalls}
    >
      ${icon('phone')}
    </button>`
  }

  #calls(): TemplateResult {
    return html`<sotto-calls
      part="calls"
      exportparts="header: calls-header, list: calls-list, day: calls-day, row: calls-row, name: calls-name, what: calls-what, avatar, call: calls-call, standing, offline, notice, button"
      .quiet=${this.with !== undefined}
      @error=${this.#wrong}
    >
      ${this.#backButton('backToMessages', this.#closeCalls)}
    </sotto-calls>`
  }

  #backButton(label: 'back' | 'backToMessages', run: (event: Event) => void): TemplateResult {
    const words = this.say(label)
    return html`<button
      slot="back"
      class="icon-button mirrored back"
      part="back"
      type="button"
      aria-label=${words}
      title=${words}
      @click=${run}
    >
      ${icon('back')}
    </button>`
  }

  /** `covered`: a call stands before it. */
  #thread(covered: boolean): TemplateResult {
    return html`<sotto-thread
      part="thread"
      exportparts="header, list, avatar, title, subtitle, call, more, bubble, bubble-own, bubble-peer, meta, day, divider, gap, jump, composer, field, send, warning, request, blocked, stopped, offline, menu, dialog, button, digits, preview, level"
      .with=${this.with}
      .covered=${covered}
      @error=${this.#wrong}
    >
      ${this.#backButton('back', this.#back)}
    </sotto-thread>`
  }

  #nothing(): TemplateResult {
    const state = this.#state.value
    if (state === undefined || standing(this.words, state) !== undefined)
      return notice({ title: this.say('chooseConversation') })
    return notice({
      title: this.say('writeToSomebody'),
      text: this.say('writeToSomebodyText'),
      action: { label: this.say('newMessage'), run: () => this.compose() },
    })
  }

  // What is gone already must not begin to listen again.
  readonly #shows = () => {
    if (this.isConnected) this.requestUpdate()
  }

  readonly #selected = async (event: SelectEvent) => {
    // Before it is defined it has no call to put aside.
    this.call?.minimise?.()
    const before = this.with
    this.with = event.account
    await this.updateComplete
    if (event.account !== undefined) await this.thread?.focusComposer()
    else if (before !== undefined) (this.listsCalls ? this.calls : this.inbox)?.focusRow(before)
  }

  readonly #openCalls = async () => {
    this.listsCalls = true
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('sotto-calls .back')?.focus()
  }

  readonly #closeCalls = async () => {
    this.listsCalls = false
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.calls-button')?.focus()
  }

  readonly #back = (event: Event) => {
    event.target?.dispatchEvent(new SelectEvent(undefined))
  }

  readonly #wrong = (event: ElementErrorEvent) => {
    if (event.error !== undefined) this.tell(event.error)
  }
}
