/** Says texts to a screen reader, politely, one after the other. There is one for all elements that share a provider. */
export class Announcer {
  readonly #root: () => Node
  #region: HTMLElement | undefined

  constructor(root: () => Node) {
    this.#root = root
  }

  /** Puts the region into the page: one that comes together with its first text is not read by all. */
  open(): void {
    if (this.#region !== undefined) return
    this.#region = document.createElement('div')
    this.#region.className = 'hidden'
    this.#region.setAttribute('role', 'status')
    this.#root().appendChild(this.#region)
  }

  say(text: string): void {
    this.open()
    // A paragraph of its own, so that the same text twice is said twice. Old ones go: nobody walks through them.
    const line = document.createElement('p')
    line.textContent = text
    this.#region?.replaceChildren(...[...(this.#region.children ?? [])].slice(-2), line)
  }
}
