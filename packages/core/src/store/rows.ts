import { SottoError, check, encode, read as readAs, type Shape } from '@sotto/protocol'
import type { StoreValue } from '../ports/index.js'
import { once } from './once.js'

/** Which rows of one name: by the part of the key after the first `/`. `from` is included, `to` is not. */
export interface RowRange {
  readonly prefix: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly reverse?: boolean
  /** What is read may be gone by the time of the commit: it makes no conflict. */
  readonly glance?: boolean
}

/** Reads rows, staged ones included. */
export interface RowReader {
  get(table: string, key: string): Promise<StoreValue | undefined>
  /**
   * The same for a row that is hardly ever there: it is taken to be absent without being read, and the commit finds out. Where it was there
   * after all the commit meets a conflict, and the unit that does the work again reads it. For units that write: else nobody finds out.
   */
  presume(table: string, key: string): Promise<StoreValue | undefined>
  list(
    table: string,
    range: RowRange,
  ): Promise<readonly { readonly key: string; readonly value: StoreValue }[]>
}

/** Stages rows, to be committed all or none. */
export interface RowWriter extends RowReader {
  put(table: string, key: string, value: StoreValue): void
  delete(table: string, key: string): void
  /** A child unit, whose changes become ours by its `keep` alone. */
  nest(): NestedRows
}

export interface NestedRows extends RowWriter {
  keep(): void
}

/**
 * A table of one shape. A row is its schema number (one byte) and deterministic CBOR. A row that does not decode is `store-damaged`; one of a
 * higher schema number was written by a newer version, and is `unsupported-version`.
 */
export interface Table<T> {
  readonly name: string
  get(rows: RowReader, key: string): Promise<T | undefined>
  /** As `RowReader.presume`. */
  presume(rows: RowReader, key: string): Promise<T | undefined>
  list(rows: RowReader, range: RowRange): Promise<readonly { readonly key: string; readonly row: T }[]>
  put(rows: RowWriter, key: string, row: T): void
  delete(rows: RowWriter, key: string): void
}

/** Of all tables at once: the row of `self` is read before anything is done, and tells a tab of yesterday's version that it is one. */
const schema = 1

export function table<T>(name: string, shape: Shape<T>, maxBytes: number): Table<T> {
  // A batch reads the same rows for each of its messages.
  const read = once((value: StoreValue): T => {
    if (!(value instanceof Uint8Array)) throw new SottoError('store-damaged', { what: name })
    check((value[0] ?? 0) <= schema, 'unsupported-version', { what: 'store' })
    check(value[0] === schema, 'store-damaged', { what: name })
    try {
      // By the reader alone: what is sealed is what we wrote, and nobody signs or hashes a row.
      return readAs(shape, value.subarray(1), maxBytes)
    } catch (cause) {
      throw new SottoError('store-damaged', { what: name }, { cause })
    }
  })
  return {
    name,
    async get(rows, key) {
      const value = await rows.get(name, key)
      return value === undefined ? undefined : read(value)
    },
    async presume(rows, key) {
      const value = await rows.presume(name, key)
      return value === undefined ? undefined : read(value)
    },
    async list(rows, range) {
      return (await rows.list(name, range)).map(({ key, value }) => ({ key, row: read(value) }))
    },
    put(rows, key, row) {
      const encoded = encode(shape, row)
      const value = new Uint8Array(encoded.length + 1)
      value[0] = schema
      value.set(encoded, 1)
      rows.put(name, key, value)
    },
    delete(rows, key) {
      rows.delete(name, key)
    },
  }
}

/** A whole number as a part of a key that sorts: 12 hexadecimal digits, up to 2^48. */
export function sortable(value: number): string {
  return Math.max(0, Math.floor(value)).toString(16).padStart(12, '0')
}

/**
 * Does `work` on staged rows and commits all of it or none; runs it again when a row it read has changed meanwhile. The leader's own commits
 * also expect that it still leads (`lost-lead` else). This is the domain's only door to the store.
 */
export type Run = <T>(work: (rows: RowWriter) => Promise<T>) => Promise<T>
