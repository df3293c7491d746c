/** Remembers where the focus was before something of ours took it, to give it back when that is gone. */
export class FocusMemory {
  readonly #root: () => ShadowRoot
  #before: HTMLElement | undefined

  /** `root` is ours. */
  constructor(root: () => ShadowRoot) {
    this.#root = root
  }

  keep(): void {
    const at = focused()
    if (at !== undefined && !this.#isOurs) this.#before = at
  }

  /** Only where it would be lost: who has gone elsewhere stays there. Says whether it is somewhere now. */
  giveBack(): boolean {
    if (focused() === undefined || this.#isOurs) {
      this.#before?.focus({ preventScroll: true })
      this.#before = undefined
    }
    return focused() !== undefined && !this.#isOurs
  }

  get #isOurs(): boolean {
    return this.#root().activeElement !== null
  }
}

/** The innermost element with the focus, through all shadows. */
function focused(): HTMLElement | undefined {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement != null) at = at.shadowRoot.activeElement
  return at === null || at === document.body ? undefined : (at as HTMLElement)
}
