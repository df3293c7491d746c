import { SottoError, check } from '@sotto/protocol'
import { sqliteMigrations } from './migrations/sqlite.js'
import { openDriver, type SqliteDriver, type SqliteStatement } from './sqlite-driver.js'
import { openingError, sqliteError } from './sqlite-error.js'
import type { Rows, Storage } from './storage.js'

interface Queued {
  run(rows: Rows): Promise<void>
  /** After the commit that it was part of. */
  done(): void
  failed(error: unknown): void
}

interface Outcome {
  readonly unit: Queued
  readonly error?: { readonly value: unknown }
}

/**
 * `FULL` flushes the log before a commit returns. A page that changes often is copied out of the log once in 8,000 pages (32 MB), and the
 * pages that change are kept at hand (64 MB): a commit of a busy turn is larger than the 2 MB that SQLite keeps else. What is deleted is
 * overwritten.
 */
const pragmas = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'wal_autocheckpoint = 8000',
  'cache_size = -65536',
  'secure_delete = FAST',
]

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
  /** Whether the unit at work may have changed something. */
  #changed = false
  #closed = false

  private constructor(driver: SqliteDriver, lock: SqliteDriver | undefined) {
    this.#driver = driver
    this.#lock = lock
    this.#rows = {
      all: async (sql, ...values) => this.#use(sql).all(...values) as never,
      get: async (sql, ...values) => this.#use(sql).get(...values) as never,
      run: async (sql, ...values) => this.#use(sql).run(...values),
    }
  }

  /**
   * `path` may be `:memory:`. One process writes to a file: another is refused with `store-locked`, as long as the first lives. Any number
   * may read it meanwhile (`readOnly`).
   */
  static open(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): SqliteStorage {
    let lock: SqliteDriver | undefined
    let driver: SqliteDriver | undefined
    try {
      lock = readOnly || path === ':memory:' ? undefined : lockBeside(path)
      driver = openDriver(path, readOnly)
      if (readOnly) checkVersion(driver)
      else {
        for (const pragma of pragmas) driver.exec(`PRAGMA ${pragma}`)
        migrate(driver)
      }
      return new SqliteStorage(driver, lock)
    } catch (error) {
      driver?.close()
      lock?.close()
      throw openingError(error)
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
    if (this.#closed) return Promise.reject(new SottoError('closed'))
    // In turn with the units of work: what is not committed yet is not seen.
    const reading = this.#working.then(() => work(this.#rows))
    this.#working = reading.then(
      () => undefined,
      () => undefined,
    )
    return reading.catch((error: unknown) => {
      throw sqliteError(error)
    })
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

  /**
   * One transaction for all units. Almost none fails once it has changed something, so that at first nothing is prepared for that; where one
   * does, all run again, each behind a savepoint of its own.
   */
  async #commit(units: readonly Queued[]): Promise<void> {
    try {
      const outcome = (await this.#try(units, false)) ?? (await this.#try(units, true)) ?? []
      for (const { unit, error } of outcome) {
        if (error === undefined) unit.done()
        else unit.failed(sqliteError(error.value))
      }
    } catch (error) {
      for (const unit of units) unit.failed(sqliteError(error))
    }
  }

  /** Resolves, after the commit, with what became of each; with `undefined`, nothing changed, where that needs savepoints. */
  async #try(units: readonly Queued[], savepoints: boolean): Promise<readonly Outcome[] | undefined> {
    const outcome: Outcome[] = []
    try {
      this.#run('BEGIN IMMEDIATE')
      for (const unit of units) {
        if (savepoints) this.#run('SAVEPOINT unit')
        const error = await this.#attempt(unit)
        if (error !== undefined && !savepoints && this.#changed) {
          this.#rollBack()
          return undefined
        }
        if (error !== undefined && savepoints) this.#undo(error.value)
        if (savepoints) this.#run('RELEASE unit')
        outcome.push(error === undefined ? { unit } : { unit, error })
      }
      this.#run('COMMIT')
      return outcome
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  async #attempt(unit: Queued): Promise<Outcome['error']> {
    this.#changed = false
    try {
      await unit.run(this.#rows)
      return undefined
    } catch (value) {
      return { value }
    }
  }

  /** Throws `reason` where the failure has ended the whole transaction, as a full disk does. */
  #undo(reason: unknown): void {
    try {
      this.#run('ROLLBACK TO unit')
    } catch {
      throw reason
    }
  }

  #rollBack(): void {
    try {
      this.#run('ROLLBACK')
    } catch {
      // There was nothing to roll back: it did not begin, or the failure has done it.
    }
  }

  #run(sql: string): void {
    this.#prepare(sql).run()
  }

  #use(sql: string): SqliteStatement {
    if (!sql.startsWith('SELECT')) this.#changed = true
    return this.#prepare(sql)
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
  for (const sql of sqliteMigrations.slice(checkVersion(driver))) driver.exec(sql)
  driver.exec(`PRAGMA user_version = ${sqliteMigrations.length}; COMMIT`)
}

/** Which migrations the database has seen. Throws `unsupported-version` where that are more than we know. */
function checkVersion(driver: SqliteDriver): number {
  const { user_version: version } = driver.prepare('PRAGMA user_version').get() as { user_version: number }
  check(version <= sqliteMigrations.length, 'unsupported-version', { what: 'database' })
  return version
}
