import type { ReactiveController, ReactiveControllerHost } from 'lit'

const soon = 50

/** Renders the host anew when a day begins, so that "Today" does not stand over yesterday's messages. */
export class DayController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    clearTimeout(this.#timer)
    // A timer of a sleeping computer comes late: the host asks for the time when it renders, so late is all it is.
    const untilMidnight = new Date().setHours(24, 0, 0, 0) - Date.now()
    this.#timer = setTimeout(() => {
      this.#host.requestUpdate()
      this.hostConnected()
    }, untilMidnight + soon)
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
  }
}
