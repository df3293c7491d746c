import { SottoError, check } from '@sotto/protocol'
import type { Change, Row, Store, StoreRange } from '@sotto/core/ports'
import { SortedRows } from './sorted-rows.js'

/** What several memory stores share, as tabs share a database: give one to each. */
export class MemoryDisk {
  #tables = new Map<string, SortedRows>()

  table(name: string): SortedRows {
    let table = this.#tables.get(name)
    if (table === undefined) this.#tables.set(name, (table = new SortedRows()))
    return table
  }

  /** Changes with `destroy`: a store that was opened before is closed by it. */
  get identity(): unknown {
    return this.#tables
  }

  destroy(): void {
    this.#tables = new Map()
  }
}

/** A store that forgets everything when the process ends. */
export function memoryStore(disk: MemoryDisk = new MemoryDisk()): Store {
  return new MemoryStore(disk)
}

class MemoryStore implements Store {
  readonly #disk: MemoryDisk
  readonly #identity: unknown
  #closed = false

  constructor(disk: MemoryDisk) {
    this.#disk = disk
    this.#identity = disk.identity
  }

  async get(table: string, key: string): Promise<Row | undefined> {
    this.#checkOpen()
    return this.#disk.table(table).get(key)
  }

  async list(table: string, range: StoreRange): Promise<readonly Row[]> {
    this.#checkOpen()
    return this.#disk.table(table).list(range)
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.#checkOpen()
    const names = new Set(changes.map(({ table, key }) => `${table}\0${key}`))
    check(names.size === changes.length, 'wrong-argument', { name: 'changes' })
    for (const { table, key, expect } of changes) {
      if (expect !== undefined && this.#disk.table(table).revision(key) !== expect)
        throw new SottoError('conflict')
    }
    for (const change of changes) {
      const table = this.#disk.table(change.table)
      if (change.kind === 'put') table.put(change.key, change.value)
      if (change.kind === 'delete') table.delete(change.key)
    }
  }

  close(): void {
    this.#closed = true
  }

  async destroy(): Promise<void> {
    this.#closed = true
    this.#disk.destroy()
  }

  #checkOpen(): void {
    check(!this.#closed && this.#identity === this.#disk.identity, 'closed')
  }
}
