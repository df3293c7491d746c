import type { Client, ConversationSummary } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { DayController } from '../day-controller.js'
import { SelectEvent } from '../events.js'
import { icon } from '../icons.js'
import { avatarStyles } from '../pieces/avatar.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { DialogController, dialogStyles } from '../pieces/dialog-controller.js'
import { notice, noticeStyles } from '../pieces/notice.js'
import { offlinePill, pillStyles, standing, standingBox } from '../pieces/standing.js'
import { ProfileController } from '../profile-controller.js'
import { ReadableController } from '../readable-controller.js'
import { ViewElement } from '../view-element.js'
import { inboxRow, inboxRowStyles, skeletonRow } from './inbox-row.js'
import { inboxStyles } from './inbox-styles.js'
import { foldName } from './fold-name.js'

/**
 * All conversations, newest first.
 *
 * @slot header - In the place of the title.
 * @slot actions - Before the button that begins a conversation.
 * @slot empty - In the place of what is said when there is no conversation yet.
 * @fires sotto-select - A conversation was chosen.
 * @fires error - What is wrong; it is said on the page too.
 */
export class InboxElement extends ViewElement {
  static override styles = [
    ...ViewElement.styles,
    buttonStyles,
    avatarStyles,
    noticeStyles,
    dialogStyles,
    pillStyles,
    inboxStyles,
    inboxRowStyles,
  ]

  /** The account whose conversation is shown elsewhere on the page. */
  @property() selected: string | undefined

  /** Says nothing of a missing connection: somebody else on the page does. */
  @property({ type: Boolean }) quiet = false

  @state() protected filter = ''

  readonly #conversations = new ReadableController<readonly ConversationSummary[]>(
    this,
    () => this.currentClient?.conversations,
  )
  readonly #profiles = new ProfileController(this)
  readonly #dialog = new DialogController(this)
  /** The row that Tab gets to, after the arrow keys walked there. */
  #walked: string | undefined

  constructor() {
    super()
    new DayController(this)
  }

  /** Asks for the name of somebody to write to. */
  compose(): void {
    const client = this.currentClient
    if (client === undefined) return
    this.#dialog.open({
      label: this.say('newMessage'),
      body: () =>
        html`<sotto-new-message
          exportparts="field, button"
          lang=${this.words.lang()}
          .client=${client}
          @sotto-select=${this.#dialog.close}
          @cancel=${this.#dialog.close}
        ></sotto-new-message>`,
    })
  }

  /** Puts the focus on the row of `account`, where it is shown. */
  focusRow(account: string): void {
    const row = this.#rows().find((one) => one.dataset['account'] === account)
    row?.focus()
  }

  protected override render(): TemplateResult {
    const { mistake, currentClient: client, clientState } = this
    if (mistake !== undefined) return this.renderMistake(mistake)
    const stands = standing(this.words, clientState)
    if (client !== undefined && clientState.name === 'elsewhere' && stands !== undefined)
      return notice(stands)
    const all = this.#conversations.value ?? []
    return html`<header part="header">
        <div class="title">
          <slot name="header"><h2>${this.say('messages')}</h2></slot>
        </div>
        <slot name="actions"></slot>
        ${client === undefined || stands !== undefined ? null : this.#composeButton()}
      </header>
      ${stands === undefined || this.quiet ? null : standingBox(stands)}
      ${all.length > 0 ? this.#search() : null}
      <div class="list scrolls" part="list">${client === undefined ? skeleton : this.#list(client, all)}</div>
      ${client === undefined || this.quiet ? null : offlinePill(this.words, client, clientState)}
      ${this.#dialog.render()}`
  }

  #composeButton(): TemplateResult {
    const label = this.say('newMessage')
    return html`<button
      class="icon-button"
      part="compose"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${this.compose}
    >
      ${icon('pencil')}
    </button>`
  }

  #search(): TemplateResult {
    return html`<label class="search" part="search">
      ${icon('search')}
      <input
        type="search"
        dir="auto"
        aria-label=${this.say('search')}
        placeholder=${this.say('search')}
        autocomplete="off"
        .value=${this.filter}
        @input=${this.#filtered}
        @keydown=${this.#searchPressed}
      />
    </label>`
  }

  #list(client: Client, all: readonly ConversationSummary[]): TemplateResult {
    if (all.length === 0) return this.clientState.name === 'starting' ? skeleton : this.#empty()
    const shown = all.map((summary) => ({ summary, profile: this.#profiles.of(client, summary.account) }))
    const wanted = foldName(this.filter)
    const found = shown.filter(({ summary, profile }) =>
      foldName(`${profile.name} ${summary.account}`).includes(wanted),
    )
    if (found.length === 0) return html`<p class="nobody" role="status">${this.say('searchNothing')}</p>`
    const accounts = found.map(({ summary }) => summary.account)
    const stop =
      [this.#walked, this.selected].find((one) => one !== undefined && accounts.includes(one)) ?? accounts[0]
    const now = Date.now()
    return html`<ul
      role="list"
      aria-label=${this.say('conversations')}
      @click=${this.#clicked}
      @keydown=${this.#pressed}
    >
      ${repeat(
        found,
        ({ summary }) => summary.account,
        ({ summary, profile }) =>
          inboxRow({
            words: this.words,
            summary,
            profile,
            now,
            chosen: summary.account === this.selected,
            stop: summary.account === stop,
          }),
      )}
    </ul>`
  }

  #empty(): TemplateResult {
    const action =
      standing(this.words, this.clientState) === undefined
        ? { label: this.say('newMessage'), run: () => this.compose() }
        : undefined
    return html`<slot name="empty"
      >${notice({
        title: this.say('noConversations'),
        text: this.say('noConversationsText'),
        action,
      })}</slot
    >`
  }

  readonly #filtered = (event: Event) => {
    this.filter = (event.target as HTMLInputElement).value
  }

  readonly #searchPressed = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') this.#rows()[0]?.focus()
    else if (event.key === 'Escape' && this.filter !== '') this.filter = ''
    else return
    event.preventDefault()
  }

  readonly #clicked = (event: Event) => {
    const account = rowOf(event)?.dataset['account']
    if (account === undefined) return
    this.#walked = account
    this.dispatchEvent(new SelectEvent(account))
  }

  readonly #pressed = (event: KeyboardEvent) => {
    const rows = this.#rows()
    const at = rows.findIndex((row) => row === rowOf(event))
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    const row = to === undefined ? undefined : rows[to]
    if (row === undefined) return
    event.preventDefault()
    this.#walked = row.dataset['account']
    row.focus()
    this.requestUpdate()
  }

  #rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('button.row')]
  }
}

const skeleton = html`<ul aria-hidden="true">
  ${[1, 2, 3, 4, 5].map(() => skeletonRow)}
</ul>`

const rowOf = (event: Event) => (event.target as Element).closest<HTMLElement>('button.row')
