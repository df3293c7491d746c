import { limits, type CallCandidate } from '@sotto/protocol'

/** Addresses are found in bursts: those of one burst are one signal. */
const pauseMs = 20

/** What the other end is told of our addresses, in a few signals, and not before it may know them. */
export class CandidateBatch {
  readonly #send: (candidates: readonly CallCandidate[]) => void
  #waiting: CallCandidate[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #isHeld = false

  constructor(send: (candidates: readonly CallCandidate[]) => void) {
    this.#send = send
  }

  add(candidate: CallCandidate): void {
    this.#waiting.push(candidate)
    if (this.#isHeld) return
    if (this.#waiting.length >= limits.callCandidates) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), pauseMs)
  }

  /** Keeps what comes from now on, until `release`. What was found before goes at once: it is of a way that was agreed upon. */
  hold(): void {
    this.#flush()
    this.#isHeld = true
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#flush()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting = []
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#waiting.length > 0) this.#send(this.#waiting.splice(0, limits.callCandidates))
  }
}
