import type { ReactiveController, ReactiveControllerHost } from 'lit'

const restMs = 3000

/** Knows when nobody has touched anything for a while, so that nothing need stand before the picture. */
export class FadeController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #mayFade: () => boolean
  #timer: ReturnType<typeof setTimeout> | undefined
  #faded = false

  constructor(host: ReactiveControllerHost, mayFade: () => boolean) {
    this.#host = host
    this.#mayFade = mayFade
    host.addController(this)
  }

  get faded(): boolean {
    return this.#faded
  }

  /** Somebody is there. */
  readonly wake = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#faded) this.#host.requestUpdate()
    this.#faded = false
    this.#rest()
  }

  hostUpdate(): void {
    if (!this.#mayFade()) this.#faded = false
  }

  hostUpdated(): void {
    this.#rest()
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #rest(): void {
    if (!this.#mayFade()) this.hostDisconnected()
    else if (!this.#faded) this.#timer ??= setTimeout(() => this.#fade(), restMs)
  }

  #fade(): void {
    this.#timer = undefined
    if (!this.#mayFade()) return
    this.#faded = true
    this.#host.requestUpdate()
  }
}
