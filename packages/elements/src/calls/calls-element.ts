import type { CallRecord, Client } from '@sotto/core'
import { allowsCall } from '@sotto/protocol'
import { html, type TemplateResult } from 'lit'
import { property, query } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { DayController } from '../day-controller.js'
import { SelectEvent } from '../events.js'
import { skeletonRow } from '../inbox/inbox-row.js'
import { notice } from '../pieces/notice.js'
import { offlinePill, standing, standingBox } from '../pieces/standing.js'
import { ProfileController } from '../profile-controller.js'
import { ReadableController } from '../readable-controller.js'
import { ViewElement } from '../view-element.js'
import { byDay } from './by-day.js'
import { callsStyles } from './calls-styles.js'
import { recordRow } from './record-row.js'

/**
 * The last calls with everybody, newest first. A row leads to the conversation; where a `sotto-call` stands within the same provider, a button
 * in it calls again.
 *
 * @slot header - In the place of the title.
 * @slot back - Before it.
 * @slot empty - In the place of what is said when there was no call yet.
 * @fires sotto-select - A call was chosen: the conversation it belongs to.
 * @fires error - What is wrong; it is said on the page too.
 */
export class CallsElement extends ViewElement {
  static override styles = [...ViewElement.styles, ...callsStyles]

  /** Says nothing of a missing connection: somebody else on the page does. */
  @property({ type: Boolean }) quiet = false

  @query('.list') protected readonly list!: HTMLElement | null

  readonly #history = new ReadableController(this, () => this.currentClient?.callHistory)
  readonly #conversations = new ReadableController(this, () => this.currentClient?.conversations)
  readonly #features = new ReadableController(this, () => this.currentClient?.features)
  readonly #call = new ReadableController(this, () => this.currentClient?.call)
  readonly #profiles = new ProfileController(this)
  /** The row that Tab gets to, after the arrow keys walked there. */
  #walked: string | undefined

  constructor() {
    super()
    new DayController(this)
  }

  /** Puts the focus into the list, on the last call with `account` where one is named. */
  focusRow(account?: string): void {
    const rows = this.#buttons('row')
    const named = rows.find((row) => itemOf(row)?.dataset['account'] === account)
    const row = named ?? rows.find(({ tabIndex }) => tabIndex === 0)
    row?.focus()
  }

  protected override render(): TemplateResult {
    const { mistake, currentClient: client, clientState, words } = this
    if (mistake !== undefined) return this.renderMistake(mistake)
    const stands = standing(words, clientState)
    if (client !== undefined && clientState.name === 'elsewhere' && stands !== undefined)
      return notice(stands)
    return html`<header part="header">
        <slot name="back"></slot>
        <div class="title">
          <slot name="header"><h2>${this.say('calls')}</h2></slot>
        </div>
      </header>
      ${stands === undefined || this.quiet ? null : standingBox(stands)}
      <div class="list scrolls" part="list" tabindex="-1">
        ${client === undefined ? this.#waits() : this.#list(client)}
      </div>
      ${client === undefined || this.quiet ? null : offlinePill(words, client, clientState)}`
  }

  #list(client: Client): TemplateResult {
    const history = this.#history.value ?? { name: 'loading' }
    if (history.name === 'loading') return this.#waits()
    if (history.name === 'failed') return this.#failed(client)
    const { records } = history
    if (records.length === 0) return this.#empty()
    const stop = records.find(({ item }) => item.key === this.#walked) ?? records[0]
    const now = Date.now()
    // Asked for before anything is rendered: whoever is new here is listened to from now on.
    const profiles = new Map(
      records.map(({ account }) => [account, this.#profiles.of(client, account)] as const),
    )
    return html`<div class="days" @click=${this.#clicked} @keydown=${this.#pressed}>
      ${byDay(records).map(
        (day) =>
          html`<h3 part="day">${this.words.day(day.at, now)}</h3>
            <ul role="list" aria-label=${this.say('callsOn', this.words.day(day.at, now))}>
              ${repeat(
                day.records,
                ({ item }) => item.key,
                (record) =>
                  recordRow({
                    words: this.words,
                    record,
                    profile: profiles.get(record.account) ?? { name: record.account },
                    stop: record === stop,
                    again: this.#again(record),
                  }),
              )}
            </ul>`,
      )}
    </div>`
  }

  /** As the header of a conversation has it: who is blocked, or has to be compared first, is not called. */
  #again({ account, item: { video } }: CallRecord) {
    const stage = this.client === undefined ? this.context?.stage : undefined
    const known = this.#conversations.value?.find((one) => one.account === account)
    const settled = known === undefined || (known.relation === 'accepted' && known.trust.name !== 'changed')
    const stands = standing(this.words, this.clientState)
    if (stage === undefined || !settled || stands !== undefined) return undefined
    if (!allowsCall(this.#features.value, { video })) return undefined
    return { busy: this.#call.value !== undefined, run: () => stage.place(account, { video }) }
  }

  #empty(): TemplateResult {
    const [title, text] = [this.say('noCalls'), this.say('noCallsText')]
    return html`<slot name="empty">${notice({ icon: 'phone', title, text })}</slot>`
  }

  /** What exactly went wrong does not help the person. A client that is closed reads nothing any more. */
  #failed(client: Client): TemplateResult {
    const again = { label: this.say('tryAgain'), run: () => void this.#tryAgain(client) }
    const action = this.clientState.name === 'closed' ? undefined : again
    return notice({ icon: 'warning', urgent: true, title: this.say('callsFailed'), action })
  }

  /** The button goes while it is tried: the focus waits in the list, and goes on to what is there then. */
  async #tryAgain(client: Client): Promise<void> {
    this.list?.focus()
    await client.readCallHistory()
    await this.updateComplete
    if (this.list === null || this.shadowRoot?.activeElement !== this.list) return
    const next = this.list.querySelector<HTMLElement>('.notice .button, .row[tabindex="0"]')
    next?.focus()
  }

  #waits(): TemplateResult {
    return html`<p class="hidden" role="status">${this.say('loading')}</p>
      <ul aria-hidden="true">
        ${[1, 2, 3, 4, 5].map(() => skeletonRow)}
      </ul>`
  }

  readonly #clicked = (event: Event) => {
    const item = itemOf(event.target)
    if (item === undefined) return
    this.#walked = item.dataset['key']
    this.requestUpdate()
    const onRow = (event.target as Element).closest('.row') !== null
    if (onRow) this.dispatchEvent(new SelectEvent(item.dataset['account']))
  }

  /** Up and down walk the calls; across, between a call and its button, Tab does. */
  readonly #pressed = (event: KeyboardEvent) => {
    const rows = this.#buttons('row')
    const at = rows.findIndex((row) => itemOf(row) === itemOf(event.target))
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    const item = to === undefined ? undefined : itemOf(rows[to])
    if (item === undefined) return
    event.preventDefault()
    this.#walked = item.dataset['key']
    const kind = (event.target as Element).closest('.again') === null ? 'row' : 'again'
    ;(item.querySelector<HTMLElement>(`.${kind}`) ?? item.querySelector<HTMLElement>('.row'))?.focus()
    this.requestUpdate()
  }

  #buttons(kind: 'row' | 'again'): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(`button.${kind}`)]
  }
}

const itemOf = (target: EventTarget | null | undefined): HTMLElement | undefined =>
  (target as Element | null | undefined)?.closest('li') ?? undefined
