import { css, html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'

interface Content {
  /** What the dialog is about, for who does not see it. */
  readonly label: string
  readonly body: () => TemplateResult
}

/** One modal card above the page: a question, a form, the safety number. The platform keeps focus in it and gives it back. */
export class DialogController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #element = createRef<HTMLDialogElement>()
  #content: Content | undefined
  #shown = false

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  get isOpen(): boolean {
    return this.#content !== undefined
  }

  open(content: Content): void {
    this.#content = content
    this.#shown = false
    this.#host.requestUpdate()
  }

  readonly close = (): void => {
    // Closing gives focus back, then tells #closed.
    this.#element.value?.close()
  }

  hostUpdated(): void {
    const dialog = this.#element.value
    if (dialog === undefined || this.#shown || !dialog.isConnected) return
    this.#shown = true
    if (!dialog.open) dialog.showModal()
  }

  render(): TemplateResult | null {
    if (this.#content === undefined) return null
    const { label, body } = this.#content
    return html`<dialog
      ${ref(this.#element)}
      part="dialog"
      aria-label=${label}
      @close=${this.#closed}
      @pointerdown=${this.#outside}
    >
      <div class="card">${body()}</div>
    </dialog>`
  }

  readonly #closed = () => {
    this.#content = undefined
    this.#host.requestUpdate()
  }

  // The card fills the dialog, so what hits the dialog itself hit its backdrop.
  readonly #outside = (event: Event) => {
    if (event.target === this.#element.value) this.close()
  }
}

export const dialogStyles = css`
  dialog {
    inline-size: 25rem;
    max-inline-size: calc(100dvi - 32px);
    max-block-size: calc(100dvb - 32px);
    margin: auto;
    border: 0;
    padding: 0;
    border-radius: var(--_card-radius);
    background: var(--_float);
    color: var(--_text);
    box-shadow: var(--_shadow);
    overflow: auto;
    overscroll-behavior: contain;
  }
  /* It has the focus only until something in it can. */
  dialog:focus-visible {
    outline: none;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 0.4);
  }
  @media (prefers-reduced-motion: no-preference) {
    dialog[open] {
      animation: rise 160ms ease-out;
    }
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  .card {
    display: grid;
    gap: 8px;
    padding: 24px;
  }
  .card h2 {
    font-size: 1.125rem;
    line-height: 1.5rem;
    overflow-wrap: anywhere;
  }
  .card p {
    color: var(--_text-2);
    overflow-wrap: anywhere;
  }
  .card .buttons {
    justify-content: end;
  }
  @media (forced-colors: active) {
    dialog {
      border: 1px solid CanvasText;
    }
  }
`
