import { SottoError, check } from '@sotto/protocol'
import type {
  MediaCheck,
  MediaCheckOptions,
  MediaDevicesChosen,
  MediaSources,
  MediaStreams,
  MediaTroubles,
} from '@sotto/core/ports'
import { absent, captureToTry } from './capture.js'
import { OwnTracks } from './own-tracks.js'
import { streamOf } from './shown-streams.js'
import { Value } from './value.js'

const sources = ['microphone', 'camera'] as const
const nothing = { voice: undefined, local: undefined }

/** What would be captured for a call, without one: tracks that go nowhere. */
export class PeerCheck implements MediaCheck {
  readonly streams = new Value<Pick<MediaStreams, 'voice' | 'local'>>(nothing)
  readonly sources = new Value<Pick<MediaSources, 'microphone' | 'camera'>>({
    microphone: false,
    camera: false,
  })
  readonly troubles = new Value<MediaTroubles>({})
  readonly #tracks: OwnTracks
  #wanted: MediaCheck['sources']['value']
  #closed = false

  private constructor({ video, devices }: MediaCheckOptions) {
    this.#wanted = { microphone: true, camera: video }
    this.#tracks = new OwnTracks({ replace: () => Promise.resolve(), changed: () => this.#show({}) }, devices)
    globalThis.addEventListener?.('pagehide', this.close)
  }

  static async start(options: MediaCheckOptions): Promise<PeerCheck> {
    const { tracks, troubles } = await captureToTry(options.video, options.devices)
    const started = new PeerCheck(options)
    started.troubles.set(troubles)
    try {
      for (const track of tracks)
        await started.#tracks.add(track.kind === 'audio' ? 'microphone' : 'camera', track)
      return started
    } catch (error) {
      started.close()
      // Also those that it did not come to.
      for (const track of tracks) track.stop()
      throw error
    }
  }

  async set(
    wanted: Partial<MediaCheck['sources']['value']>,
    devices: MediaDevicesChosen = {},
  ): Promise<void> {
    check(!this.#closed, 'call-over')
    this.#wanted = { ...this.#wanted, ...wanted }
    try {
      await this.#tracks.set(wanted, devices)
    } catch (error) {
      if (SottoError.is(error))
        for (const source of sources)
          if (wanted[source] === true || devices[source] !== undefined) this.#show({ [source]: error })
      throw error
    }
  }

  readonly close = (): void => {
    if (this.#closed) return
    this.#closed = true
    globalThis.removeEventListener?.('pagehide', this.close)
    this.#tracks.stop()
    this.streams.set(nothing)
    this.sources.set({ microphone: false, camera: false })
  }

  /** `failed`: why a source may be off now. What is off without a reason went away by itself. */
  #show(failed: MediaTroubles): void {
    if (this.#closed) return
    const { streams, troubles } = this
    const { microphone, camera } = this.#tracks.sources
    this.sources.set({ microphone, camera })
    streams.set({
      voice: streamOf(streams.value.voice, this.#tracks.get('microphone')),
      local: streamOf(streams.value.local, this.#tracks.get('camera')),
    })
    const now: { microphone?: SottoError; camera?: SottoError } = {}
    for (const source of sources)
      if (this.#wanted[source] && !this.sources.value[source])
        now[source] = failed[source] ?? troubles.value[source] ?? absent(source)
    troubles.set(now)
  }
}
