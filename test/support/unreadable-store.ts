import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import type { Store } from '@sotto/core/ports'
import { SottoError } from '@sotto/protocol'
import type { RowReader } from '../../packages/core/src/store/rows.js'
import type { Installation } from './people.js'

/** The store of an installation, without the tables that `read` reads while `fails` says so. */
export async function unreadable(
  { disk, name }: Installation,
  read: (rows: RowReader) => Promise<unknown>,
  fails: () => boolean,
): Promise<Store> {
  // What tables are called below the seal is seen where they are read.
  const tables = new Set<string>()
  const noting = watched(memoryStore(disk), (table) => tables.add(table))
  const sealed = await openSealedStore(noting, { name })
  tables.clear()
  await run(sealed, read)
  return watched(memoryStore(disk), (table) => {
    if (fails() && tables.has(table)) throw new SottoError('store-failed')
  })
}

/** Tells of each table before it is read. */
function watched(inner: Store, look: (table: string) => void): Store {
  return {
    async get(table, key) {
      look(table)
      return inner.get(table, key)
    },
    async list(table, range) {
      look(table)
      return inner.list(table, range)
    },
    commit: (changes) => inner.commit(changes),
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  }
}
