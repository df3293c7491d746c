import { css, html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import { icon, type IconName } from '../icons.js'

export interface MenuItem {
  readonly label: string
  readonly icon: IconName
  readonly bad?: boolean
  readonly run: () => void
}

interface Open {
  readonly anchor: Element
  readonly label: string
  readonly items: readonly MenuItem[]
}

const margin = 8

/** A menu beside what it belongs to, in the top layer, also when the window turns. Arrow keys walk it, Escape and a press elsewhere close it. */
export class MenuController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #element = createRef<HTMLElement>()
  #open: Open | undefined
  #shown = false
  #before: HTMLElement | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /** What the menu is open for. */
  get anchor(): Element | undefined {
    return this.#open?.anchor
  }

  open(anchor: Element, label: string, items: readonly MenuItem[]): void {
    this.#open = { anchor, label, items }
    this.#shown = false
    this.#host.requestUpdate()
  }

  close(): void {
    if (this.#element.value?.matches(':popover-open') === true) this.#element.value.hidePopover()
  }

  hostUpdated(): void {
    const menu = this.#element.value
    if (menu === undefined || this.#open === undefined || this.#shown || !menu.isConnected) return
    this.#shown = true
    this.#before = (this.#focused ?? undefined) as HTMLElement | undefined
    menu.showPopover()
    this.#place()
    addEventListener('resize', this.#place)
    menu.querySelector('button')?.focus()
  }

  /** A popover that leaves the page is closed without an event. What has left is not rendered anew: it would take up again what it let go of. */
  hostDisconnected(): void {
    this.#forget()
  }

  render(): TemplateResult | null {
    if (this.#open === undefined) return null
    const { label, items } = this.#open
    return html`<div
      ${ref(this.#element)}
      class="menu"
      part="menu"
      popover="auto"
      role="menu"
      aria-label=${label}
      @toggle=${this.#toggled}
      @keydown=${this.#pressed}
    >
      ${items.map(
        (item) =>
          html`<button
            type="button"
            role="menuitem"
            tabindex="-1"
            class=${item.bad === true ? 'bad' : ''}
            @click=${() => this.#run(item)}
          >
            ${icon(item.icon)}<span>${item.label}</span>
          </button>`,
      )}
    </div>`
  }

  #run(item: MenuItem): void {
    this.close()
    this.#giveBack()
    item.run()
  }

  /** The platform does so too, but not everywhere out of a shadow. Who has pressed elsewhere has the focus there. */
  #giveBack(): void {
    const { activeElement } = document
    const isLost = activeElement === null || activeElement === document.body
    if (isLost || this.#element.value?.contains(this.#focused) === true) this.#before?.focus()
    this.#before = undefined
  }

  get #focused(): Element | null {
    const root = this.#element.value?.getRootNode()
    return root instanceof ShadowRoot ? root.activeElement : document.activeElement
  }

  readonly #toggled = (event: ToggleEvent) => {
    if (event.newState === 'open') return
    this.#giveBack()
    this.#forget()
    this.#host.requestUpdate()
  }

  #forget(): void {
    removeEventListener('resize', this.#place)
    this.#open = undefined
  }

  readonly #place = () => {
    const menu = this.#element.value
    if (menu !== undefined && this.#open !== undefined) place(menu, this.#open.anchor)
  }

  readonly #pressed = (event: KeyboardEvent) => {
    const buttons = [...(this.#element.value?.querySelectorAll('button') ?? [])]
    const at = buttons.findIndex((button) => button === this.#focused)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    event.stopPropagation()
    if (event.key === 'Tab') this.close()
    if (to === undefined) return
    event.preventDefault()
    buttons.at(to % buttons.length)?.focus()
  }
}

/** Under the anchor, or above it where there is more room, and never out of the window. */
function place(menu: HTMLElement, anchor: Element): void {
  const { top, bottom, left, right } = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = menu
  const rtl = getComputedStyle(anchor).direction === 'rtl'
  // From the end edge where the anchor stands in the end half, as the menu of a header does.
  const inEndHalf = rtl ? left + right < innerWidth : left + right > innerWidth
  const x = inEndHalf === rtl ? left : right - width
  const y =
    bottom + 4 + height + margin > innerHeight && top > height + margin ? top - height - 4 : bottom + 4
  menu.style.left = `${clamp(x, innerWidth - width)}px`
  menu.style.top = `${clamp(y, innerHeight - height)}px`
}

const clamp = (at: number, end: number) => Math.max(margin, Math.min(at, end - margin))

export const menuStyles = css`
  .menu {
    position: fixed;
    inset: auto;
    min-inline-size: 12rem;
    max-inline-size: calc(100dvi - 16px);
    max-block-size: calc(100dvb - 16px);
    overflow: auto;
    margin: 0;
    border: 0;
    padding: 6px;
    border-radius: 14px;
    background: var(--_float);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }
  .menu button {
    display: flex;
    align-items: center;
    gap: 12px;
    inline-size: 100%;
    min-block-size: 40px;
    padding: 8px 12px;
    border-radius: 8px;
    font-size: 0.875rem;
  }
  .menu button:is(:hover, :focus) {
    background: var(--_fill);
    outline-offset: -2px;
  }
  .menu .icon {
    inline-size: 18px;
    block-size: 18px;
    color: var(--_text-2);
  }
  .menu .bad,
  .menu .bad .icon {
    color: var(--_bad);
  }
  @media (prefers-reduced-motion: no-preference) {
    .menu:popover-open {
      animation: rise 120ms ease-out;
    }
  }
  @media (pointer: coarse) {
    .menu button {
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .menu {
      border: 1px solid CanvasText;
    }
  }
`
