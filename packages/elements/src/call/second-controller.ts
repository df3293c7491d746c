import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Renders the host anew every second, as long as it shows a time that runs. */
export class SecondController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #runs: () => boolean
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(host: ReactiveControllerHost, runs: () => boolean) {
    this.#host = host
    this.#runs = runs
    host.addController(this)
  }

  hostUpdated(): void {
    if (!this.#runs()) this.hostDisconnected()
    else this.#timer ??= setInterval(() => this.#host.requestUpdate(), 1000)
  }

  hostDisconnected(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
