import type { Conversation, ThreadItem } from '@sotto/core'
import { html, type TemplateResult } from 'lit'
import { property, query } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { DayController } from '../day-controller.js'
import { icon } from '../icons.js'
import { DialogController } from '../pieces/dialog-controller.js'
import { MenuController } from '../pieces/menu-controller.js'
import { ReadableController } from '../readable-controller.js'
import { SottoElement } from '../sotto-element.js'
import { Attention } from './attention.js'
import { messageRow, type RowContext } from './bubble.js'
import { EarlierLoader } from './earlier-loader.js'
import { estimateHeight } from './estimate-height.js'
import { Links } from './links.js'
import { LongPress } from './long-press.js'
import { messageActions } from './message-actions.js'
import { MessageWalk } from './message-walk.js'
import { loadingBubbles } from './loading-bubbles.js'
import { toRows, type Row } from './rows.js'
import { separator } from './separators.js'
import type { Calls } from './thread-header.js'
import { ThreadNews } from './thread-news.js'
import { UnreadDivider } from './unread-divider.js'
import { VirtualRows } from './virtual-rows.js'

/** Rows before the first one in view at which earlier messages are asked for. */
const loadAhead = 12

/** Made anew with each look at the thread. Whom they call stays the same: a list is of one conversation. */
function areOther(a: Calls | undefined, b: Calls | undefined): boolean {
  return a?.busy !== b?.busy || a?.video !== b?.video
}

/** The messages of one conversation. It stands in the light of the thread's root, which lends it its styles. */
export class MessageListElement extends SottoElement {
  @property({ attribute: false }) conversation: Conversation | undefined

  /** The other person's name, as it stands in sentences. */
  @property() name = ''

  /** Whether reading is told: not before a request was accepted, nor while the safety number is in question. */
  @property({ type: Boolean }) tellsReading = false

  /** `undefined`: this conversation cannot be called. */
  @property({ attribute: false, hasChanged: areOther }) calls: Calls | undefined

  @property({ attribute: false }) announce: (text: string) => void = () => undefined

  @query('.log') protected readonly log!: HTMLElement | null
  @query('.sizer') protected readonly sizer!: HTMLElement | null
  @query('.window') protected readonly rowWindow!: HTMLElement | null
  @query('.end') protected readonly end!: HTMLElement | null

