import type { Call, CallState, Profile } from '@sotto/core'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { checkDialog } from '../check/check-dialog.js'
import { SelectEvent } from '../events.js'
import { DialogController } from '../pieces/dialog-controller.js'
import type { Localizer } from '../locales/localizer.js'
import { isolate } from '../pieces/isolate.js'
import { MenuController } from '../pieces/menu-controller.js'
import { ProfileController } from '../profile-controller.js'
import { ReadableController } from '../readable-controller.js'
import { ViewElement } from '../view-element.js'
import type { CallActions } from './call-actions.js'
import { CallAlerts } from './call-alerts.js'
import { callBar } from './call-bar.js'
import { CallDevices } from './call-devices.js'
import { CallDoings } from './call-doings.js'
import { callControls } from './call-controls.js'
import { callElementStyles } from './call-element-styles.js'
import type { CallLook } from './call-look.js'
import { callNews, ringWords } from './call-news.js'
import { callScreen, type CallShown } from './call-screen.js'
import { CallStory } from './call-story.js'
import { CallTroubles } from './call-troubles.js'
import { CallView } from './call-view.js'
import { CornerController } from './corner-controller.js'
import { FadeController } from './fade-controller.js'
import { FocusMemory } from './focus-memory.js'
import { FollowedCall } from './followed-call.js'
import { mayCall, mayVideo } from './may-call.js'
import { deviceItems } from './device-items.js'
import { endCard, ringCard } from './ring-card.js'
import { SecondController } from './second-controller.js'
import { tabLoop } from './tab-loop.js'
import { windowItems } from './window-items.js'

const endMs = 8000

/**
 * The calls of a client: a card while somebody calls, the call itself, a bar while something else is read, and what it came to.
 *
 * @fires sotto-select - The person wants to write to who is calling instead.
 * @fires shows - The attribute `shows` has changed: `ring`, `full`, `bar`, `end`, or none.
 * @fires error - What is wrong; it is said on the page too.
 */
export class CallElement extends ViewElement {
  static override styles = [...ViewElement.styles, ...callElementStyles]

  /** Fills the positioned box around it, instead of the window. */
  @property({ type: Boolean, reflect: true }) contained = false

  /** Makes no sound while it rings. */
  @property({ type: Boolean }) silent = false

  @state() protected minimised: Call | undefined

  @query('.call-screen') protected readonly screen!: HTMLElement | null
  @query('.call-card') protected readonly card!: HTMLElement | null
  @query('video.their') protected readonly picture!: HTMLVideoElement | null

