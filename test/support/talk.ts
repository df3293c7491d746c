/** Two ends of one session, of whatever make. */
export interface Ends<M> {
  write(side: Side): Promise<M>
  read(side: Side, message: M): Promise<void>
}

export type Side = 0 | 1

/** One thing that happens in a talk. What comes later is read at the end, in the reverse of the order in which it was written. */
export interface Act {
  readonly side: Side
  readonly arrives: 'now' | 'later' | 'never'
}

const other = (side: Side): Side => (side === 0 ? 1 : 0)
const acts = (count: number, act: (i: number) => Act): readonly Act[] =>
  Array.from({ length: count }, (_, i) => act(i))

/** 50 messages of an ordinary talk: one side writes 30, then both take turns 10 times, then 10 arrive in reverse. Then the sides change. */
const mixed = (side: Side): readonly Act[] => [
  ...acts(30, () => ({ side, arrives: 'now' })),
  ...acts(10, (i) => ({ side: i % 2 === 0 ? other(side) : side, arrives: 'now' })),
  ...acts(10, () => ({ side: other(side), arrives: 'later' })),
]

/** 500 messages of one side, of which one in ten comes: the keys of the others are kept, until there are as many as a session may keep. */
const lossy = (side: Side): readonly Act[] =>
  acts(500, (i) => ({ side, arrives: i % 10 === 9 ? 'now' : 'never' }))

/** What is said, over and over, the sides in turns. */
export const courses = { mixed, lossy } as const
export type Course = keyof typeof courses

/** A talk that goes on as long as it is asked to. */
export class Talk<M> {
  readonly #ends: Ends<M>
  readonly #course: (side: Side) => readonly Act[]
  #waiting: { readonly side: Side; readonly message: M }[] = []
  #acts: readonly Act[] = []
  #at = 0
  #side: Side = 1

  constructor(ends: Ends<M>, course: Course) {
    this.#ends = ends
    this.#course = courses[course]
  }

  /** `count` more messages are written, and read where they come. */
  async goOn(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.#next()
  }

  async #next(): Promise<void> {
    const act = this.#acts[this.#at]
    if (act === undefined) {
      this.#side = other(this.#side)
      this.#acts = this.#course(this.#side)
      this.#at = 0
      return this.#next()
    }
    this.#at++
    const message = await this.#ends.write(act.side)
    const to = other(act.side)
    if (act.arrives === 'now') await this.#ends.read(to, message)
    if (act.arrives === 'later') this.#waiting.push({ side: to, message })
    if (this.#at === this.#acts.length) await this.#readWaiting()
  }

  async #readWaiting(): Promise<void> {
    const waiting = this.#waiting.reverse()
    this.#waiting = []
    for (const { side, message } of waiting) await this.#ends.read(side, message)
  }
}
