import { SottoError, callConsents } from '@sotto/protocol'
import type {
  Media,
  MediaDevicesChosen,
  MediaServer,
  MediaSession,
  MediaSources,
  MediaStreams,
  Time,
} from '../ports/index.js'
import { Writable } from '../readable.js'
import type { Call, CallOptions, CallState } from './call-api.js'
import type { CallOutcome, CallRow } from './call-row.js'
import { CallPatience } from './call-patience.js'
import { isRefused, type CallEffect, type CallEvent } from './call-state.js'
import { SessionMirror } from './session-mirror.js'
import { ToldSources } from './told-sources.js'

export interface TabCallContext {
  readonly tab: string
  readonly time: Time
  readonly media: Media | undefined
  /** Commits an event and tells all tabs. Rejects with `call-over`, `call-refused`. */
  readonly apply: (id: string, event: CallEvent) => Promise<void>
  /** Whether the site lets this account take part in a video call. */
  readonly mayVideo: () => boolean
  /** Throws `forbidden` where the site does not let this account make such a call. */
  readonly allow: (video: boolean) => void
  /** Has servers named to this call. Rejects with `forbidden`, and `call-direct` where there are none and the person has not agreed to that. */
  readonly prepare: (options: Required<CallOptions>) => Promise<void>
  /** Those that the person chose for calls. */
  readonly devices: () => MediaDevicesChosen
  readonly chosen: (devices: MediaDevicesChosen) => Promise<void>
  /** Whether the person lets calls with the account go directly. */
  readonly direct: () => Promise<boolean>
  /** Those that were named; anew where they have become old. Rejects as `prepare`. */
  readonly servers: (options: { readonly video: boolean }) => Promise<readonly MediaServer[]>
}

