/** What was made last, under its name: for what is small, asked for again and again, and the same each time. */
export class Recent<T> {
  readonly #most: number
  readonly #made = new Map<string, T>()

  /** `most`: how many are kept. */
  constructor(most: number) {
    this.#most = most
  }

  /** What `make` gave for this name before, where it is still known. What it throws is not kept. */
  get(name: string, make: () => T): T {
    const known = this.#made.get(name)
    return this.put(name, known ?? make())
  }

  /** Gives back what it is given, which is known from then on. */
  put(name: string, made: T): T {
    // A map goes in the order of insertion: what was asked for longest ago is let go first.
    this.#made.delete(name)
    const [oldest] = this.#made.keys()
    if (oldest !== undefined && this.#made.size >= this.#most) this.#made.delete(oldest)
    this.#made.set(name, made)
    return made
  }
}
