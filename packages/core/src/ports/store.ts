/** What a row may hold: bytes, or a key that the platform keeps and does not give out. */
export type StoreValue = Uint8Array | CryptoKey

export interface Row {
  readonly key: string
  readonly value: StoreValue
  /**
   * A whole number from 1: one more with a put that expects the last one, and with any other put one that the row never had, also before it was
   * deleted (`firstRevision`), so that nobody who read the old row takes the new one for it.
   */
  readonly revision: number
}

/**
 * One change of a commit. `expect` is the revision the row must have, or `absent`; without it the row may be anything. `check` changes
 * nothing and only compares.
 */
export type Change =
  | {
      readonly kind: 'put'
      readonly table: string
      readonly key: string
      readonly value: StoreValue
      readonly expect?: number | 'absent'
    }
  | {
      readonly kind: 'delete'
      readonly table: string
      readonly key: string
      readonly expect?: number | 'absent'
    }
  | {
      readonly kind: 'check'
      readonly table: string
      readonly key: string
      readonly expect: number | 'absent'
    }

/** Keys are compared code unit by code unit. `from` is included, `to` is not. */
export interface StoreRange {
  readonly from: string
  readonly to: string
  readonly limit: number
  readonly reverse?: boolean
}

/**
 * Tables of rows, shared by all tabs of one client, emptied by nobody else. A table need not be announced. Reads see whole commits only.
 * Rejects with `store-failed`, `closed`, and a commit with `store-full` as well; never answers "not there" when it means "could not look".
 */
export interface Store {
  get(table: string, key: string): Promise<Row | undefined>
  /** Rows of a range in key order. */
  list(table: string, range: StoreRange): Promise<readonly Row[]>
  /**
   * Writes all changes or none, durable before it resolves. Rejects, nothing written, with `conflict` where an `expect` does not hold; with
   * `wrong-argument` where a row is named twice; with `no-crypto` for a `CryptoKey` that the platform cannot keep.
   */
  commit(changes: readonly Change[]): Promise<void>
  close(): void
  /**
   * Set by who opened it; called once where what is stored was taken away from under this opening: thrown away by the platform, deleted or
   * replaced by somebody else. From then on everything rejects with `closed`. A store that cannot tell leaves it alone.
   */
  onlost?: (() => void) | undefined
  /** Deletes everything, for good. */
  destroy(): Promise<void>
}
