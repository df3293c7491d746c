import type { Change, Row, StoreValue } from '../ports/index.js'
import type { RowRange } from '../store/rows.js'

/** What a unit of work sees under a key: a value, or that there is none. A new one for each change, so that `===` tells whether it changed. */
export interface Entry {
  readonly key: string
  readonly value: StoreValue | undefined
}

/** What was read of the store: the revision is 0 for a row that is not there. */
interface StoredEntry extends Entry {
  readonly revision: number
}

/** The reading side of a `SealedStore`. */
export interface StoreReader {
  get(table: string, key: string): Promise<Row | undefined>
  list(table: string, range: RowRange): Promise<readonly Row[]>
}

/** Rows as a unit of work first read them. A second read gives the same, whatever was committed meanwhile: the commit will find out. */
export class ReadCache {
  readonly #store: StoreReader
  readonly #rows = new Map<string, Map<string, StoredEntry>>()
  readonly #asked = new Map<string, Promise<StoredEntry>>()
  readonly #presumes: boolean

  constructor(store: StoreReader, presumes: boolean) {
    this.#store = store
    this.#presumes = presumes
  }

  async get(table: string, key: string): Promise<Entry> {
    const known = this.#rows.get(table)?.get(key)
    if (known !== undefined) return known
    const name = `${table}\0${key}`
    const asked = this.#asked.get(name) ?? this.#ask(table, key).finally(() => this.#asked.delete(name))
    this.#asked.set(name, asked)
    return asked
  }

  /** Takes a row that was not read yet to be absent, where that is allowed. */
  presume(table: string, key: string): void {
    if (this.#presumes) this.#remember(table, { key, value: undefined, revision: 0 })
  }

  async list(table: string, range: RowRange): Promise<readonly Entry[]> {
    const rows = await this.#store.list(table, range)
    return rows.map(({ key, value, revision }) =>
      range.glance === true
        ? (this.known(table, key) ?? { key, value })
        : this.#remember(table, { key, value, revision }),
    )
  }

  known(table: string, key: string): Entry | undefined {
    return this.#rows.get(table)?.get(key)
  }

  /** The revision a row had when it was read. `undefined` where it was not read. */
  expected(table: string, key: string): number | 'absent' | undefined {
    const known = this.#rows.get(table)?.get(key)
    return known && (known.revision === 0 ? 'absent' : known.revision)
  }

  /** A check of each row that was read. */
  *checks(): Iterable<Extract<Change, { kind: 'check' }>> {
    for (const [table, rows] of this.#rows) {
      for (const { key, revision } of rows.values()) {
        yield { kind: 'check', table, key, expect: revision === 0 ? 'absent' : revision }
      }
    }
  }

  async #ask(table: string, key: string): Promise<StoredEntry> {
    const row = await this.#store.get(table, key)
    return this.#remember(table, { key, value: row?.value, revision: row?.revision ?? 0 })
  }

  #remember(table: string, entry: StoredEntry): StoredEntry {
    let rows = this.#rows.get(table)
    if (rows === undefined) this.#rows.set(table, (rows = new Map<string, StoredEntry>()))
    const known = rows.get(entry.key)
    if (known !== undefined) return known
    rows.set(entry.key, entry)
    return entry
  }
}
