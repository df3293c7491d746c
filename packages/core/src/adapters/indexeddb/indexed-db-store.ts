import { SottoError, check } from '@sotto/protocol'
import {
  firstRevision,
  type Change,
  type Row,
  type Store,
  type StoreRange,
  type StoreValue,
} from '@sotto/core/ports'
import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPObjectStore } from 'idb'
import { listRecords } from './list-records.js'
import { storeError } from './store-error.js'

const version = 1

/** A row as it lies in the one object store, whose key is table and key: a new table needs no new version of the database. */
export interface RowRecord {
  readonly table: string
  readonly key: string
  readonly value: StoreValue
  readonly revision: number
}

export interface RowsSchema extends DBSchema {
  rows: { key: [string, string]; value: RowRecord }
}

/**
 * Opens (and makes) the IndexedDB database `name`. It is shared by all tabs; a commit is one transaction, on disk before it resolves. Rejects
 * with `store-failed`, with `unsupported-version` where a newer Sotto has made it, with `no-store` where there is no IndexedDB.
 */
export async function indexedDbStore(name: string): Promise<Store> {
  check(typeof indexedDB !== 'undefined', 'no-store')
  const store = new IndexedDbStore(name)
  await store.open()
  return store
}

type ReadableRows = Pick<IDBPObjectStore<RowsSchema, ['rows'], 'rows'>, 'get'>
type WritableRows = IDBPObjectStore<RowsSchema, ['rows'], 'rows', 'readwrite'>

class IndexedDbStore implements Store {
  readonly #name: string
  #database: IDBPDatabase<RowsSchema> | undefined
  #together: ReadableRows | undefined

  constructor(name: string) {
    this.#name = name
  }

  async open(): Promise<void> {
    try {
      this.#database = await openDB<RowsSchema>(this.#name, version, {
        upgrade: (database) => void database.createObjectStore('rows', { keyPath: ['table', 'key'] }),
        // Another tab deletes the database, or opens a newer version of it: it waits for us to let go.
        blocking: () => this.close(),
        terminated: () => (this.#database = undefined),
      })
    } catch (error) {
      throw storeError(error)
    }
  }

  get(table: string, key: string): Promise<Row | undefined> {
    return this.#try(async (database) => {
      const record = await this.#rows(database).get([table, key])
      return record === undefined ? undefined : rowOf(record)
    })
  }

  list(table: string, range: StoreRange): Promise<readonly Row[]> {
    return this.#try(async (database) => (await listRecords(database, table, range)).map(rowOf))
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#try(async (database) => {
      const names = new Set(changes.map(({ table, key }) => `${table}\0${key}`))
      check(names.size === changes.length, 'wrong-argument', { name: 'changes' })
      // Strict: on disk, not in the operating system's hands, before it is said to be done.
      const transaction = database.transaction('rows', 'readwrite', { durability: 'strict' })
      const done = transaction.done
      // Whatever fails below aborts the transaction, and is what is thrown.
      done.catch(() => undefined)
      const rows = transaction.objectStore('rows')
      try {
        const found = await Promise.all(changes.map((change) => readFor(rows, change)))
        changes.forEach(({ expect }, i) => {
          check(expect === undefined || expect === (found[i] ?? 'absent'), 'conflict')
        })
        await Promise.all(changes.map((change, i) => write(rows, change, found[i])))
      } catch (error) {
        // A transaction that has failed by itself cannot be aborted, and says why.
        const failed = error instanceof DOMException && error.name === 'AbortError'
        if (failed) await done
        else abort(transaction)
        throw error
      }
      await done
    })
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
  }

  async destroy(): Promise<void> {
    this.close()
    try {
      await deleteDB(this.#name)
    } catch (error) {
      throw storeError(error)
    }
  }

  /** One transaction for all reads that are asked for together: opening one takes longer than reading a row. */
  #rows(database: IDBPDatabase<RowsSchema>): ReadableRows {
    if (this.#together === undefined) {
      this.#together = database.transaction('rows').store
      queueMicrotask(() => (this.#together = undefined))
    }
    return this.#together
  }

  async #try<T>(work: (database: IDBPDatabase<RowsSchema>) => Promise<T>): Promise<T> {
    const database = this.#database
    check(database !== undefined, 'closed')
    try {
      return await work(database)
    } catch (error) {
      // Closed meanwhile, by us or by a tab that deletes the database.
      if (this.#database === undefined && !SottoError.is(error))
        throw new SottoError('closed', undefined, { cause: error })
      throw storeError(error)
    }
  }
}

/** The revision of a row that a change has to know. `undefined` for none, and where the change finds out by itself. */
async function readFor(
  rows: WritableRows,
  { kind, table, key, expect }: Change,
): Promise<number | undefined> {
  if (kind === 'put' && expect === 'absent') return undefined
  if (kind === 'delete' && expect === undefined) return undefined
  // A value need not be read to see that there is none.
  if (expect === 'absent') return (await rows.getKey([table, key])) === undefined ? undefined : 0
  const record = await rows.get([table, key])
  return record === undefined ? undefined : revisionOf(record)
}

/** `known` is the revision of the row that is there. */
async function write(rows: WritableRows, change: Change, known: number | undefined): Promise<void> {
  const { kind, table, key } = change
  if (kind === 'delete') await rows.delete([table, key])
  if (kind !== 'put') return
  const revision = known === undefined ? firstRevision() : known + 1
  const record = { table, key, value: change.value, revision }
  if (change.expect !== 'absent') await rows.put(record)
  else {
    // `add` fails where there is a row, and the transaction with it.
    await rows.add(record).catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'ConstraintError'
        ? new SottoError('conflict')
        : error
    })
  }
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort()
  } catch {
    // It has ended already.
  }
}

/** Some browsers give null where they should give back a key, or the record that holds one. The row is there, so it is not "not there". */
function rowOf(record: RowRecord | null): Row {
  return {
    key: record?.key ?? '',
    value: (record?.value ?? null) as StoreValue,
    revision: revisionOf(record),
  }
}

function revisionOf(record: RowRecord | null | undefined): number {
  return record?.revision ?? 0
}
