import { SottoError } from '@sotto/protocol'
import { sqliteMigrations } from './migrations/sqlite.js'
import { openDriver, type SqliteDriver, type SqliteStatement } from './sqlite-driver.js'
import type { Rows, Storage } from './storage.js'

interface Queued {
  run(rows: Rows): Promise<void>
  /** After the commit that it was part of. */
  done(): void
  failed(error: unknown): void
}

/**
 * A relay's storage in one SQLite file, in WAL mode with `synchronous=FULL`. What is asked for in one turn of the event loop is committed
 * together: one flush to the disk for all of it, and nobody is answered before that.
 */
export class SqliteStorage implements Storage {
  readonly #driver: SqliteDriver
  readonly #lock: SqliteDriver | undefined
  readonly #statements = new Map<string, SqliteStatement>()
  readonly #rows: Rows
  #queue: Queued[] = []
  #scheduled = false
  #working: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(driver: SqliteDriver, lock: SqliteDriver | undefined) {
    this.#driver = driver
    this.#lock = lock
    this.#rows = {
      all: (sql, ...values) => Promise.resolve(this.#prepare(sql).all(...values) as never),
      get: (sql, ...values) => Promise.resolve(this.#prepare(sql).all(...values)[0] as never),
      run: (sql, ...values) => Promise.resolve(Number(this.#prepare(sql).run(...values).changes)),
    }
  }

  /**
   * `path` may be `:memory:`. One process writes to a file: another is refused with `store-locked`, as long as the first lives. Any number
   * may read it meanwhile (`readOnly`).
   */
  static open(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): SqliteStorage {
    try {
      const lock = readOnly || path === ':memory:' ? undefined : lockBeside(path)
      const driver = openDriver(path, readOnly)
      if (!readOnly) {
        driver.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
        migrate(driver)
      }
      return new SqliteStorage(driver, lock)
    } catch (error) {
      throw storageError(error)
    }
  }

  write<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new SottoError('closed'))
    return new Promise<T>((resolve, reject) => {
      let result: T
      this.#queue.push({
        run: async (rows) => {
          result = await work(rows)
        },
        done: () => resolve(result),
        failed: reject,
      })
      this.#schedule()
    })
  }

  read<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    // In turn with the units of work: what is not committed yet is not seen.
    const reading = this.#working.then(() => work(this.#rows))
    this.#working = reading.then(
      () => undefined,
      () => undefined,
    )
    return reading
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    while (this.#queue.length > 0 || this.#scheduled) await new Promise((resolve) => setImmediate(resolve))
    await this.#working
    this.#driver.close()
    this.#lock?.close()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const units = this.#queue
      this.#queue = []
      this.#working = this.#working.then(() => this.#commit(units))
    })
  }

  /** One transaction for all units, a savepoint for each. */
  async #commit(units: readonly Queued[]): Promise<void> {
    const good: Queued[] = []
    try {
      this.#driver.exec('BEGIN IMMEDIATE')
      for (const unit of units) {
        this.#driver.exec('SAVEPOINT unit')
        try {
          await unit.run(this.#rows)
          this.#driver.exec('RELEASE unit')
          good.push(unit)
        } catch (error) {
          this.#driver.exec('ROLLBACK TO unit; RELEASE unit')
          unit.failed(storageError(error))
        }
      }
      this.#driver.exec('COMMIT')
    } catch (error) {
      this.#rollBack()
      for (const unit of units) unit.failed(storageError(error))
      return
    }
    for (const unit of good) unit.done()
  }

  #rollBack(): void {
    try {
      this.#driver.exec('ROLLBACK')
    } catch {
      // There was nothing to roll back: it did not begin, or the failure has done it.
    }
  }

  #prepare(sql: string): SqliteStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#driver.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/**
 * Holds an exclusive lock on a file beside the database, which the system lets go of when this process ends, however it ends. The database
 * itself stays open to readers.
 */
function lockBeside(path: string): SqliteDriver {
  const lock = openDriver(`${path}.lock`, false)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

function migrate(driver: SqliteDriver): void {
  driver.exec('BEGIN EXCLUSIVE')
  const [row] = driver.prepare('PRAGMA user_version').all() as readonly { user_version: number }[]
  const version = row?.user_version ?? 0
  if (version > sqliteMigrations.length) throw new SottoError('unsupported-version', { what: 'database' })
  for (const sql of sqliteMigrations.slice(version)) driver.exec(sql)
  driver.exec(`PRAGMA user_version = ${sqliteMigrations.length}; COMMIT`)
}

/** What a driver's failure means to whoever is told. Our own errors pass as they are. */
function storageError(error: unknown): unknown {
  if (SottoError.is(error)) return error
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || !code.startsWith('SQLITE')) return error
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new SottoError('store-locked', undefined, { cause: error })
  if (code.startsWith('SQLITE_FULL')) return new SottoError('store-full', undefined, { cause: error })
  return new SottoError('store-failed', undefined, { cause: error })
}