  readonly #items = new ReadableController(this, () => this.conversation?.messages)
  readonly #earlier = new ReadableController(this, () => this.conversation?.earlier)
  readonly #unread = new ReadableController(this, () => this.conversation?.unread)
  readonly #rows = new VirtualRows<Row>(this, () => this.#parts(), estimateHeight)
  readonly #attention = new Attention(this, () => this.end)
  readonly #menu = new MenuController(this)
  readonly #dialog = new DialogController(this)
  readonly #loader = new EarlierLoader(() => this.requestUpdate())
  readonly #news = new ThreadNews()
  readonly #divider = new UnreadDivider()
  #links: Links | undefined
  readonly #press = new LongPress((target) => this.#openMenu(target))
  readonly #opened = new Set<string>()
  readonly #walk = new MessageWalk(this, {
    log: () => this.log,
    items: () => this.#shown,
    scrollTo: (key) => this.#rows.scrollTo(key),
    open: (target) => this.#openMenu(target),
    leave: () => this.dispatchEvent(new Event('leave')),
  })

  #shown: readonly ThreadItem[] = []
  #settled = false
  #toldSeen = ''
  #seen: readonly ThreadItem[] | undefined
  #complete: boolean | undefined

  constructor() {
    super()
    new DayController(this)
    // Without it texts are shown as they are.
    void Links.fetch().then(
      (links) => {
        this.#links = links
        this.requestUpdate()
      },
      () => undefined,
    )
  }

  /** Puts the focus on the message that was walked to last, or the newest. */
  focusMessage(): void {
    this.log?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  }

  /** Goes to the newest message, and on to what the person has just sent. */
  toNewest(): void {
    this.#divider.clear()
    this.#rows.scrollToEnd()
    this.requestUpdate()
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override released(): void {
    this.#loader.stop()
    this.#press.stop()
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    this.#prepare()
    const hadFocus = this.log?.contains(this.#focused) === true
    super.update(changed)
    // The focused row was scrolled out of what is rendered: the arrow keys go on from the log.
    if (hadFocus && this.#focused === null) this.log?.focus({ preventScroll: true })
  }

  protected override render(): TemplateResult {
    const loading = this.#shown.length === 0 && this.#earlier.value !== 'none'
    return html`<div
        class="log scrolls"
        part="list"
        role="log"
        aria-live="off"
        aria-label=${this.say('log', this.name)}
        aria-busy=${loading ? 'true' : 'false'}
        tabindex="-1"
        @click=${this.#clicked}
        @keydown=${this.#walk.pressed}
        @focusin=${this.#focusCame}
        @scroll=${this.#scrolled}
        @pointerdown=${this.#press.down}
        @pointermove=${this.#press.move}
        @pointerup=${this.#press.stop}
        @pointercancel=${this.#press.stop}
      >
        ${loading ? loadingBubbles : null}
        <div class="sizer">
          ${this.#earlierLine()}
          <div class="window">${this.#renderRows()}</div>
          <div class="end"></div>
        </div>
      </div>
      ${this.#jump()} ${this.#menu.render()} ${this.#dialog.render()}`
  }

  protected override updated(): void {
    this.#loadWhenNear()
    this.#markRead()
  }

  #prepare(): void {
    const items = this.#items.value ?? []
    const before = this.#divider.place
    this.#divider.see(
      this.#unread.value ?? { count: 0, first: undefined },
      this.#settled && this.#attention.here,
    )
    const complete = this.#earlier.value === 'none'
    const loaded = items.length > 0 || complete
    if (loaded && items !== this.#seen)
      for (const text of this.#news.see(items, this.words, this.name)) this.announce(text)
    if (loaded) this.#seen = items
    const same = items === this.#shown && before === this.#divider.place && complete === this.#complete
    if (same) return
    this.#shown = items
    this.#complete = complete
    this.#rows.set(loaded ? toRows(items, { complete, divider: this.#divider.place }) : [])
  }

  #renderRows(): unknown {
    const { stop } = this.#walk
    const context: RowContext = {
      words: this.words,
      links: this.#links,
      name: this.name,
      now: Date.now(),
      opened: this.#opened,
      stop,
      isNew: (key) => this.#news.isNew(key),
      calls: this.calls,
    }
    return repeat(
      this.#rows.render(),
      ({ row }) => row.key,
      ({ row }) => (row.kind === 'message' ? messageRow(row, context) : separator(row, context)),
    )
  }

  #earlierLine(): TemplateResult | null {
    if (this.#shown.length === 0) return null
    if (this.#loader.state === 'loading')
      return html`<p class="earlier" role="status">${this.say('loading')}</p>`
    if (this.#loader.state === 'idle') return null
    return html`<p class="earlier" role="status">
      ${this.say('earlierFailed')} ·
      <button class="link" type="button" @click=${this.#loadEarlier}>${this.say('tryAgain')}</button>
    </p>`
  }

  #jump(): TemplateResult | null {
    if (this.#rows.atEnd) return null
    const count = this.#unread.value?.count ?? 0
    const label = this.say('toNewest')
    return html`<button
      class="jump"
      part="jump"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => this.#rows.scrollToEnd()}
    >
      ${icon('down')}
      ${count > 0 ? html`<span class="count">${count > 99 ? this.say('many') : count}</span>` : null}
    </button>`
  }

  readonly #loadEarlier = () => {
    if (this.conversation !== undefined) void this.#loader.load(this.conversation)
  }

  readonly #scrolled = () => {
    this.#rows.scrolled()
    this.#loadWhenNear()
  }

  #loadWhenNear(): void {
    const near = this.#rows.firstIndex < loadAhead
    if (near && this.#shown.length > 0 && this.#earlier.value === 'more' && this.#loader.state === 'idle')
      this.#loadEarlier()
  }

  #markRead(): void {
    const last = this.#shown.at(-1)
    if (last === undefined || !this.#attention.here) return
    this.#settled = true
    const unread = this.#unread.value?.count ?? 0
    const seen = `${last.key} ${unread}`
    if (!this.tellsReading || unread === 0 || !this.#rows.atEnd || seen === this.#toldSeen) return
    this.#toldSeen = seen
    void this.#tellSeen(last.key)
  }

  async #tellSeen(key: string): Promise<void> {
    // What was rendered is seen only after this update, which the answer would otherwise come into the middle of.
    await this.updateComplete
    try {
      await this.conversation?.markRead(key)
    } catch {
      this.#toldSeen = ''
    }
  }

  readonly #clicked = (event: Event) => {
    const target = event.target as Element
    const item = this.#itemAt(target)
    if (item === undefined) return
    if (target.closest('.more') !== null) this.#openMenu(target)
    else if (target.closest('.show-all') !== null) this.#open(item.key)
    else if (target.closest('.retry') !== null && item.kind === 'text')
      this.conversation?.retry(item.id).catch(() => undefined)
  }

  readonly #focusCame = (event: Event) => this.#walk.reached(this.#itemAt(event.target as Element)?.key)

  #openMenu(target: Element): void {
    const row = target.closest('.message')
    const item = this.#itemAt(target)
    const { conversation, words } = this
    if (row === null || item === undefined || conversation === undefined) return
    const items = messageActions(item, { words, conversation, dialog: this.#dialog, announce: this.announce })
    const anchor = row.querySelector('.bubble') ?? row
    this.#menu.open(anchor, this.say('actions'), items)
  }

  #open(key: string): void {
    this.#opened.add(key)
    this.requestUpdate()
  }

  #itemAt(target: Element): ThreadItem | undefined {
    const key = target.closest<HTMLElement>('.message')?.dataset['key']
    return key === undefined ? undefined : this.#shown.find((item) => item.key === key)
  }

  get #focused(): Element | null {
    return (this.getRootNode() as ShadowRoot | Document).activeElement
  }

  #parts(): { scroller: HTMLElement; sizer: HTMLElement; window: HTMLElement } | undefined {
    const { log, sizer, rowWindow } = this
    return log === null || sizer === null || rowWindow === null
      ? undefined
      : { scroller: log, sizer, window: rowWindow }
  }
}
