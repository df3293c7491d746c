import { SottoError, type CallMedia } from '@sotto/protocol'
import type {
  MediaLink,
  MediaOptions,
  MediaQuality,
  MediaDevicesChosen,
  MediaSession,
  MediaSources,
  MediaStreams,
} from '@sotto/core/ports'
import { ownCandidate } from './candidates.js'
import { CandidateBatch } from './candidate-batch.js'
import type { Source } from './capture.js'
import { isCommitted } from './certificate.js'
import { EndChannel } from './end-channel.js'
import type { Sound } from './flow.js'
import { nextLink } from './link-state.js'
import { Negotiation } from './negotiation.js'
import { onNetworkChange } from './network-changes.js'
import { OwnTracks, allSources } from './own-tracks.js'
import { watchQuality } from './quality-watch.js'
import { noStreams, streamOf } from './shown-streams.js'
import { steadySounds } from './steady-sounds.js'
import { TurnAccess, configurationOf } from './turn-access.js'
import { Value } from './value.js'

/** Sections of a description by what they carry. They are made once: turning a source on or off changes what is in them. */
const places: Readonly<Record<Source, number>> = { microphone: 0, camera: 1, screen: 2 }
const byeMs = 250
const lookMs = 1_000

/** One end of a call from browser to browser. */
export class PeerSession implements MediaSession {
  readonly link = new Value<MediaLink>('connecting')
  readonly streams = new Value<MediaStreams>(noStreams)
  readonly sources = new Value<MediaSources>({ microphone: false, camera: false, screen: false })
  readonly quality = new Value<MediaQuality>('good')
  readonly #connection: RTCPeerConnection
  readonly #access: TurnAccess
  readonly #negotiation: Negotiation
  readonly #channel: EndChannel
  readonly #tracks: OwnTracks
  readonly #candidates: CandidateBatch
  readonly #stops: readonly (() => void)[]
  #vouched = false
  #silent = false
  #closed = false
  #restarting: ReturnType<typeof setInterval> | undefined

