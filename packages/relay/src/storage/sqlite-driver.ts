import { createRequire } from 'node:module'
import type { Column } from './storage.js'

/** The few calls of a SQLite driver that the storage needs. Everything is synchronous. */
export interface SqliteDriver {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  all(...values: readonly Column[]): readonly unknown[]
  get(...values: readonly Column[]): unknown
  /** How many rows it changed. */
  run(...values: readonly Column[]): number
}

/** What `node:sqlite` and better-sqlite3 have alike. */
interface Database {
  exec(sql: string): unknown
  prepare(sql: string): {
    all(...values: readonly Column[]): readonly unknown[]
    get(...values: readonly Column[]): unknown
    run(...values: readonly Column[]): { readonly changes: number | bigint }
  }
  close(): unknown
}

const busyMs = 500

/** `path`: a file, or `:memory:`. By Node's own SQLite where there is one (22.13 and later), else by better-sqlite3. */
export function openDriver(path: string, readOnly: boolean): SqliteDriver {
  const database = open(path, readOnly)
  try {
    database.exec(`PRAGMA busy_timeout = ${busyMs}`)
  } catch (error) {
    database.close()
    throw error
  }
  return {
    exec: (sql) => void database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        all: (...values) => statement.all(...values),
        get: (...values) => statement.get(...values),
        run: (...values) => Number(statement.run(...values).changes),
      }
    },
    close: () => void database.close(),
  }
}

interface OwnSqlite {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => Database
}

function open(path: string, readOnly: boolean): Database {
  const own = ownSqlite()
  if (own !== undefined) return new own.DatabaseSync(path, { readOnly })
  // Loaded only where it is needed: it is compiled for one version of Node.
  const Better = createRequire(import.meta.url)('better-sqlite3') as new (
    path: string,
    options: { readonly readonly: boolean },
  ) => Database
  return new Better(path, { readonly: readOnly })
}

/** Node says on the standard error, each time it starts, that its SQLite is new. An operator can do nothing with that. */
function ownSqlite(): OwnSqlite | undefined {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite') as OwnSqlite | undefined
  } finally {
    process.emitWarning = emitWarning
  }
}
