import BetterSqlite from 'better-sqlite3'
import type { Column } from './storage.js'

/** The few calls of a SQLite driver that the storage needs, so that another driver can stand in for it. */
export interface SqliteDriver {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  all(...values: readonly Column[]): readonly unknown[]
  run(...values: readonly Column[]): { readonly changes: number | bigint }
}

/** `path`: a file, or `:memory:`. */
export function openDriver(path: string, readOnly: boolean): SqliteDriver {
  const database = new BetterSqlite(path, { timeout: 500, readonly: readOnly })
  return {
    exec: (sql) => void database.exec(sql),
    prepare(sql) {
      const statement = database.prepare<Column[]>(sql)
      return { all: (...values) => statement.all(...values), run: (...values) => statement.run(...values) }
    },
    close: () => void database.close(),
  }
}
