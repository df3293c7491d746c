import { check } from '@sotto/protocol'

/** A device's way to the network, which can be cut. While it is down every call rejects with `offline`; open connections are lost. */
export class MemoryLink {
  #up = true
  readonly #open = new Set<() => void>()

  get isUp(): boolean {
    return this.#up
  }

  down(): void {
    this.#up = false
    for (const lose of [...this.#open]) lose()
    this.#open.clear()
  }

  up(): void {
    this.#up = true
  }

  /** Asks the other side something. When the link goes down meanwhile, the other side has done it, and nobody here knows. */
  async ask<T>(question: () => T | Promise<T>): Promise<T> {
    await Promise.resolve()
    check(this.#up, 'offline')
    const answer = await question()
    check(this.#up, 'offline')
    return answer
  }

  /** Calls `lose` when the link goes down. Returns how not to. */
  hold(lose: () => void): () => void {
    this.#open.add(lose)
    return () => this.#open.delete(lose)
  }
}
