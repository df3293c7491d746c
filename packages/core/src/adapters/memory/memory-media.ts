import { SottoError, randomBytes, toHex, type CallMedia } from '@sotto/protocol'
import type {
  Media,
  MediaCheckOptions,
  MediaDevicesChosen,
  MediaLink,
  MediaOptions,
  MediaQuality,
  MediaServer,
  MediaSession,
  MediaSources,
  MediaStreams,
} from '@sotto/core/ports'
import { MemoryCheck } from './memory-check.js'
import { Value } from './value.js'

/** A place where media meet in memory: whoever takes the other's description is connected with it. For tests, and clients in one process. */
export class MemoryMedia implements Media {
  readonly #sessions: Map<string, MemoryMediaSession>
  /** Every session that was ever opened here: before an accept there is none. */
  readonly opened: MemoryMediaSession[] = []
  /** Every check that was ever begun here. */
  readonly checks: MemoryCheck[] = []
  /** Told when one is opened. */
  onopen: (() => void) | undefined
  /** What every `open` and `check` rejects with. */
  refusal: SottoError | undefined

  /** `other`: whose sessions can be met. */
  constructor(other?: MemoryMedia) {
    this.#sessions = other === undefined ? new Map<string, MemoryMediaSession>() : other.#sessions
  }

  open(options: MediaOptions): Promise<MediaSession> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal)
    const session = new MemoryMediaSession(options, this.#sessions)
    this.opened.push(session)
    this.onopen?.()
    return Promise.resolve(session)
  }

  check(options: MediaCheckOptions): Promise<MemoryCheck> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal)
    const check = new MemoryCheck(options)
    this.checks.push(check)
    return Promise.resolve(check)
  }
}

/** One end in memory. Its descriptions are `offer ID` and `answer ID`. */
export class MemoryMediaSession implements MediaSession {
  readonly link = new Value<MediaLink>('connecting')
  readonly streams = new Value<MediaStreams>({
    voice: undefined,
    local: undefined,
    remote: undefined,
    localScreen: undefined,
    remoteScreen: undefined,
  })
  readonly sources: Value<MediaSources>
  readonly quality = new Value<MediaQuality>('good')
  readonly options: MediaOptions
  /** The devices it would capture. */
  devices: MediaDevicesChosen
  /** Those it would go through now. */
  servers: readonly MediaServer[]
  readonly #id = toHex(randomBytes(8))
  readonly #sessions: Map<string, MemoryMediaSession>
  #other: string | undefined
  #closed = false

  constructor(options: MediaOptions, sessions: Map<string, MemoryMediaSession>) {
    this.options = options
    this.servers = options.servers
    this.devices = options.devices ?? {}
    this.#sessions = sessions
    this.sources = new Value<MediaSources>({ microphone: true, camera: options.video, screen: false })
    sessions.set(this.#id, this)
    if (options.offers) queueMicrotask(() => this.#describe('offer'))
  }

  /** Whom this end was told of. */
  get other(): string | undefined {
    return this.#other
  }

  get closed(): boolean {
    return this.#closed
  }

  take(media: CallMedia): Promise<void> {
    if (media.type === 'candidates' || media.type === 'restart') return Promise.resolve()
    const [kind, id] = media.sdp.split(' ')
    const expected = this.options.offers ? 'answer' : 'offer'
    if (this.#closed || kind !== expected || media.type !== expected || id === undefined)
      return Promise.reject(new SottoError('call-refused', { reason: 'no description' }))
    this.#other = id
    if (media.type === 'offer') this.#describe('answer')
    this.meet()
    this.#sessions.get(id)?.meet()
    return Promise.resolve()
  }

  set(sources: Partial<MediaSources>, devices: MediaDevicesChosen = {}): Promise<void> {
    this.devices = { ...this.devices, ...devices }
    this.sources.set({ ...this.sources.value, ...sources })
    return Promise.resolve()
  }

  async restart(): Promise<void> {
    this.servers = (await this.options.freshServers?.().catch(() => undefined)) ?? this.servers
    this.meet()
  }

  /** The network between both ends goes, or comes back. */
  cut(): void {
    this.link.set('lost')
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#sessions.delete(this.#id)
    const other = this.#other === undefined ? undefined : this.#sessions.get(this.#other)
    // What the network does not carry tells nobody.
    if (other === undefined || this.link.value === 'lost') return
    if (other.link.value !== 'connecting') other.link.set('left')
  }

  #describe(kind: 'offer' | 'answer'): void {
    if (!this.#closed) this.options.onsignal({ type: kind, sdp: `${kind} ${this.#id}` })
  }

  /** Connected when both know each other. */
  meet(): void {
    const other = this.#other === undefined ? undefined : this.#sessions.get(this.#other)
    if (!this.#closed && other?.other === this.#id) this.link.set('connected')
  }
}
