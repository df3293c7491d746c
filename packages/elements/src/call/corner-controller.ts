import type { ReactiveController, ReactiveControllerHost } from 'lit'

type Side = 'start' | 'end'
interface Corner {
  readonly block: Side
  readonly inline: Side
}

interface Grip {
  readonly pointer: number
  readonly x: number
  readonly y: number
  moved: boolean
}

const slackPx = 4

/** Keeps something small in one of four corners: it is dragged there, or sent by arrow keys. */
export class CornerController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #corner: Corner = { block: 'start', inline: 'end' }
  #grip: Grip | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  get corner(): Corner {
    return this.#corner
  }

  hostDisconnected(): void {
    this.#grip = undefined
  }

  readonly take = (event: PointerEvent): void => {
    if (event.button !== 0) return
    const tile = event.currentTarget as HTMLElement
    this.#grip = { pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: false }
    tile.setPointerCapture(event.pointerId)
  }

  readonly drag = (event: PointerEvent): void => {
    const grip = this.#grip
    if (grip === undefined || event.pointerId !== grip.pointer) return
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y]
    grip.moved ||= Math.hypot(dx, dy) > slackPx
    const tile = event.currentTarget as HTMLElement
    if (grip.moved) tile.style.translate = `${dx}px ${dy}px`
  }

  /** It goes to the nearest corner of what it stands in. */
  readonly drop = (event: PointerEvent): void => {
    const grip = this.#grip
    const tile = event.currentTarget as HTMLElement
    const around = tile.offsetParent
    this.#grip = undefined
    if (grip?.moved !== true || around === null) return
    const [at, box] = [tile.getBoundingClientRect(), around.getBoundingClientRect()]
    tile.style.translate = ''
    const atStart = at.left + at.right < box.left + box.right !== isRightToLeft(tile)
    const above = at.top + at.bottom < box.top + box.bottom
    this.#go({ block: above ? 'start' : 'end', inline: atStart ? 'start' : 'end' })
  }

  readonly letGo = (event: PointerEvent): void => {
    this.#grip = undefined
    ;(event.currentTarget as HTMLElement).style.translate = ''
  }

  readonly press = (event: KeyboardEvent): void => {
    const [left, right]: Side[] = isRightToLeft(event.currentTarget as Element)
      ? ['end', 'start']
      : ['start', 'end']
    const corner = this.#corner
    const to: Corner | undefined = {
      ArrowUp: { ...corner, block: 'start' as const },
      ArrowDown: { ...corner, block: 'end' as const },
      ArrowLeft: { ...corner, inline: left ?? 'start' },
      ArrowRight: { ...corner, inline: right ?? 'end' },
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    this.#go(to)
  }

  /** Pressed by a key, it goes around. */
  readonly next = (event: MouseEvent): void => {
    if (event.detail > 0) return
    const { block, inline } = this.#corner
    this.#go(inline === 'end' ? { block, inline: 'start' } : { block: other(block), inline: 'end' })
  }

  #go(corner: Corner): void {
    this.#corner = corner
    this.#host.requestUpdate()
  }
}

const other = (side: Side): Side => (side === 'start' ? 'end' : 'start')

const isRightToLeft = (element: Element) => getComputedStyle(element).direction === 'rtl'
