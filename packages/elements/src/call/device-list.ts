import type { ReactiveControllerHost } from 'lit'

/** The devices that the browser lists, while somebody wants to choose. Nobody is asked for anything: what was allowed before has its name in it. */
export class DeviceList {
  readonly #host: ReactiveControllerHost
  #found: readonly MediaDeviceInfo[] = []
  #watching = false

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  of(kind: MediaDeviceKind): readonly MediaDeviceInfo[] {
    return this.#found.filter((one) => one.kind === kind && one.deviceId !== '')
  }

  watch(): void {
    if (this.#watching) return
    this.#watching = true
    navigator.mediaDevices?.addEventListener('devicechange', this.#look)
    this.#look()
  }

  rest(): void {
    if (!this.#watching) return
    this.#watching = false
    navigator.mediaDevices?.removeEventListener('devicechange', this.#look)
    this.#found = []
  }

  readonly #look = () =>
    void navigator.mediaDevices?.enumerateDevices().then(
      (found) => {
        if (!this.#watching) return
        this.#found = found
        this.#host.requestUpdate()
      },
      () => undefined,
    )
}