/** A call as one tab sees it. The tab in which it was placed or answered also has its media. */
export class TabCall implements Call {
  readonly id: string
  readonly account: string
  readonly mine: boolean
  readonly state: Writable<CallState>
  readonly theirSources = new Writable<MediaSources>({ microphone: true, camera: true, screen: false })
  readonly #mirror = new SessionMirror()
  readonly #told = new ToldSources(this.#mirror.sources, (sources) =>
    this.#context.apply(this.id, { name: 'status', ...sources }),
  )
  readonly #context: TabCallContext
  readonly #over = new AbortController()
  readonly #patience: CallPatience
  #session: MediaSession | undefined
  /** Ours alone: effects one after the other, and what the media say in the order in which they said it. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(row: CallRow, context: TabCallContext) {
    this.id = row.id
    this.account = row.account
    this.mine = row.mine
    this.#context = context
    this.state = new Writable(stateOf(row, context.tab, undefined))
    this.#patience = new CallPatience({ ...context, say: (event) => this.#say(event) })
    this.#patience.watch(row)
  }

  get streams(): Writable<MediaStreams> {
    return this.#mirror.streams
  }
  get sources(): Writable<MediaSources> {
    return this.#mirror.sources
  }
  get quality() {
    return this.#mirror.quality
  }
  get link() {
    return this.#mirror.link
  }

  async answer({ video = false, direct = false }: CallOptions = {}): Promise<void> {
    const { media, prepare, apply, tab, mayVideo } = this.#context
    if (media === undefined) throw new SottoError('call-refused', { reason: 'this client has no media' })
    await prepare({ video, direct })
    await apply(this.id, { name: 'answer', tab, camera: video, video: mayVideo() })
  }

  decline = (): Promise<void> => this.#context.apply(this.id, { name: 'decline' })
  hangUp = (): Promise<void> => this.#context.apply(this.id, { name: 'hang-up' })
  askVideo = (): Promise<void> => this.#consent(callConsents.ask)
  agreeVideo = (): Promise<void> => this.#consent(callConsents.agree)
  refuseVideo = (): Promise<void> => this.#consent(callConsents.refuse)

  async set(sources: Partial<MediaSources>, devices?: MediaDevicesChosen): Promise<void> {
    if (this.#session === undefined) throw new SottoError('call-refused', { reason: 'not in this tab' })
    if (sources.camera === true || sources.screen === true) this.#context.allow(true)
    if (sources.camera === true && !this.state.value.video)
      throw new SottoError('call-refused', { reason: 'a voice call' })
    await this.#session.set(sources, devices)
    // They are used in this call even where they could not be kept for the next.
    if (devices !== undefined) await this.#context.chosen(devices).catch(() => undefined)
    await this.#told.tell()
  }

  /** What the store says of it now. */
  show(row: CallRow): void {
    const before = this.state.value
    this.state.set(stateOf(row, this.#context.tab, before.error))
    this.#patience.watch(row)
    if (before.video || !row.video || this.#session === undefined) return
    // Who asked for video, or agreed to it, wants to be seen.
    void this.set({ camera: true }).catch((error: unknown) => this.#failed(error))
  }

  /** Does what a commit asks of the tab that has the call. */
  take(effects: readonly CallEffect[]): void {
    for (const effect of effects) {
      this.#queue = this.#queue.then(() => this.#do(effect)).catch((error: unknown) => this.#failed(error))
    }
  }

  /** It is over, or the client is closed: every device is let go. */
  end(outcome: CallOutcome | undefined): void {
    this.#end()
    this.state.set({ ...this.state.value, phase: 'over', asks: 'nobody', outcome })
  }

  async #do(effect: CallEffect): Promise<void> {
    if (effect.name === 'open') await this.#open(effect.offers, effect.video)
    else if (effect.name === 'status') this.theirSources.set(sourcesOf(effect))
    else if (effect.name === 'close') this.#end()
    else if (effect.name === 'take') {
      await this.#session?.take(effect.media).catch((error: unknown) => {
        // It cannot be right: what we have goes on as it is.
        if (!isRefused(error)) throw error
      })
    }
  }

  async #open(offers: boolean, video: boolean): Promise<void> {
    const { media, servers, direct, devices } = this.#context
    try {
      if (media === undefined) throw new SottoError('call-refused', { reason: 'this client has no media' })
      const [list, isDirect] = await Promise.all([servers({ video }), direct()])
      const session = await media.open({
        offers,
        video,
        devices: devices(),
        servers: list,
        freshServers: () => servers({ video: false }),
        relayOnly: list.length > 0 && !isDirect,
        onsignal: (signal) => {
          const first = signal.type === 'offer' && !this.mine && this.state.value.phase === 'accepted'
          this.#say({ name: first && !this.#offered ? 'offer' : 'media', media: signal })
          this.#offered ||= first
        },
      })
      if (this.#over.signal.aborted) return session.close()
      this.#session = session
      this.#mirror.show(session, (link) => this.#linked(link))
    } catch (error) {
      this.#failed(error)
      this.#say({ name: 'failed' })
    }
  }

  #offered = false

  #linked(link: string): void {
    const { phase } = this.state.value
    if (link === 'connected' && phase !== 'connected') {
      this.#say({ name: 'connected' })
      this.#told.begin()
    } else if (link === 'lost' || link === 'failed' || link === 'left') this.#say({ name: link })
  }

  async #consent(taken: number): Promise<void> {
    if (taken !== callConsents.refuse) this.#context.allow(true)
    await this.#context.apply(this.id, { name: 'consent', step: taken })
  }

  /** In the order in which it happened; what does not fit any more is of no use. */
  #say(event: CallEvent): void {
    this.#said = this.#said
      .then(() => this.#context.apply(this.id, event))
      .catch((error: unknown) => {
        if (!isRefused(error)) this.#failed(error)
      })
  }
  #said: Promise<void> = Promise.resolve()

  #failed(error: unknown): void {
    // What is none of ours is of the media: whoever brought them finds it as the cause, and the call goes its way all the same.
    const ours = SottoError.is(error)
      ? error
      : new SottoError('call-refused', { reason: 'the media failed' }, { cause: error })
    this.state.set({ ...this.state.value, error: ours })
  }

  #end(): void {
    this.#over.abort()
    this.#patience.stop()
    this.#told.stop()
    this.#session?.close()
    this.#mirror.stop()
    this.#session = undefined
  }
}

const sourcesOf = ({ microphone, camera, screen }: MediaSources): MediaSources => ({
  microphone,
  camera,
  screen,
})

function stateOf(row: CallRow, ourTab: string, error: SottoError | undefined): CallState {
  const { phase, alerting = [], video, asks, tab, startedAt, connectedAt, outcome } = row
  const here = tab === ourTab
  return { phase, alerting: alerting.length > 0, video, asks, here, startedAt, connectedAt, outcome, error }
}
