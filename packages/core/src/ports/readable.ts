/** A value that changes. What *is*, is a `Readable`; what *happened*, is an event. */
export interface Readable<T> {
  readonly value: T
  /** Calls `listener` at once and after each change. Returns how to stop. A Svelte store, and fits `useSyncExternalStore`. */
  subscribe(listener: (value: T) => void): () => void
}