  readonly #followed = new FollowedCall(this, () => this.currentClient)
  readonly #features = new ReadableController(this, () => this.currentClient?.features)
  readonly #profiles = new ProfileController(this)
  readonly #dialog = new DialogController(this)
  readonly #menu = new MenuController(this)
  readonly #corner = new CornerController(this)
  readonly #fade = new FadeController(this, () => this.#mayFade)
  readonly #focus = new FocusMemory(() => this.renderRoot as ShadowRoot)
  readonly #troubles = new CallTroubles(this)
  readonly #devices = new CallDevices(this, this.#followed, () => this.currentClient?.callDevices)
  readonly #alerts = new CallAlerts()
  readonly #view = new CallView()
  readonly #story = new CallStory({
    words: this.words,
    followed: this.#followed,
    troubles: this.#troubles,
    client: () => this.currentClient,
    minimised: () => this.minimised,
  })
  readonly #doings = new CallDoings({
    words: this.words,
    dialog: this.#dialog,
    devices: this.#devices,
    troubles: this.#troubles,
    tell: (error) => this.tell(error),
  })
  #shows: CallLook | undefined
  #endTimer: ReturnType<typeof setTimeout> | undefined
  #leaveStage: (() => void) | undefined

  constructor() {
    super()
    new SecondController(this, () => this.#followed.state?.phase === 'connected')
  }

  get shows(): CallLook | undefined {
    return this.#shows
  }

  /** Calls an account. What is in the way is said on the page. */
  place(account: string, { video = false }: { readonly video?: boolean } = {}): void {
    void this.#place(account, video)
  }

  /** Puts the call into a bar, where it goes on. */
  readonly minimise = (): void => {
    if (this.shows !== 'full') return
    this.minimised = this.#followed.call
  }

  protected override arrived(): void {
    window.addEventListener('keydown', this.#keyInWindow)
    document.addEventListener('fullscreenchange', this.#changed)
  }

  protected override released(): void {
    window.removeEventListener('keydown', this.#keyInWindow)
    document.removeEventListener('fullscreenchange', this.#changed)
    this.#show(undefined)
    // What plays a stream would stay alive as long as that does.
    for (const player of this.renderRoot.querySelectorAll<HTMLMediaElement>('audio, video'))
      player.srcObject = null
    this.#leaveStage?.()
    this.#leaveStage = undefined
    this.#view.show(undefined)
    this.#alerts.stop()
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed)
    queueMicrotask(() => this.#takeStage())
    this.#view.show(this.isConnected ? this.currentClient : undefined)
    this.#show(this.#story.look)
    this.#alert()
  }

  protected override render(): TemplateResult | null {
    if (this.mistake !== undefined) return this.renderMistake(this.mistake)
    const { call, state, streams } = this.#followed
    const sounds =
      state === undefined || this.#story.look === 'end' ? [] : [streams?.remote, streams?.remoteScreen]
    return html`${this.#body(call, state)}
    ${sounds.map((stream) => (stream === undefined ? null : html`<audio autoplay .srcObject=${live(stream)}></audio>`))}
    ${this.#menu.render()} ${this.#dialog.render()}`
  }

  #body(call: Call | undefined, state: CallState | undefined): TemplateResult | null {
    const look = this.#story.look
    const { words, currentClient: client } = this
    const account = this.#troubles.notPlaced?.account ?? call?.account
    if (client === undefined || look === undefined || account === undefined) return null
    const profile = this.#profiles.of(client, account)
    const who = { words, account, profile }
    if (look === 'end') return this.#endCard(who)
    if (call === undefined || state === undefined) return null
    const name = isolate(profile.name)
    const actions = this.#doings.actions(call, name)
    if (look === 'ring') {
      const label = ringWords(words, state, name)
      const wrong = this.#story.wrong(name)?.text
      return html`<div @pointerdown=${this.#keep} @keydown=${this.#keyInRing}>
        ${ringCard({ ...who, label, video: state.video, may: this.#may, wrong, actions, reply: () => this.#reply(call, actions) })}
      </div>`
    }
    const status = this.#story.status(state, name)
    if (look === 'bar') {
      const { sources, hasMicrophone } = this.#followed
      const microphone = hasMicrophone ? sources.microphone : undefined
      const doable = state.here ? actions : undefined
      return html`<div @pointerdown=${this.#keep}>
        ${callBar({ ...who, status, microphone, actions: doable, restore: this.#restore })}
      </div>`
    }
    return this.#screen({ ...who, name, state, status, actions })
  }

  #screen(shown: CallShown): TemplateResult {
    const { words, state, name } = shown
    const { sources, theirSources, hasMicrophone } = this.#followed
    const { faded, wake } = this.#fade
    const pictures = this.#story.pictures
    const seen = (pictures.theirs ?? pictures.theirScreen) !== undefined
    return html`<section
      class="call-screen ${state.phase} ${seen ? 'seen' : ''} ${faded ? 'faded' : ''}"
      part="screen"
      role="dialog"
      tabindex="-1"
      aria-label=${words.say('callWith', name)}
      @keydown=${this.#keyInScreen}
      @pointermove=${wake}
      @pointerdown=${wake}
      @focusin=${wake}
    >
      ${callScreen({
        ...shown,
        pictures,
        sources,
        theirSources,
        isVoiceAfterAll: this.#followed.isVoiceAfterAll,
        mayVideo: this.#may.video,
        lost: this.#devices.lost,
        corner: this.#corner,
        wrong: this.#story.wrong(name),
        minimise: this.minimise,
        controls: callControls({
          ...shown,
          sources,
          hasMicrophone,
          mayVideo: this.#may.video,
          mayShare: this.#may.video && navigator.mediaDevices?.getDisplayMedia !== undefined,
          more: this.#windowItems.length > 0 ? this.#more : undefined,
        }),
      })}
    </section>`
  }

  #endCard(who: { words: Localizer; account: string; profile: Profile }): TemplateResult | null {
    const end = this.#story.end
    if (end === undefined) return null
    const { call, state } = this.#followed
    const may = this.#may
    const video = (this.#troubles.notPlaced?.video ?? state?.video ?? false) && may.video
    const label = this.say(
      this.#troubles.notPlaced !== undefined || call?.mine === true ? 'callAgain' : 'callBack',
    )
    const run = () => {
      this.#dismiss()
      this.place(who.account, { video })
    }
    const again = end.again && may.voice ? { label, run } : undefined
    const checking = { words: this.words, client: this.currentClient, dialog: this.#dialog }
    const check = end.devices === true ? checkDialog(checking) : undefined
    return endCard({ ...who, end, again, check, close: this.#dismiss })
  }

  /** What the site lets this account do. */
  get #may() {
    const { value } = this.#features
    return { voice: mayCall(value), video: mayVideo(value) }
  }

  get #mayFade(): boolean {
    const { state } = this.#followed
    if (this.#story.look !== 'full' || state?.phase !== 'connected' || state.asks === 'they') return false
    if (this.#menu.anchor !== undefined || this.#story.wrong('') !== undefined) return false
    const { theirs, theirScreen } = this.#story.pictures
    const isWalked = this.screen?.querySelector(':focus-visible') != null
    return (theirs ?? theirScreen) !== undefined && !isWalked
  }

  async #place(account: string, video: boolean): Promise<void> {
    const { currentClient: client } = this
    if (client === undefined || this.#doings.isPlacing) return
    if (this.shows === 'end') this.#dismiss()
    await this.#doings.place({ client, account, video, name: this.#story.nameOf(account) })
  }

  #reply(call: Call, { decline }: CallActions): void {
    decline()
    this.dispatchEvent(new SelectEvent(call.account))
  }

  readonly #dismiss = () => this.#troubles.readAll(this.#followed.call)

  readonly #restore = () => {
    this.minimised = undefined
  }

  readonly #more = (event: Event) =>
    this.#menu.open(event.currentTarget as Element, this.say('more'), this.#windowItems)

  get #windowItems() {
    const { picture, words } = this
    const { call } = this.#followed
    // Menus and dialogs are outside the screen, and browsers take no input outside of what fills theirs: all of it does.
    const screen = this.screen === null ? null : this
    const windows = windowItems(words, { screen, picture, isFullScreen: this.#isFullScreen })
    if (call === undefined) return windows
    const failed = (error: unknown) => this.#doings.failedIn(call, error)
    return [...deviceItems({ words, call, devices: this.#devices, dialog: this.#dialog, failed }), ...windows]
  }

  get #isFullScreen(): boolean {
    return this.matches(':fullscreen')
  }

  /** What a menu offers is for the call as it was seen before. */
  readonly #changed = () => {
    this.#menu.close()
    this.requestUpdate()
  }

  /** What is seen has become another: the focus follows where the person meant it to, and never from where they write. */
  #show(look: CallLook | undefined): void {
    const before = this.#shows
    if (look === before) return
    this.#shows = look
    if (look === undefined) this.removeAttribute('shows')
    else this.setAttribute('shows', look)
    this.dispatchEvent(new Event('shows'))
    if (look !== 'full' && this.#isFullScreen) void document.exitFullscreen()
    if (before === 'ring' && this.#dialog.isOpen) this.#dialog.close()
    if (look === 'full') {
      this.#focus.keep()
      this.screen?.focus({ preventScroll: true })
    } else if (before !== undefined && !this.#focus.giveBack() && before === 'full') {
      this.renderRoot.querySelector<HTMLElement>('.call-bar button')?.focus()
    }
    if (look !== undefined && look !== 'end') this.#troubles.overtake()
    clearTimeout(this.#endTimer)
    if (look === 'end' && this.#story.end?.text === undefined) this.#endTimer = setTimeout(this.#read, endMs)
  }

  /** It was there long enough, unless somebody is just about to press something on it. */
  readonly #read = () => {
    if (this.card?.matches(':hover, :focus-within') !== true) return this.#dismiss()
    this.#endTimer = setTimeout(this.#read, endMs)
  }

  #alert(): void {
    const { call, state, quality, theirSources, isVoiceAfterAll } = this.#followed
    const { words, silent } = this
    const name = call === undefined ? '' : this.#story.nameOf(call.account)
    this.#alerts.update({
      call,
      state,
      silent,
      ringWords: state === undefined ? '' : ringWords(words, state, name),
      news: callNews(words, {
        state,
        quality,
        theirSources,
        isVoiceAfterAll,
        lost: this.#devices.lost,
        end: this.#story.end,
        name,
      }),
      announce: (text) => this.announce(text),
    })
  }

  #takeStage(): void {
    if (this.isConnected && this.client === undefined) this.#leaveStage ??= this.context?.takeStage(this)
  }

  readonly #keep = () => this.#focus.keep()

  readonly #keyInWindow = (event: KeyboardEvent) => {
    if (this.shows === 'ring' || this.shows === 'bar') this.#focus.keep()
    if (event.key !== 'F6' || this.shows !== 'ring' || event.defaultPrevented) return
    event.preventDefault()
    const { card } = this
    const button =
      card?.querySelector<HTMLElement>('.answer') ?? card?.querySelector<HTMLElement>('.choices button')
    button?.focus()
  }

  readonly #keyInRing = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    this.#focus.giveBack()
  }

  readonly #keyInScreen = (event: KeyboardEvent) => {
    this.#fade.wake()
    if (event.key === 'Escape' && !event.defaultPrevented) this.minimise()
    // Before the whole window, what is behind it is not seen.
    if (!this.contained && this.screen !== null) tabLoop(event, this.screen)
  }
}