  private constructor(options: MediaOptions, sounds: readonly Sound[]) {
    const { relayOnly, onsignal } = options
    const connection = new RTCPeerConnection(configurationOf(options, options.servers))
    this.#connection = connection
    this.#access = new TurnAccess(connection, options)
    this.#channel = new EndChannel(connection, {
      // Of whom the certificate was not looked at, no word counts: that the other one goes, neither.
      left: () => this.#ends(this.#vouched ? 'left' : 'failed'),
      silent: (silent) => {
        this.#silent = silent
        this.#relink()
      },
    })
    this.#candidates = new CandidateBatch((candidates) => onsignal({ type: 'candidates', candidates }))
    const replace = (source: Source, track: MediaStreamTrack | null) => this.#replace(source, track)
    this.#tracks = new OwnTracks({ replace, changed: () => this.#show() }, options.devices)
    this.#negotiation = new Negotiation(connection, {
      offers: options.offers,
      sounds,
      own: this.#candidates,
      onsignal,
      onoffer: () => this.#join(),
      onasked: () => this.#look(),
    })
    connection.onicecandidate = ({ candidate }) => {
      const ours = candidate === null ? undefined : ownCandidate(candidate, relayOnly)
      if (ours !== undefined) this.#candidates.add(ours)
    }
    connection.onconnectionstatechange = () => void this.#connected()
    const pageGoes = () => this.close()
    globalThis.addEventListener?.('pagehide', pageGoes)
    this.#stops = [
      () => globalThis.removeEventListener?.('pagehide', pageGoes),
      watchQuality(connection, (quality) => this.quality.set(quality)),
      onNetworkChange(() => this.#look()),
    ]
  }

  /** Takes the tracks; on failure too they are let go. */
  static async start(options: MediaOptions, tracks: readonly MediaStreamTrack[]): Promise<PeerSession> {
    const session = new PeerSession(options, await steadySounds())
    try {
      if (options.offers)
        for (const kind of ['audio', 'video', 'video']) session.#connection.addTransceiver(kind)
      for (const track of tracks)
        await session.#tracks.add(track.kind === 'audio' ? 'microphone' : 'camera', track)
      if (options.offers) await session.#negotiation.offer()
      return session
    } catch (error) {
      session.close()
      throw error
    }
  }

  take(media: CallMedia): Promise<void> {
    return this.#negotiation.take(media)
  }

  set(sources: Partial<MediaSources>, devices?: MediaDevicesChosen): Promise<void> {
    return this.#tracks.set(sources, devices)
  }

  async restart(): Promise<void> {
    await this.#access.renew()
    await this.#negotiation.restart()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const said = this.#channel.sayBye()
    clearInterval(this.#restarting)
    for (const stop of this.#stops) stop()
    this.#channel.stop()
    this.#negotiation.stop()
    this.#tracks.stop()
    this.#candidates.stop()
    this.streams.set(noStreams)
    this.sources.set(this.#tracks.sources)
    // What was said has to get out before the connection ends.
    if (said) setTimeout(() => this.#connection.close(), byeMs)
    else this.#connection.close()
  }

  /** The answering end has the sections of the offer: it sends in all of them what it has. */
  async #join(): Promise<void> {
    await this.#access.renew()
    for (const one of this.#connection.getTransceivers()) one.direction = 'sendrecv'
    for (const source of allSources) await this.#replace(source, this.#tracks.get(source) ?? null)
  }

  async #replace(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.#connection.getTransceivers()[places[source]]?.sender
    if (sender !== undefined && sender.track !== track && !this.#closed) await sender.replaceTrack(track)
  }

  #show(): void {
    if (this.#closed) return
    const [voice, camera, screen] = allSources.map((source) => this.#tracks.get(source))
    const theirs = this.#connection.getTransceivers().map((one) => one.receiver.track)
    const before = this.streams.value
    this.streams.set({
      voice: streamOf(before.voice, voice),
      local: streamOf(before.local, camera),
      // Nothing of the other end is shown before its certificate was looked at.
      remote: this.#vouched ? streamOf(before.remote, theirs[0], theirs[1]) : undefined,
      localScreen: streamOf(before.localScreen, screen),
      remoteScreen: this.#vouched ? streamOf(before.remoteScreen, theirs[2]) : undefined,
    })
    this.sources.set(this.#tracks.sources)
  }

  async #connected(): Promise<void> {
    if (this.#connection.connectionState === 'connected' && !this.#vouched && !this.#closed) {
      const { fingerprint } = this.#negotiation
      const committed =
        fingerprint !== undefined && (await isCommitted(this.#connection, fingerprint)) !== false
      if (!committed) return this.#ends('failed')
      this.#vouched = true
      this.#show()
    }
    this.#relink()
  }

  #relink(): void {
    if (this.#closed) return
    const { connectionState: connection } = this.#connection
    const link = nextLink(this.link.value, { connection, vouched: this.#vouched, silent: this.#silent })
    if (link === 'failed') return this.#ends(link)
    this.link.set(link)
    if (link !== 'lost') {
      clearInterval(this.#restarting)
      this.#restarting = undefined
    } else if (this.#restarting === undefined) {
      // Both ends try: what one of them says may not get through.
      const tryAgain = () => this.#negotiation.isTrying || this.#look()
      this.#restarting = setInterval(tryAgain, lookMs)
      tryAgain()
    }
  }

  /** Looks for another way by itself, also where one is looked for: the network is another, or the other end says so. */
  #look(): void {
    if (this.link.value === 'connected' || this.link.value === 'lost')
      this.restart().catch((error: unknown) => {
        if (!SottoError.is(error, 'call-over')) throw error
      })
  }

  #ends(link: 'left' | 'failed'): void {
    if (this.#closed) return
    this.link.set(link)
    this.close()
  }
}
