import type { Row, Store } from '@sotto/core/ports'

export interface RawRow {
  readonly table: string
  readonly row: Row
}

/** Every row of a store as it lies there, sealed and under pseudonyms. `tables`: as `tablesOf` has noted them, since a store lists none. */
export async function rawRows(store: Store, tables: Iterable<string>): Promise<readonly RawRow[]> {
  const found: RawRow[] = []
  for (const table of tables) {
    const rows = await store.list(table, { from: '', to: '\uffff', limit: 1_000_000 })
    found.push(...rows.map((row) => ({ table, row })))
  }
  return found
}

/** Rows as text, to be compared: two stores with the same text hold the same. */
export function rawText(rows: readonly RawRow[]): readonly string[] {
  return rows.map(({ table, row: { key, value, revision } }) => {
    const text = value instanceof Uint8Array ? value.join() : 'key'
    return `${table} ${key} ${revision} ${text}`
  })
}

/** The store, and into `tables` the name of each table that is written, as it stands below the seal. */
export function notingTables(inner: Store, tables: Set<string>): Store {
  return {
    get: (table, key) => inner.get(table, key),
    list: (table, range) => inner.list(table, range),
    commit(changes) {
      for (const { table } of changes) tables.add(table)
      return inner.commit(changes)
    },
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  }
}
