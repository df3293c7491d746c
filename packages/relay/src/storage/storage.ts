/** A value of a column. Whole numbers only. */
export type Column = string | number | Uint8Array | null

/** Statements of one unit of work. SQL that SQLite and PostgreSQL both understand, with `?` for each value. */
export interface Rows {
  all<T>(sql: string, ...values: readonly Column[]): Promise<readonly T[]>
  get<T>(sql: string, ...values: readonly Column[]): Promise<T | undefined>
  /** How many rows it changed. */
  run(sql: string, ...values: readonly Column[]): Promise<number>
}

/**
 * Where a relay keeps what it holds. Whoever implements it runs the migrations of its dialect before it hands itself out, and throws
 * `store-locked` where another process has the database, `store-full` where there is no room.
 */
export interface Storage {
  /**
   * Does `work` as one unit: all of its changes or none, and one after the other with every other unit. Resolves when they are durable.
   * What is asked for in one turn of the event loop may be made durable together; a unit that throws undoes itself alone. `work` may run
   * more than once before it counts: it does nothing but read and change rows.
   */
  write<T>(work: (rows: Rows) => Promise<T>): Promise<T>
  /** Reads what was committed. */
  read<T>(work: (rows: Rows) => Promise<T>): Promise<T>
  close(): Promise<void>
}
