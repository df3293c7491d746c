import { SottoError, check } from '@sotto/protocol'
import {
  firstRevision,
  type Change,
  type Row,
  type Store,
  type StoreRange,
  type StoreValue,
} from '@sotto/core/ports'
import { deleteDB, openDB, unwrap, type DBSchema, type IDBPDatabase } from 'idb'
import { listRecords } from './list-records.js'
import { Reads, doneOf, lastOf } from './reads.js'
import { storeError } from './store-error.js'

const version = 1
/** Rows that are written before a page has its turn. */
const writtenAtOnce = 64

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

interface Opened {
  readonly database: IDBPDatabase<RowsSchema>
  readonly reads: Reads
}

class IndexedDbStore implements Store {
  onlost: (() => void) | undefined
  /** Aborted when the database was taken away: a browser may leave what is under way without an answer. */
  readonly #lost = new AbortController()
  readonly #name: string
  #opened: Opened | undefined

  constructor(name: string) {
    this.#name = name
  }

  async open(): Promise<void> {
    try {
      const database = await openDB<RowsSchema>(this.#name, version, {
        upgrade: (database) => void database.createObjectStore('rows', { keyPath: ['table', 'key'] }),
        // Another tab deletes the database, or opens a newer version of it: it waits for us to let go.
        blocking: () => this.#lose(),
        terminated: () => this.#lose(),
      })
      this.#opened = { database, reads: new Reads(unwrap(database)) }
    } catch (error) {
      throw storeError(error)
    }
  }

  get(table: string, key: string): Promise<Row | undefined> {
    return this.#try(async ({ reads }) => {
      const record = await reads.read<RowRecord | null | undefined>((rows) => rows.get([table, key]))
      return record === undefined ? undefined : rowOf(record)
    })
  }

  list(table: string, range: StoreRange): Promise<readonly Row[]> {
    return this.#try(async ({ database, reads }) =>
      (await listRecords(database, reads, table, range)).map(rowOf),
    )
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#try(async ({ database }) => {
      const names = new Set(changes.map(({ table, key }) => `${table}\0${key}`))
      check(names.size === changes.length, 'wrong-argument', { name: 'changes' })
      // Strict: on disk, not in the operating system's hands, before it is said to be done.
      const transaction = unwrap(database).transaction('rows', 'readwrite', { durability: 'strict' })
      const done = doneOf(transaction)
      // Whatever fails below aborts the transaction, and is what is thrown.
      done.catch(() => undefined)
      const rows = transaction.objectStore('rows')
      try {
        const found = await revisionsFor(rows, changes)
        changes.forEach(({ expect }, i) => {
          check(expect === undefined || expect === (found[i] ?? 'absent'), 'conflict')
        })
        // In pieces, so that a page can draw between.
        for (let i = 0; i < changes.length; i += writtenAtOnce) {
          const piece = changes.slice(i, i + writtenAtOnce)
          const requests = piece.map((change, at) => write(rows, change, found[i + at]))
          await lastOf(
            transaction,
            requests.filter((one) => one !== undefined),
          )
        }
        await done
      } catch (error) {
        abort(transaction)
        // `add` fails where there is a row, and the transaction with it.
        check(!(error instanceof DOMException && error.name === 'ConstraintError'), 'conflict')
        throw error
      }
    })
  }

  close(): void {
    this.#opened?.database.close()
    this.#opened = undefined
  }

  async destroy(): Promise<void> {
    this.close()
    try {
      await deleteDB(this.#name)
    } catch (error) {
      throw storeError(error)
    }
  }

  #lose(): void {
    this.close()
    this.#lost.abort()
    this.onlost?.()
  }

  async #try<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const opened = this.#opened
    check(opened !== undefined, 'closed')
    try {
      return await unlessAborted(this.#lost.signal, work(opened))
    } catch (error) {
      // Closed meanwhile, by us or by a tab that deletes the database.
      if (this.#opened === undefined && !SottoError.is(error))
        throw new SottoError('closed', undefined, { cause: error })
      throw storeError(error)
    }
  }
}

/** For each change the revision that its row has, where it has to know: `undefined` for none, and where the change finds out by itself. */
async function revisionsFor(
  rows: IDBObjectStore,
  changes: readonly Change[],
): Promise<readonly (number | undefined)[]> {
  const requests = changes.map((change) => revisionRequest(rows, change))
  await lastOf(
    rows.transaction,
    requests.filter((one) => one !== undefined),
  )
  return requests.map((request, i) => {
    const result: unknown = request?.result
    if (result === undefined) return undefined
    return changes[i]?.expect === 'absent' ? 0 : revisionOf(result as RowRecord | null)
  })
}

function revisionRequest(rows: IDBObjectStore, { kind, table, key, expect }: Change): IDBRequest | undefined {
  if (expect === undefined || (kind === 'put' && expect === 'absent')) return undefined
  // A value need not be read to see that there is none.
  return expect === 'absent' ? rows.getKey([table, key]) : rows.get([table, key])
}

/** `known` is the revision of the row that is there. What fails aborts the transaction. */
function write(rows: IDBObjectStore, change: Change, known: number | undefined): IDBRequest | undefined {
  const { kind, table, key } = change
  if (kind === 'delete') return rows.delete([table, key])
  if (kind !== 'put') return undefined
  const revision = known === undefined ? firstRevision() : known + 1
  const record: RowRecord = { table, key, value: change.value, revision }
  return change.expect === 'absent' ? rows.add(record) : rows.put(record)
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

/** Settles as `work` does, or rejects when `signal` is aborted before. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new SottoError('closed'))
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
