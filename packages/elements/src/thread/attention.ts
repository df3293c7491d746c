import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Knows whether the end of a thread is before somebody's eyes: in view, on a page that is visible and has the focus. */
export class Attention implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  readonly #end: () => Element | null
  #inView = false
  #watched: Element | null = null
  readonly #observer = new IntersectionObserver((entries) => {
    this.#inView = entries.at(-1)?.isIntersecting ?? false
    this.#changed()
  })
  readonly #changed = () => this.#host.requestUpdate()

  constructor(host: ReactiveControllerHost & Element, end: () => Element | null) {
    this.#host = host
    this.#end = end
    host.addController(this)
  }

  get here(): boolean {
    return this.#inView && document.visibilityState === 'visible' && document.hasFocus()
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#changed)
    window.addEventListener('focus', this.#changed)
    this.#watched = null
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#changed)
    window.removeEventListener('focus', this.#changed)
    this.#observer.disconnect()
    this.#inView = false
  }

  hostUpdated(): void {
    const end = this.#end()
    if (end === this.#watched || !this.#host.isConnected) return
    this.#observer.disconnect()
    this.#watched = end
    if (end !== null) this.#observer.observe(end)
  }
}
