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
  /** What the person said last. */
  readonly #wanted = new Map<Source, boolean>()
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

  /**
   * What is captured, one after the other; all else at once, as nobody may be heard or seen against their will while the browser asks something
   * else. Rejects as `capture`: then nothing is changed but what was done before.
   */
  async set(wanted: Partial<MediaSources>, devices: MediaDevicesChosen = {}): Promise<void> {
    this.#check()
    for (const source of allSources) {
      const on = wanted[source]
      if (on !== undefined) this.#wanted.set(source, on)
    }
    const switched = this.#switch(wanted)
    const captures = allSources.some((one) => wanted[one] === true) || Object.keys(devices).length > 0
    if (!captures) return switched
    const setting = this.#setting.then(() => this.#choose(devices)).then(() => this.#capture(wanted))
    this.#setting = setting.catch(() => undefined)
    await Promise.all([switched, setting])
  }

  stop(): void {
    this.#stopped = true
    for (const track of this.#tracks.values()) track.stop()
    this.#tracks.clear()
  }

  /** What nobody has to be asked for. */
  async #switch(wanted: Partial<MediaSources>): Promise<void> {
    const microphone = this.#tracks.get('microphone')
    if (microphone !== undefined && wanted.microphone !== undefined) {
      microphone.enabled = wanted.microphone
      this.#senders.changed()
    }
    const off = (['camera', 'screen'] as const).filter(
      (one) => wanted[one] === false && this.#tracks.has(one),
    )
    await Promise.all(off.map((one) => this.#drop(one)))
  }

  async #capture(wanted: Partial<MediaSources>): Promise<void> {
    for (const source of allSources) {
      // Whoever hung up is asked for nothing any more.
      this.#check()
      if (wanted[source] !== true || this.sources[source] || this.#isUnwanted(source)) continue
      await this.#addWanted(source, await captureWished(source, this.#chosen.get(source)))
    }
  }

  /** Unless the person has thought better of it while they were asked. */
  async #addWanted(source: Source, track: MediaStreamTrack): Promise<void> {
    if (source === 'microphone') track.enabled = !this.#isUnwanted(source)
    else if (this.#isUnwanted(source)) return track.stop()
    await this.add(source, track)
  }

  #isUnwanted(source: Source): boolean {
    return this.#wanted.get(source) === false
  }

  #check(): void {
    if (this.#stopped) throw new SottoError('call-over')
  }

  /** Another device for what is on just now, and for what will be. */
  async #choose(devices: MediaDevicesChosen): Promise<void> {
    for (const source of ['microphone', 'camera'] as const) {
      const exact = devices[source]
      if (exact === undefined) continue
      this.#check()
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
      await this.#addWanted(source, track)
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
