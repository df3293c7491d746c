import { SottoError, check, type CallMedia } from '@sotto/protocol'
import type {
  MediaLink,
  MediaOptions,
  MediaQuality,
  MediaSession,
  MediaSources,
  MediaStreams,
} from '@sotto/core/ports'
import { acceptCandidate, ownCandidate } from './candidates.js'
import { CandidateBatch } from './candidate-batch.js'
import type { Source } from './capture.js'
import { isCommitted } from './certificate.js'
import { acceptDescription, ownDescription, type Commitment } from './descriptions.js'
import { OwnTracks } from './own-tracks.js'
import { QualityWatch } from './quality-watch.js'
import { Value } from './value.js'

/** Sections of a description by what they carry. */
const places: Readonly<Record<Source, number>> = { microphone: 0, camera: 1, screen: 2 }
const bye = 'bye'
const byeMs = 250
const restartMs = 3_000

/** One end of a call from browser to browser. The end that `offers` decides when both describe at once. */
export class PeerSession implements MediaSession {
  readonly link = new Value<MediaLink>('connecting')
  readonly streams = new Value<MediaStreams>({
    local: undefined,
    remote: undefined,
    localScreen: undefined,
    remoteScreen: undefined,
  })
  readonly sources = new Value<MediaSources>({ microphone: false, camera: false, screen: false })
  readonly quality = new Value<MediaQuality>('good')
  readonly #options: MediaOptions
  readonly #connection: RTCPeerConnection
  readonly #channel: RTCDataChannel
  readonly #tracks: OwnTracks
  readonly #candidates: CandidateBatch
  readonly #watch: QualityWatch
  /** What the other end committed to with its first description. */
  #commitment: Commitment | undefined
  #describing = false
  #ignoring = false
  #closed = false
  #early: RTCIceCandidateInit[] = []
  #queue: Promise<unknown> = Promise.resolve()
  #restarting: ReturnType<typeof setInterval> | undefined

