import type {
  MediaCheck,
  MediaCheckOptions,
  MediaDevicesChosen,
  MediaSources,
  MediaStreams,
  MediaTroubles,
} from '@sotto/core/ports'
import { Value } from './value.js'

/** A check in memory: what it captures is only said, and there is nothing to be seen. */
export class MemoryCheck implements MediaCheck {
  readonly streams = new Value<Pick<MediaStreams, 'voice' | 'local'>>({ voice: undefined, local: undefined })
  readonly sources: Value<Pick<MediaSources, 'microphone' | 'camera'>>
  readonly troubles = new Value<MediaTroubles>({})
  /** The devices it would capture. */
  devices: MediaDevicesChosen
  #closed = false

  constructor({ video, devices = {} }: MediaCheckOptions) {
    this.sources = new Value<Pick<MediaSources, 'microphone' | 'camera'>>({ microphone: true, camera: video })
    this.devices = devices
  }

  get closed(): boolean {
    return this.#closed
  }

  set(sources: Partial<Pick<MediaSources, 'microphone' | 'camera'>>, devices: MediaDevicesChosen = {}) {
    this.devices = { ...this.devices, ...devices }
    this.sources.set({ ...this.sources.value, ...sources })
    return Promise.resolve()
  }

  close(): void {
    this.#closed = true
    this.sources.set({ microphone: false, camera: false })
  }
}
