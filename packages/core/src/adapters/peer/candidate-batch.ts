import { limits, type CallCandidate } from '@sotto/protocol'

/** Addresses are found in bursts: those of one burst are one signal. */
const pauseMs = 20

export class CandidateBatch {
  readonly #send: (candidates: readonly CallCandidate[]) => void
  #waiting: CallCandidate[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (candidates: readonly CallCandidate[]) => void) {
    this.#send = send
  }

  add(candidate: CallCandidate): void {
    this.#waiting.push(candidate)
    if (this.#waiting.length >= limits.callCandidates) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), pauseMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting = []
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length > 0) this.#send(this.#waiting.splice(0))
  }
}