  private constructor(options: MediaOptions) {
    this.#options = options
    const { servers, relayOnly, onsignal } = options
    this.#connection = new RTCPeerConnection({
      iceServers: servers.map(({ urls, username, credential }) => ({
        urls: [...urls],
        username,
        credential,
      })),
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
    })
    // In the same encryption as the media: says that this end goes, and by its end that the page is gone.
    this.#channel = this.#connection.createDataChannel('end', { negotiated: true, id: 0 })
    this.#channel.onmessage = ({ data }) => data === bye && this.#left()
    this.#channel.onclose = () => this.#left()
    this.#candidates = new CandidateBatch((candidates) =>
      onsignal({ type: 'candidates', candidates: [...candidates] }),
    )
    this.#tracks = new OwnTracks({
      replace: (source, track) => this.#replace(source, track),
      changed: () => this.#show(),
    })
    this.#watch = new QualityWatch(this.#connection, (quality) => this.quality.set(quality))
    this.#connection.onicecandidate = ({ candidate }) => {
      const ours = candidate === null ? undefined : ownCandidate(candidate, relayOnly)
      if (ours !== undefined) this.#candidates.add(ours)
    }
    this.#connection.onconnectionstatechange = () => void this.#connected()
    this.#connection.ontrack = () => this.#show()
    globalThis.addEventListener?.('pagehide', this.#pageGoes)
    globalThis.addEventListener?.('online', this.#networkIsBack)
  }

  static async start(
    options: MediaOptions,
    {
      microphone,
      camera,
    }: { readonly microphone: MediaStreamTrack; readonly camera: MediaStreamTrack | undefined },
  ): Promise<PeerSession> {
    const session = new PeerSession(options)
    if (options.offers)
      for (const kind of ['audio', 'video', 'video']) session.#connection.addTransceiver(kind)
    await session.#tracks.add('microphone', microphone)
    if (camera !== undefined) await session.#tracks.add('camera', camera)
    if (options.offers) await session.#describe()
    return session
  }

  /** One after the other, in the order in which they came. */
  take(media: CallMedia): Promise<void> {
    const taking = this.#queue.then(() => this.#take(media))
    this.#queue = taking.catch(() => undefined)
    return taking
  }

  set(sources: Partial<MediaSources>): Promise<void> {
    return this.#tracks.set(sources)
  }

  async restart(): Promise<void> {
    if (this.#closed || this.#connection.signalingState !== 'stable') return
    await this.#describe({ iceRestart: true })
  }

  close(): void {
    if (this.#closed) return
    const said = this.#channel.readyState === 'open'
    if (said) this.#channel.send(bye)
    this.#end()
    // What was said has to get out before the connection ends.
    if (said) setTimeout(() => this.#connection.close(), byeMs)
    else this.#connection.close()
  }

  async #take(media: CallMedia): Promise<void> {
    if (this.#closed) throw new SottoError('call-over')
    if (media.type === 'candidates') {
      const accepted = media.candidates.map(acceptCandidate)
      if (this.#ignoring) return
      if (this.#connection.remoteDescription === null) this.#early.push(...accepted)
      else for (const one of accepted) await this.#add(one)
      return
    }
    const { type } = media
    const { sdp, fingerprint } = acceptDescription(media.sdp, type, this.#commitment)
    const stable = this.#connection.signalingState === 'stable' && !this.#describing
    check(type === 'offer' || this.#connection.signalingState === 'have-local-offer', 'call-refused', {
      reason: 'an answer to nothing',
    })
    this.#ignoring = type === 'offer' && !stable && this.#options.offers
    if (this.#ignoring) return
    await refusing(this.#connection.setRemoteDescription({ type, sdp }))
    this.#commitment = { fingerprint }
    for (const one of this.#early.splice(0)) await this.#add(one)
    if (type === 'offer') await this.#answer()
  }

  async #answer(): Promise<void> {
    for (const one of this.#connection.getTransceivers()) one.direction = 'sendrecv'
    for (const source of ['microphone', 'camera', 'screen'] as const)
      await this.#replace(source, this.#tracks.get(source) ?? null)
    await this.#connection.setLocalDescription()
    this.#say('answer')
  }

  async #describe(options?: RTCOfferOptions): Promise<void> {
    this.#describing = true
    try {
      const offer = await this.#connection.createOffer(options)
      if (this.#connection.signalingState !== 'stable') return
      await this.#connection.setLocalDescription(offer)
      this.#say('offer')
    } finally {
      this.#describing = false
    }
  }

  #say(type: 'offer' | 'answer'): void {
    const { localDescription } = this.#connection
    if (localDescription !== null) this.#options.onsignal({ type, sdp: ownDescription(localDescription.sdp) })
  }

  async #add(candidate: RTCIceCandidateInit): Promise<void> {
    await refusing(this.#connection.addIceCandidate(candidate))
  }

  async #replace(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const transceiver = this.#connection.getTransceivers()[places[source]]
    if (transceiver !== undefined && transceiver.sender.track !== track)
      await transceiver.sender.replaceTrack(track)
  }

  #show(): void {
    if (this.#closed) return
    const remote = this.#connection.getTransceivers().map((one) => one.receiver.track)
    const [camera, screen] = [this.#tracks.get('camera'), this.#tracks.get('screen')]
    const ready = this.#connection.remoteDescription !== null
    this.streams.set({
      local: streamOf(this.streams.value.local, camera),
      remote: ready ? streamOf(this.streams.value.remote, remote[0], remote[1]) : undefined,
      localScreen: streamOf(this.streams.value.localScreen, screen),
      remoteScreen: ready ? streamOf(this.streams.value.remoteScreen, remote[2]) : undefined,
    })
    this.sources.set(this.#tracks.sources)
  }

  async #connected(): Promise<void> {
    const { connectionState } = this.#connection
    if (this.#closed) return
    if (connectionState === 'connected') {
      clearInterval(this.#restarting)
      this.#restarting = undefined
      const committed =
        this.#commitment !== undefined &&
        (await isCommitted(this.#connection, this.#commitment.fingerprint)) !== false
      if (this.#closed) return
      this.#show()
      this.link.set(committed ? 'connected' : 'failed')
      if (!committed) this.close()
    } else if (connectionState === 'failed' && this.link.value === 'connecting') this.link.set('failed')
    else if (connectionState === 'disconnected' || connectionState === 'failed') this.#lost()
  }

  #lost(): void {
    if (this.link.value === 'connecting') return
    this.link.set('lost')
    // The end that offers looks for another way; the other one joins in after a while, in case that it cannot.
    if (this.#options.offers) void this.restart().catch(() => undefined)
    this.#restarting ??= setInterval(() => void this.restart().catch(() => undefined), restartMs)
  }

  #left(): void {
    if (this.#closed || this.link.value === 'connecting') return
    this.link.set('left')
    this.close()
  }

  #end(): void {
    this.#closed = true
    clearInterval(this.#restarting)
    this.#tracks.stop()
    this.#candidates.stop()
    this.#watch.stop()
    globalThis.removeEventListener?.('pagehide', this.#pageGoes)
    globalThis.removeEventListener?.('online', this.#networkIsBack)
  }

  readonly #pageGoes = (): void => this.close()

  readonly #networkIsBack = (): void => {
    if (this.link.value === 'lost' || this.link.value === 'connected')
      void this.restart().catch(() => undefined)
  }
}

/** A stream of these tracks: the one there was, where it has them. */
function streamOf(
  before: MediaStream | undefined,
  ...tracks: readonly (MediaStreamTrack | undefined)[]
): MediaStream | undefined {
  const wanted = tracks.filter((one) => one !== undefined)
  if (wanted.length === 0) return undefined
  const same =
    before?.getTracks().length === wanted.length && wanted.every((one) => before.getTracks().includes(one))
  return same ? before : new MediaStream(wanted)
}

/** What the browser does not take of the other end is refused like what we do not take. */
async function refusing(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (cause) {
    throw new SottoError('call-refused', { reason: 'the browser does not take it' }, { cause })
  }
}
