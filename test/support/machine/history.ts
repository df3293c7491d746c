/** A `send` that resolved. */
export interface Said {
  readonly device: string
  readonly account: string
  readonly text: string
  /** Whether its device forgot it, because an older copy of its store was put back: nobody can tell then that it is missing. */
  isForgotten: boolean
}

/** What a device's thread shows, in its order. `mine`: as that of its own account. A gap is of the other account. */
export type Shown =
  | { readonly kind: 'text'; readonly text: string; readonly mine: boolean }
  | { readonly kind: 'gap'; readonly count: number }

/** Everything that a run did and brought, to be judged by `problemsOf`. */
export interface History {
  readonly devices: readonly { readonly name: string; readonly account: string }[]
  readonly said: readonly Said[]
  /** What each device shows in the end. */
  readonly threads: ReadonlyMap<string, readonly Shown[]>
  /** The same after the time that repair may take. */
  readonly repaired: ReadonlyMap<string, readonly Shown[]>
  /** What was said last, when the network was quiet and honest again: it has to be read everywhere. */
  readonly last: readonly string[]
  /** What a device could not read, by its code. */
  readonly unread: readonly { readonly device: string; readonly code: string }[]
  /** How much of it in the time in which the last was said. */
  readonly unreadLast: number
  /** What left a device: the key and counter under which, and what it said. */
  readonly used: readonly { readonly key: string; readonly plaintext: string }[]
  /** The live session at both ends of each pair of devices. */
  readonly live: readonly { readonly between: string; readonly names: readonly (string | undefined)[] }[]
  /** What was done to them that may leave something unread. */
  readonly harm: { readonly dropped: number; readonly restored: number; readonly shuffled: number }
}
