import { MemoryDisk, memoryStore } from '@sotto/core/memory'
import type { Change, Row, Store } from '@sotto/core/ports'
import { KeyedMutex } from '../../../packages/core/src/sessions/keyed-mutex.js'
import type { UnitStore } from '../../../packages/core/src/sessions/unit-of-work.js'
import type { RowRange } from '../../../packages/core/src/store/rows.js'

/** A disk of which copies can be made and put back, as a person puts back a backup of a browser's profile. */
export class MachineDisk extends MemoryDisk {
  readonly #names = new Set<string>()

  override table(name: string): ReturnType<MemoryDisk['table']> {
    this.#names.add(name)
    return super.table(name)
  }

  copy(): MachineDisk {
    const copy = new MachineDisk()
    for (const name of this.#names) {
      const rows = this.table(name).list({ from: '', to: '\uffff', limit: 1_000_000 })
      for (const { key, value } of rows) copy.table(name).put(key, value)
    }
    return copy
  }
}

/** A memory store without the seal over it: what is sealed is tested elsewhere, and takes half of the time. */
export class PlainStore implements UnitStore {
  readonly turns = new KeyedMutex()
  readonly #inner: Store

  constructor(disk: MemoryDisk) {
    this.#inner = memoryStore(disk)
  }

  get(table: string, key: string): Promise<Row | undefined> {
    return this.#inner.get(table, key)
  }

  list(table: string, { prefix, from, to, limit, reverse = false }: RowRange): Promise<readonly Row[]> {
    return this.#inner.list(table, {
      from: prefix === '' ? '' : `${prefix}/${from ?? ''}`,
      // The character after the slash.
      to: prefix === '' ? '\uffff' : to === undefined ? `${prefix}0` : `${prefix}/${to}`,
      limit,
      reverse,
    })
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#inner.commit(changes)
  }
}
