import type { SottoError } from '@sotto/protocol'
import type {
  MediaDevicesChosen,
  MediaLink,
  MediaQuality,
  MediaSources,
  MediaStreams,
} from '../ports/index.js'
import type { Readable } from '../readable.js'
import type { CallOutcome, CallPhase } from './call-row.js'

/** How a call stands. */
export interface CallState {
  readonly phase: CallPhase
  /** Of a call of ours: whether a device of the other side said that it rings. */
  readonly alerting: boolean
  /** Whether it is a video call: placed as one, or made one by consent. Each side may still have its camera off. */
  readonly video: boolean
  /** Who asks to make a video call of it. */
  readonly asks: 'nobody' | 'we' | 'they'
  /** Whether this tab has its media: else another one has, or nobody yet. */
  readonly here: boolean
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly connectedAt: number | undefined
  /** Of a call that is over. */
  readonly outcome: CallOutcome | undefined
  /** Why it failed, where this device knows. */
  readonly error: SottoError | undefined
}

export interface CallOptions {
  /** With a camera. Of `placeCall`: as a video call. Whoever answers one without a camera sees all the same. */
  readonly video?: boolean
  /**
   * The person agrees that the other side learns this device's network address. Asked for once, and only where the backend names no server that
   * passes media on: `call-direct` says so.
   */
  readonly direct?: boolean
}

/** A call with one other account. */
export interface Call {
  /** 128 random bits, in hexadecimal. */
  readonly id: string
  readonly account: string
  /** Whether we called. */
  readonly mine: boolean
  readonly state: Readable<CallState>
  readonly streams: Readable<MediaStreams>
  /** What is on at our side, and at theirs. */
  readonly sources: Readable<MediaSources>
  readonly theirSources: Readable<MediaSources>
  readonly quality: Readable<MediaQuality>
  readonly link: Readable<MediaLink>
  /** Answers a call that rings. Rejects with `call-over`, `call-refused`, `call-direct`, `forbidden`, `rate-limited`, `offline`. */
  answer(options?: CallOptions): Promise<void>
  decline(): Promise<void>
  hangUp(): Promise<void>
  /** Asks to make a video call of it; answers that question. Rejects with `forbidden` where the site does not let this account make one. */
  askVideo(): Promise<void>
  agreeVideo(): Promise<void>
  refuseVideo(): Promise<void>
  /**
   * Turns microphone, camera or screen on or off, and takes other devices for them, by their `deviceId`, which later calls use as well. A screen is video too: where the site
   * allows none, it is `forbidden`. Rejects with `no-camera`, `media-denied`, `media-in-use`, `call-refused`, `forbidden`.
   */
  set(sources: Partial<MediaSources>, devices?: MediaDevicesChosen): Promise<void>
}
