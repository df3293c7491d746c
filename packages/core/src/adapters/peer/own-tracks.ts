import type { MediaSources } from '@sotto/core/ports'
import { capture, type Source } from './capture.js'

/** Where what is captured goes to. */
export interface Senders {
  replace(source: Source, track: MediaStreamTrack | null): Promise<void>
  changed(): void
}

/** What this side captures: on, off, and gone when a device is pulled out. A camera that is off is let go, so that its light is out. */
export class OwnTracks {
  readonly #senders: Senders
  readonly #tracks = new Map<Source, MediaStreamTrack>()
  #stopped = false

  constructor(senders: Senders) {
    this.#senders = senders
  }

  get(source: Source): MediaStreamTrack | undefined {
    return this.#tracks.get(source)
  }

  get sources(): MediaSources {
    return {
      microphone: this.#tracks.get('microphone')?.enabled ?? false,
      camera: this.#tracks.has('camera'),
      screen: this.#tracks.has('screen'),
    }
  }

  /** Takes a track that was captured, and hears when its device is gone or the browser's own "stop" was pressed. */
  async add(source: Source, track: MediaStreamTrack): Promise<void> {
    if (this.#stopped) return track.stop()
    this.#tracks.get(source)?.stop()
    this.#tracks.set(source, track)
    track.addEventListener('ended', () => {
      if (this.#tracks.get(source) === track) void this.#drop(source)
    })
    await this.#senders.replace(source, track)
    this.#senders.changed()
  }

  /** Rejects as `capture`: then nothing is changed but what was done before. */
  async set(wanted: Partial<MediaSources>): Promise<void> {
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      const on = wanted[source]
      if (on === undefined || on === this.sources[source]) continue
      const track = this.#tracks.get(source)
      if (source === 'microphone' && track !== undefined) track.enabled = on
      else if (on) await this.add(source, await capture(source))
      else await this.#drop(source)
      this.#senders.changed()
    }
  }

  stop(): void {
    this.#stopped = true
    for (const track of this.#tracks.values()) track.stop()
    this.#tracks.clear()
  }

  async #drop(source: Source): Promise<void> {
    this.#tracks.get(source)?.stop()
    this.#tracks.delete(source)
    await this.#senders.replace(source, null)
    this.#senders.changed()
  }
}
