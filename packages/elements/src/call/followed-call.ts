import type { Call, CallState, Client } from '@sotto/core'
import type { MediaQuality, MediaSources, MediaStreams } from './media-types.js'
import type { ReactiveControllerHost } from 'lit'
import { ReadableController } from '../readable-controller.js'

/** Watches the call of a client, and keeps it for its last words when the client has let it go. */
export class FollowedCall {
  readonly #current: ReadableController<Call | undefined>
  readonly #state: ReadableController<CallState>
  readonly #streams: ReadableController<MediaStreams>
  readonly #sources: ReadableController<MediaSources>
  readonly #theirSources: ReadableController<MediaSources>
  readonly #quality: ReadableController<MediaQuality>
  #client: Client | undefined
  #call: Call | undefined
  #lastedMs: number | undefined
  #wasVideo = false

  constructor(host: ReactiveControllerHost & Element, client: () => Client | undefined) {
    this.#current = new ReadableController(host, () => client()?.call)
    // Asked in this order before every update, so the others follow what the first has found.
    this.#state = new ReadableController(host, () => this.#follow(client())?.state)
    this.#streams = new ReadableController(host, () => this.#call?.streams)
    this.#sources = new ReadableController(host, () => this.#call?.sources)
    this.#theirSources = new ReadableController(host, () => this.#call?.theirSources)
    this.#quality = new ReadableController(host, () => this.#call?.quality)
  }

  get call(): Call | undefined {
    return this.#call
  }
  get state(): CallState | undefined {
    return this.#state.value
  }
  get streams(): MediaStreams | undefined {
    return this.#streams.value
  }
  get sources(): MediaSources {
    return this.#sources.value ?? { microphone: true, camera: false, screen: false }
  }
  /** Whether there is a microphone to be muted, or was one before it was pulled out: while the browser asks for it, there is none. */
  get hasMicrophone(): boolean {
    const { phase } = this.state ?? {}
    return (
      phase === 'connected' || phase === 'lost' || (phase === 'accepted' && this.streams?.voice !== undefined)
    )
  }
  get theirSources(): MediaSources | undefined {
    return this.#theirSources.value
  }
  get quality(): MediaQuality {
    return this.#quality.value ?? 'good'
  }

  /** Whether we placed a video call, and the other side takes part by voice alone. */
  get isVoiceAfterAll(): boolean {
    return this.#wasVideo && this.#call?.mine === true && this.state?.video === false
  }

  /** How long it has been connected; stands still when it is over. */
  get lastedMs(): number {
    const { state } = this
    if (state?.connectedAt === undefined) return 0
    const lasted = Math.max(0, Date.now() - state.connectedAt)
    if (state.phase !== 'over') return lasted
    return (this.#lastedMs ??= lasted)
  }

  #follow(client: Client | undefined): Call | undefined {
    if (client !== this.#client) this.#call = undefined
    this.#client = client
    const current = this.#current.value
    if (current !== undefined && current !== this.#call) {
      this.#lastedMs = undefined
      this.#wasVideo = false
      this.#call = current
    }
    this.#wasVideo ||= this.#call?.state.value.video === true
    return this.#call
  }
}
