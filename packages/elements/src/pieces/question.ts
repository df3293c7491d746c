import { html, type TemplateResult } from 'lit'

interface Question {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly no: string
  readonly run: () => void
  readonly close: () => void
  /** Nothing is lost by either answer. */
  readonly harmless?: boolean
}

/** Asks before something that cannot be undone, or that others learn of. The way back has the focus. */
export function question({ title, text, yes, no, run, close, harmless = false }: Question): TemplateResult {
  const confirm = () => {
    close()
    run()
  }
  return html`<h2 dir="auto">${title}</h2>
    <p>${text}</p>
    <div class="buttons">
      <button class="button" part="button" type="button" autofocus @click=${close}>${no}</button>
      <button class="button ${harmless ? 'primary' : 'bad'}" part="button" type="button" @click=${confirm}>
        ${yes}
      </button>
    </div>`
}
