import { SottoError } from '@sotto/protocol'
import type { MediaDevicesChosen, MediaSources } from '@sotto/core/ports'
import { capture, captureWished, type Source } from './capture.js'

export const allSources = ['microphone', 'camera', 'screen'] as const

/** Where what is captured goes to. */
export interface Senders {
  replace(source: Source, track: MediaStreamTrack | null): Promise<void>
  changed(): void
}

/**
 * What this side captures: on, off, and gone when a device is pulled out. A microphone that is off stays ours, silent; a camera and a screen
 * are let go, so that the light is out.
 */
export class OwnTracks {
  readonly #senders: Senders
  readonly #tracks = new Map<Source, MediaStreamTrack>()
  readonly #chosen = new Map<Source, string>()
  #setting: Promise<unknown> = Promise.resolve()
  #stopped = false

  /** `devices`: those that were chosen before. */
  constructor(senders: Senders, { microphone, camera }: MediaDevicesChosen = {}) {
    this.#senders = senders
    if (microphone !== undefined) this.#chosen.set('microphone', microphone)
    if (camera !== undefined) this.#chosen.set('camera', camera)
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
    if (this.#stopped) {
      track.stop()
      throw new SottoError('call-over')
    }
    this.#tracks.get(source)?.stop()
    this.#tracks.set(source, track)
    track.addEventListener('ended', () => {
      if (this.#tracks.get(source) === track) void this.#drop(source).catch(() => undefined)
    })
    await this.#senders.replace(source, track)
    this.#senders.changed()
  }

  /** One after the other. Rejects as `capture`: then nothing is changed but what was done before. */
  set(wanted: Partial<MediaSources>, devices: MediaDevicesChosen = {}): Promise<void> {
    const setting = this.#setting.then(() => this.#choose(devices)).then(() => this.#set(wanted))
    this.#setting = setting.catch(() => undefined)
    return setting
  }

  stop(): void {
    this.#stopped = true
    for (const track of this.#tracks.values()) track.stop()
    this.#tracks.clear()
  }

  async #set(wanted: Partial<MediaSources>): Promise<void> {
    for (const source of allSources) {
      // Whoever hung up is asked for nothing any more.
      if (this.#stopped) throw new SottoError('call-over')
      const on = wanted[source]
      if (on === undefined || on === this.sources[source]) continue
      const track = this.#tracks.get(source)
      if (source === 'microphone' && track !== undefined) {
        track.enabled = on
        this.#senders.changed()
      } else if (on) {
        await this.add(source, await captureWished(source, this.#chosen.get(source)))
      } else await this.#drop(source)
    }
  }

  /** Another device for what is on just now, and for what will be. */
  async #choose(devices: MediaDevicesChosen): Promise<void> {
    for (const source of ['microphone', 'camera'] as const) {
      const exact = devices[source]
      if (exact === undefined) continue
      if (this.#stopped) throw new SottoError('call-over')
      const before = this.#tracks.get(source)
      // A phone opens one camera at a time.
      if (source === 'camera') before?.stop()
      if (before !== undefined) await this.#exchange(source, before, exact)
      this.#chosen.set(source, exact)
    }
  }

  async #exchange(source: Source, before: MediaStreamTrack, exact: string): Promise<void> {
    try {
      const track = await capture(source, { exact })
      track.enabled = before.enabled
      await this.add(source, track)
    } catch (error) {
      if (before.readyState === 'ended' && !this.#stopped) await this.#drop(source)
      throw error
    }
  }

  async #drop(source: Source): Promise<void> {
    this.#tracks.get(source)?.stop()
    this.#tracks.delete(source)
    this.#senders.changed()
    await this.#senders.replace(source, null)
  }
}
