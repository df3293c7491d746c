import type { Call, CallState } from '@sotto/core'
import type { SottoError } from '@sotto/protocol'
import type { ReactiveControllerHost } from 'lit'

/** What went wrong: in a call, or when one was to be placed. */
export interface Trouble {
  readonly error: SottoError
  readonly account: string
  readonly video: boolean
  readonly call: Call | undefined
}

/** What went wrong last, and what of it, and of calls that are over, the person has read. */
export class CallTroubles {
  readonly #host: ReactiveControllerHost
  #trouble: Trouble | undefined
  #readError: SottoError | undefined
  #readCall: Call | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  /** Why there is no call. */
  get notPlaced(): Trouble | undefined {
    return this.#trouble?.call === undefined ? this.#trouble : undefined
  }

  /** What the person tried, or what the call itself met with. */
  within(call: Call | undefined, state: CallState | undefined): SottoError | undefined {
    const tried = this.#trouble?.call === call ? this.#trouble?.error : undefined
    const error = tried ?? state?.error
    return error === this.#readError ? undefined : error
  }

  isRead(call: Call): boolean {
    return call === this.#readCall
  }

  meet(trouble: Trouble): void {
    this.#trouble = trouble
    this.#host.requestUpdate()
  }

  /** There is a call now: why an earlier one could not be placed is no news any more. */
  overtake(): void {
    if (this.notPlaced !== undefined) this.#trouble = undefined
  }

  readError(error: SottoError): void {
    this.#readError = error
    this.#host.requestUpdate()
  }

  /** Whatever stands on the last card. */
  readAll(call: Call | undefined): void {
    this.#trouble = undefined
    this.#readCall = call
    this.#host.requestUpdate()
  }
}
