import { SottoError } from '@sotto/protocol'
import { readDevice, type OwnDevice } from './account/own-device.js'
import type { ClientState } from './client-api.js'
import { Writable, type Readable } from './readable.js'
import type { Run } from './store/rows.js'

/** This device as a tab knows it: from the store, or from the leading tab that has just set it up. */
export class ThisDevice {
  readonly known = new Writable<OwnDevice | undefined>(undefined)
  readonly #run: Run
  readonly #state: Readable<ClientState>

  /** `state` is the client's: while it starts, the device may still be made. */
  constructor(run: Run, state: Readable<ClientState>) {
    this.#run = run
    this.#state = state
  }

  /** Reads it. Rejects with `store-damaged`. */
  async load(): Promise<void> {
    this.known.set(await this.#run(readDevice))
  }

  /**
   * This device. At the very first start it waits for the site and the backend to have answered, one way or the other. Rejects with
   * `not-set-up-here`, `offline`.
   */
  async own(): Promise<OwnDevice> {
    const known = this.known.value ?? (await this.#run(readDevice))
    if (known !== undefined) return known
    await this.#settled()
    const made = this.known.value ?? (await this.#run(readDevice))
    if (made === undefined)
      throw new SottoError(this.#state.value.name === 'elsewhere' ? 'not-set-up-here' : 'offline')
    return made
  }

  async #settled(): Promise<void> {
    await new Promise<void>((resolve) => {
      const settled = () => {
        if (this.known.value === undefined && this.#state.value.name === 'starting') return
        resolve()
        // Not before both are there: a subscription calls at once.
        queueMicrotask(() => [stopKnown, stopState].forEach((stop) => stop()))
      }
      const stopKnown = this.known.subscribe(settled)
      const stopState = this.#state.subscribe(settled)
    })
  }
}
