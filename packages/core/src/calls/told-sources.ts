import type { MediaSources } from '../ports/index.js'
import type { Readable } from '../readable.js'

/** What is on at this side, and what of that the other side was told: once it may know, it hears of every change, also of those that nobody here made. */
export class ToldSources {
  readonly #sources: Readable<MediaSources>
  readonly #say: (sources: MediaSources) => Promise<void>
  #told: MediaSources | undefined
  #telling: Promise<void> = Promise.resolve()
  #stop: (() => void) | undefined

  /** `say` rejects where it cannot be said now: it is tried again with the next change. */
  constructor(sources: Readable<MediaSources>, say: (sources: MediaSources) => Promise<void>) {
    this.#sources = sources
    this.#say = say
  }

  /** From now on. */
  begin(): void {
    this.#stop ??= this.#sources.subscribe(() => void this.tell().catch(() => undefined))
  }

  /** Resolves when what is on now is said, one thing after the other. Rejects as `say`. */
  tell(): Promise<void> {
    this.#telling = this.#telling.catch(() => undefined).then(() => this.#tell())
    return this.#telling
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  async #tell(): Promise<void> {
    const { microphone, camera, screen } = this.#sources.value
    const told = this.#told
    if (told?.microphone === microphone && told.camera === camera && told.screen === screen) return
    const now = { microphone, camera, screen }
    await this.#say(now)
    this.#told = now
  }
}
