import { SottoError } from '@sotto/protocol'
import type { Announce } from '../announcements.js'
import type { Media, MediaCheck } from '../ports/index.js'
import { Writable } from '../readable.js'
import type { Run } from '../store/rows.js'
import type { CallDevices, DeviceCheck, DeviceCheckOptions, DevicesChosen } from './device-api.js'
import { chooseDevices, readDevices } from './device-choice.js'

interface DevicesContext {
  readonly run: Run
  readonly announce: Announce
  readonly media: Media | undefined
  /** Throws `forbidden` where the site does not let this account make such a call. */
  readonly allow: (video: boolean) => void
  /** Throws `call-refused` where a call has the devices, or the client is closed. */
  readonly free: () => void
}

/** The devices that a person chose for calls, kept on this device, and their check before a call. */
export class KeptDevices implements CallDevices {
  readonly chosen = new Writable<DevicesChosen>({})
  readonly #context: DevicesContext
  #checked: MediaCheck | undefined
  #checking = new AbortController()

  constructor(context: DevicesContext) {
    this.#context = context
  }

  /** Reads what this tab, or another one, has kept. */
  async load(): Promise<void> {
    const chosen = await this.#context.run(readDevices)
    if (JSON.stringify(chosen) !== JSON.stringify(this.chosen.value)) this.chosen.set(chosen)
  }

  async choose(devices: DevicesChosen): Promise<void> {
    const { run, announce } = this.#context
    await run((rows) => chooseDevices(rows, devices))
    await this.load()
    announce({ kind: 'call-devices' })
  }

  async check({ video = false, signal }: DeviceCheckOptions = {}): Promise<DeviceCheck> {
    const { media, allow, free } = this.#context
    signal?.throwIfAborted()
    allow(video)
    free()
    if (media === undefined) throw new SottoError('call-refused', { reason: 'this client has no media' })
    this.release()
    const { signal: released } = this.#checking
    const checked = await media.check({ video, devices: this.chosen.value })
    if (signal?.aborted === true || released.aborted) {
      checked.close()
      signal?.throwIfAborted()
      free()
      throw new SottoError('call-refused', { reason: 'another check' })
    }
    this.#checked = checked
    signal?.addEventListener('abort', () => checked.close(), { once: true })
    return this.#keeping(checked)
  }

  /** Lets go of what is checked: a call needs the devices. */
  release(): void {
    this.#checking.abort()
    this.#checking = new AbortController()
    this.#checked?.close()
    this.#checked = undefined
  }

  #keeping(checked: MediaCheck): DeviceCheck {
    const { streams, sources, troubles } = checked
    return {
      streams,
      sources,
      troubles,
      set: async (wanted, devices) => {
        await checked.set(wanted, devices)
        // Used in this check even where they could not be kept.
        if (devices !== undefined) await this.choose(devices).catch(() => undefined)
      },
      close: () => checked.close(),
    }
  }
}
