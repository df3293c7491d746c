import type { StoreValue } from '@sotto/core/ports'
import type { NestedRows, RowWriter } from '../../packages/core/src/store/rows.js'

/** Rows that are written as they are staged, for a device that never goes back. */
export class RowsInMemory implements RowWriter {
  readonly #rows = new Map<string, StoreValue>()

  get(table: string, key: string): Promise<StoreValue | undefined> {
    return Promise.resolve(this.#rows.get(`${table}/${key}`))
  }

  presume(table: string, key: string): Promise<StoreValue | undefined> {
    return this.get(table, key)
  }

  list(): Promise<never> {
    return Promise.reject(new Error('nothing is listed'))
  }

  put(table: string, key: string, value: StoreValue): void {
    this.#rows.set(`${table}/${key}`, value)
  }

  delete(table: string, key: string): void {
    this.#rows.delete(`${table}/${key}`)
  }

  nest(): NestedRows {
    throw new Error('nothing is nested')
  }
}
