import { Writable, type Call, type CallOptions, type CallOutcome, type CallState } from '@sotto/core'
import type {
  MediaDevicesChosen,
  MediaLink,
  MediaQuality,
  MediaSources,
  MediaStreams,
} from '@sotto/core/ports'
import type { SottoError } from '@sotto/protocol'

const nothing: MediaStreams = {
  voice: undefined,
  local: undefined,
  remote: undefined,
  localScreen: undefined,
  remoteScreen: undefined,
}

/** A call that does what a test sets. What was called stands in `calls`, in order. */
export class FakeCall implements Call {
  readonly id: string
  readonly account: string
  readonly mine: boolean
  readonly state: Writable<CallState>
  readonly streams = new Writable<MediaStreams>(nothing)
  readonly sources: Writable<MediaSources>
  readonly theirSources = new Writable<MediaSources>({ microphone: true, camera: true, screen: false })
  readonly quality = new Writable<MediaQuality>('good')
  readonly link = new Writable<MediaLink>('connecting')
  readonly calls: string[] = []
  /** What the next call of that name rejects with. */
  readonly failures = new Map<string, SottoError>()

  constructor({ account = 'bob', mine = false, id = 'c0', ...state }: Partial<CallState> & Made = {}) {
    this.id = id
    this.account = account
    this.mine = mine
    this.state = new Writable<CallState>({
      phase: mine ? 'ringing' : 'rung',
      alerting: false,
      video: false,
      asks: 'nobody',
      here: mine,
      startedAt: Date.now(),
      connectedAt: undefined,
      outcome: undefined,
      error: undefined,
      ...state,
    })
    this.sources = new Writable<MediaSources>({
      microphone: true,
      camera: state.video ?? false,
      screen: false,
    })
  }

  /** Stands otherwise from now on. */
  become(state: Partial<CallState>): void {
    this.state.set({ ...this.state.value, ...state })
  }

  connect(lastedMs = 0): void {
    this.become({ phase: 'connected', here: true, connectedAt: Date.now() - lastedMs })
  }

  end(outcome: CallOutcome | undefined): void {
    this.become({ phase: 'over', asks: 'nobody', outcome })
  }

  async answer(options: CallOptions = {}): Promise<void> {
    this.#called(`answer ${JSON.stringify(options)}`, 'answer')
    this.become({ phase: 'accepted', here: true, video: this.state.value.video && options.video === true })
  }

  async decline(): Promise<void> {
    this.#called('decline')
  }

  async hangUp(): Promise<void> {
    this.#called('hangUp')
  }

  async askVideo(): Promise<void> {
    this.#called('askVideo')
    this.become({ asks: 'we' })
  }

  async agreeVideo(): Promise<void> {
    this.#called('agreeVideo')
    this.become({ asks: 'nobody', video: true })
  }

  async refuseVideo(): Promise<void> {
    this.#called('refuseVideo')
    this.become({ asks: 'nobody' })
  }

  async set(sources: Partial<MediaSources>, devices?: MediaDevicesChosen): Promise<void> {
    this.#called(
      ['set', ...[sources, devices ?? []].flat().map((one) => JSON.stringify(one))].join(' '),
      'set',
    )
    this.sources.set({ ...this.sources.value, ...sources })
  }

  #called(call: string, name = call): void {
    this.calls.push(call)
    const failure = this.failures.get(name)
    this.failures.delete(name)
    if (failure !== undefined) throw failure
  }
}

interface Made {
  readonly account?: string
  readonly mine?: boolean
  readonly id?: string
}

/** Streams with something moving in them, drawn on canvases. */
export function drawnStream(from: string, to: string, { width = 640, height = 360 } = {}): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no canvas')
  const draw = () => {
    const fill = context.createLinearGradient(0, 0, width, height)
    fill.addColorStop(0, from)
    fill.addColorStop(1, to)
    context.fillStyle = fill
    context.fillRect(0, 0, width, height)
    context.fillStyle = 'rgb(255 255 255 / 0.25)'
    context.beginPath()
    context.arc(width / 2, height * 0.42, height * 0.17, 0, 7)
    context.ellipse(width / 2, height, height * 0.32, height * 0.36, 0, 0, 7)
    context.fill()
  }
  const stream = canvas.captureStream(10)
  draw()
  // A canvas gives a picture only when it is drawn on. Ends with its track.
  const timer = setInterval(() => {
    draw()
    if (stream.getVideoTracks().every(({ readyState }) => readyState === 'ended')) clearInterval(timer)
  }, 100)
  return stream
}
