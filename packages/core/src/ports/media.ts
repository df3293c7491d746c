import type { CallMedia, SottoError } from '@sotto/protocol'
import type { Readable } from './readable.js'

/** A server that passes media on without being able to read it (TURN, RFC 8656), as the backend names it. */
export interface MediaServer {
  /** `turn:` and `turns:` addresses. */
  readonly urls: readonly string[]
  readonly username: string
  readonly credential: string
  /** How long these let anybody in, in milliseconds from when they were named. Without an end unless said. */
  readonly lastsMs?: number
}

/** What one side of a call gives and gets: the other person's face and voice in one, a screen in another. */
export interface MediaStreams {
  /** One's own voice: to measure how loud it is, and to see which microphone it comes from. Never to be played, as its owner would hear themselves. */
  readonly voice: MediaStream | undefined
  /** One's own face, without the voice. */
  readonly local: MediaStream | undefined
  readonly remote: MediaStream | undefined
  readonly localScreen: MediaStream | undefined
  readonly remoteScreen: MediaStream | undefined
}

/**
 * How the connection stands. `lost`: nothing comes just now, and the session looks for another way by itself. `failed`: it never came about, or
 * the other end is not the one that its description committed to. `left`: the other end said, or its page's end made it plain, that it is gone.
 * After the last two everything is let go.
 */
export type MediaLink = 'connecting' | 'connected' | 'lost' | 'failed' | 'left'

/** Whether the connection does well, by what is lost and how long it takes. */
export type MediaQuality = 'good' | 'fair' | 'poor'

/** What is on at one side. A device that disappears, or that the browser's own "stop" ends, is off. */
export interface MediaSources {
  readonly microphone: boolean
  readonly camera: boolean
  readonly screen: boolean
}

/** Which device is to be used, by its `deviceId` (Media Capture and Streams, section 9.2.1). */
export interface MediaDevicesChosen {
  readonly microphone?: string
  readonly camera?: string
}

export interface MediaOptions {
  /** Whether this end makes the offers, the first one and those that look for another way: the device that accepted does. The other end asks for them. */
  readonly offers: boolean
  readonly video: boolean
  /** Used where they are there; else the next best is. */
  readonly devices?: MediaDevicesChosen
  readonly servers: readonly MediaServer[]
  /** Names them again where they have become old. Asked before a session looks for another way; where it rejects, those it has are used. */
  readonly freshServers?: () => Promise<readonly MediaServer[]>
  /** Whether only addresses of `servers` may be used, so that the other side learns none of ours. */
  readonly relayOnly: boolean
  /** Something for the other end, in order. */
  readonly onsignal: (media: CallMedia) => void
}

/** Joins calls: peer to peer, or through a server. Nothing is captured, gathered or parsed before `open` is called. */
export interface Media {
  /**
   * Captures, and gets ready to connect. Rejects with `no-microphone`, `media-denied`, `media-in-use`, and lets everything go; with
   * `wrong-argument` where only servers may be used and there is none. A camera that is missing or refused ends nothing: the call goes on with
   * voice, `sources` says so, and `set({ camera: true })` rejects with why.
   */
  open(options: MediaOptions): Promise<MediaSession>
  /**
   * Captures to try it, without a call: nothing leaves this device. Where one of the two sources is missing or refused, `troubles` says why and
   * the other is there. Rejects where nothing can be had, with the microphone's `no-microphone`, `media-denied`, `media-in-use`.
   */
  check(options: MediaCheckOptions): Promise<MediaCheck>
}

export interface MediaCheckOptions {
  /** A camera as well. */
  readonly video: boolean
  /** Used where they are there; else the next best is. */
  readonly devices?: MediaDevicesChosen
}

/** Why a source that was asked for is off. */
export interface MediaTroubles {
  readonly microphone?: SottoError
  readonly camera?: SottoError
}

/** A microphone and a camera that are tried. */
export interface MediaCheck {
  readonly streams: Readable<Pick<MediaStreams, 'voice' | 'local'>>
  readonly sources: Readable<Pick<MediaSources, 'microphone' | 'camera'>>
  readonly troubles: Readable<MediaTroubles>
  /** As `MediaSession.set`. What fails and leaves its source off stands in `troubles`, too. */
  set(
    sources: Partial<Pick<MediaSources, 'microphone' | 'camera'>>,
    devices?: MediaDevicesChosen,
  ): Promise<void>
  /** Lets every device go. It also closes by itself when the page goes. */
  close(): void
}

/** One end of one call. */
export interface MediaSession {
  readonly link: Readable<MediaLink>
  readonly streams: Readable<MediaStreams>
  readonly sources: Readable<MediaSources>
  readonly quality: Readable<MediaQuality>
  /** What the other end said, in order. Rejects with `call-refused` for what cannot be right, and nothing is changed; with `call-over` after `close`. */
  take(media: CallMedia): Promise<void>
  /**
   * Turns sources on or off. A camera, and a screen, are asked for when they are turned on, and let go when they are turned off. Rejects with
   * `no-microphone`, `no-camera`, `media-denied`, `media-in-use`: that source stays off; with `call-over` after `close`. A device that is chosen takes the
   * place of the one before, and is used for the rest of the session.
   */
  set(sources: Partial<MediaSources>, devices?: MediaDevicesChosen): Promise<void>
  /** Looks for another way between the two ends. */
  restart(): Promise<void>
  /** Ends it and lets every device go; where it can, the other end is told. `left` is not said of our own. */
  close(): void
}
