interface Unread {
  readonly count: number
  readonly first: string | undefined
}

/**
 * Where the unread divider stands. It is set when a thread is opened, and when something comes while nobody looks; then it stays until
 * the person writes or leaves, since what is read does not move because it was read.
 */
export class UnreadDivider {
  #place: { readonly key: string; readonly count: number } | undefined
  #counted = 0

  get place(): { readonly key: string; readonly count: number } | undefined {
    return this.#place
  }

  /** `watched`: somebody looks at the end of the thread. */
  see({ count, first }: Unread, watched: boolean): void {
    if (count === 0) this.#counted = 0
    if (first === undefined || count === 0 || count === this.#counted) return
    // More of what was not read yet: the divider counts on. After everything was read, it moves to what is new.
    const goesOn = this.#counted > 0 && this.#place !== undefined
    if (!watched) this.#place = { key: goesOn ? (this.#place?.key ?? first) : first, count }
    this.#counted = count
  }

  clear(): void {
    this.#place = undefined
  }
}
