const holdMs = 500
const slack = 10

/** Tells when a finger rests on something. A mouse has its own ways. */
export class LongPress {
  readonly #pressed: (target: Element) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #at = { x: 0, y: 0 }

  constructor(pressed: (target: Element) => void) {
    this.#pressed = pressed
  }

  readonly down = (event: PointerEvent): void => {
    this.stop()
    if (event.pointerType !== 'touch' || !event.isPrimary) return
    const target = event.target as Element
    this.#at = { x: event.clientX, y: event.clientY }
    this.#timer = setTimeout(() => this.#pressed(target), holdMs)
  }

  readonly move = (event: PointerEvent): void => {
    if (Math.hypot(event.clientX - this.#at.x, event.clientY - this.#at.y) > slack) this.stop()
  }

  readonly stop = (): void => clearTimeout(this.#timer)
}
