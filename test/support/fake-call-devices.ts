import {
  Writable,
  type CallDevices,
  type DeviceCheck,
  type DeviceCheckOptions,
  type DevicesChosen,
} from '@sotto/core'
import type { SottoError } from '@sotto/protocol'

type Sources = DeviceCheck['sources']['value']

/** A check that shows what a test sets. */
export class FakeCheck implements DeviceCheck {
  readonly streams: Writable<DeviceCheck['streams']['value']>
  readonly sources: Writable<Sources>
  readonly troubles = new Writable<DeviceCheck['troubles']['value']>({})
  readonly calls: string[] = []
  /** What the next `set` rejects with. */
  failure: SottoError | undefined
  closed = false

  constructor(video: boolean, streams: DeviceCheck['streams']['value']) {
    this.sources = new Writable<Sources>({ microphone: true, camera: video })
    this.streams = new Writable(streams)
  }

  /** A source is off, for this reason. */
  lose(source: keyof Sources, error: SottoError): void {
    this.sources.set({ ...this.sources.value, [source]: false })
    this.streams.set({ ...this.streams.value, [source === 'camera' ? 'local' : 'voice']: undefined })
    this.troubles.set({ ...this.troubles.value, [source]: error })
  }

  async set(sources: Partial<Sources>, devices: DevicesChosen = {}): Promise<void> {
    this.calls.push(`set ${JSON.stringify(sources)} ${JSON.stringify(devices)}`)
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    this.sources.set({ ...this.sources.value, ...sources })
    this.troubles.set({})
  }

  close(): void {
    this.closed = true
    for (const stream of Object.values(this.streams.value))
      for (const track of stream?.getTracks() ?? []) track.stop()
  }
}

/** Devices that nobody has to own. What was chosen stands in `choices`, in order. */
export class FakeCallDevices implements CallDevices {
  readonly chosen = new Writable<DevicesChosen>({})
  readonly choices: DevicesChosen[] = []
  readonly checks: FakeCheck[] = []
  /** What the next checks reject with. */
  readonly failures: SottoError[] = []
  /** What a check captures. */
  capture: (video: boolean) => DeviceCheck['streams']['value'] = () => ({
    voice: undefined,
    local: undefined,
  })
  /** Told of every check before it is given. */
  onchecked: ((check: FakeCheck) => void) | undefined

  async choose(devices: DevicesChosen): Promise<void> {
    this.choices.push(devices)
    this.chosen.set({ ...this.chosen.value, ...devices })
  }

  async check({ video = false, signal }: DeviceCheckOptions = {}): Promise<FakeCheck> {
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
    const check = new FakeCheck(video, this.capture(video))
    signal?.addEventListener('abort', () => check.close())
    this.checks.push(check)
    this.onchecked?.(check)
    return check
  }
}
