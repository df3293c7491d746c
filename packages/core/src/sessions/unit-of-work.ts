import { SottoError, check } from '@sotto/protocol'
import type { Change, StoreValue } from '../ports/index.js'
import type { RowRange, RowWriter } from '../store/rows.js'
import type { KeyedMutex } from './keyed-mutex.js'
import { ReadCache, type Entry, type StoreReader } from './read-cache.js'

/** A store as a unit of work needs it: a `SealedStore`. */
export interface UnitStore extends StoreReader {
  /** Where units of one tab queue that met a conflict. */
  readonly turns?: KeyedMutex
  commit(changes: readonly Change[]): Promise<void>
}

export interface RowName {
  readonly table: string
  readonly key: string
}

/**
 * Work done in memory, then written in one commit or not at all, because an IndexedDB transaction ends when anything else is awaited in it.
 *
 * The commit expects every row that was read, by `get` or in a list that is no glance, to be as it was read; rows that a list would only now
 * contain are not noticed. What is written without having been read is written whatever was there. Values given and taken are not copied: leave them alone.
 *
 * Units nest: a child sees its parent's changes, and its own become the parent's by `keep`. A child that is let go of changes nothing.
 */
export class UnitOfWork implements RowWriter {
  readonly #store: UnitStore
  readonly #cache: ReadCache
  readonly #parent: UnitOfWork | undefined
  readonly #staged = new Map<string, Map<string, Entry>>()
  /** What a child saw of its parent's: another child may have changed it by the time this one is kept. */
  readonly #seen = new Map<string, RowName & { readonly entry: Entry }>()
  #done = false

  /** `presumes`: whether rows may be presumed absent, as in the first try; whoever has met a conflict reads them. */
  constructor(store: UnitStore, parent?: UnitOfWork, presumes = true) {
    this.#store = store
    this.#parent = parent
    this.#cache = parent === undefined ? new ReadCache(store, presumes) : parent.#cache
  }

  async get(table: string, key: string): Promise<StoreValue | undefined> {
    return (await this.#look(table, key)).value
  }

  async presume(table: string, key: string): Promise<StoreValue | undefined> {
    this.#cache.presume(table, key)
    return this.get(table, key)
  }

  /**
   * Rows of a range, staged ones included. With the prefix `''` rows of all names, ordered by key here; where there are more than `limit`,
   * which ones is undefined.
   */
  async list(
    table: string,
    range: RowRange,
  ): Promise<readonly { readonly key: string; readonly value: StoreValue }[]> {
    const found: { key: string; value: StoreValue }[] = []
    for (const { key, value } of await this.#lookThrough(table, range)) {
      if (value !== undefined) found.push({ key, value })
    }
    return found
  }

  put(table: string, key: string, value: StoreValue): void {
    this.#stage(table, { key, value })
  }

  delete(table: string, key: string): void {
    this.#stage(table, { key, value: undefined })
  }

  /** A child. */
  nest(): UnitOfWork {
    check(!this.#done, 'wrong-argument', { name: 'unit' })
    return new UnitOfWork(this.#store, this)
  }

  /** Gives a child's changes to its parent. Rejects with `conflict`, nothing given, where another child has changed what this one read. */
  keep(): void {
    const parent = this.#parent
    if (parent === undefined || this.#done) throw new SottoError('wrong-argument', { name: 'unit' })
    for (const { table, key, entry } of this.#seen.values()) {
      check(parent.#peek(table, key, entry) === entry, 'conflict')
    }
    this.#done = true
    for (const [table, rows] of this.#staged) for (const entry of rows.values()) parent.#stage(table, entry)
  }

  /**
   * Writes everything, or rejects with `conflict`, nothing written. `guard` is expected as well: the leader's row. Without changes nothing
   * is compared. Resolves with the rows that were written, when they are durable.
   */
  async commit(guard?: Extract<Change, { kind: 'check' }>): Promise<readonly RowName[]> {
    check(this.#parent === undefined && !this.#done, 'wrong-argument', { name: 'unit' })
    this.#done = true
    const changes = new Map<string, Change>()
    for (const one of this.#cache.checks()) changes.set(nameOf(one.table, one.key), one)
    const changed: RowName[] = []
    for (const [table, rows] of this.#staged) {
      for (const { key, value } of rows.values()) {
        const expected = this.#cache.expected(table, key)
        const expect = expected === undefined ? {} : { expect: expected }
        changes.set(
          nameOf(table, key),
          value === undefined
            ? { kind: 'delete', table, key, ...expect }
            : { kind: 'put', table, key, value, ...expect },
        )
        changed.push({ table, key })
      }
    }
    if (changed.length === 0) return changed
    if (guard !== undefined) {
      const name = nameOf(guard.table, guard.key)
      changes.set(name, { ...(changes.get(name) ?? guard), expect: guard.expect })
    }
    await this.#store.commit([...changes.values()])
    return changed
  }

  async #look(table: string, key: string): Promise<Entry> {
    const staged = this.#staged.get(table)?.get(key)
    if (staged !== undefined) return staged
    if (this.#parent === undefined) return this.#cache.get(table, key)
    return this.#see(table, await this.#parent.#look(table, key))
  }

  /** Entries of a range in order, absent ones among them where they were read as absent. */
  async #lookThrough(table: string, range: RowRange): Promise<readonly Entry[]> {
    const staged = [...(this.#staged.get(table)?.values() ?? [])].filter(({ key }) => contains(range, key))
    // One more for each staged entry: any of them may hide a row.
    const wider = { ...range, limit: range.limit + staged.length }
    const below =
      this.#parent === undefined
        ? await this.#cache.list(table, wider)
        : await this.#parent.#lookThrough(table, wider)
    if (this.#parent !== undefined && range.glance !== true)
      for (const entry of below) this.#see(table, entry)
    const merged = new Map(below.map((entry) => [entry.key, entry]))
    for (const entry of staged) merged.set(entry.key, entry)
    const sign = range.reverse === true ? -1 : 1
    return [...merged.values()]
      .filter(({ value }) => value !== undefined)
      .sort((a, b) => (a.key < b.key ? -sign : sign))
      .slice(0, range.limit)
  }

  /** What is there now, without reading: `otherwise` where this level and those above have staged nothing. */
  #peek(table: string, key: string, otherwise: Entry): Entry {
    const staged = this.#staged.get(table)?.get(key)
    if (staged !== undefined) return staged
    if (this.#parent !== undefined) return this.#parent.#peek(table, key, otherwise)
    return this.#cache.known(table, key) ?? otherwise
  }

  #see(table: string, entry: Entry): Entry {
    const name = nameOf(table, entry.key)
    if (!this.#seen.has(name)) this.#seen.set(name, { table, key: entry.key, entry })
    return entry
  }

  #stage(table: string, entry: Entry): void {
    check(!this.#done, 'wrong-argument', { name: 'unit' })
    let rows = this.#staged.get(table)
    if (rows === undefined) this.#staged.set(table, (rows = new Map<string, Entry>()))
    rows.set(entry.key, entry)
  }
}

const nameOf = (table: string, key: string): string => `${table}\0${key}`

function contains({ prefix, from, to }: RowRange, key: string): boolean {
  if (prefix === '') return true
  if (!key.startsWith(`${prefix}/`)) return false
  const sort = key.slice(prefix.length + 1)
  return (from === undefined || sort >= from) && (to === undefined || sort < to)
}
