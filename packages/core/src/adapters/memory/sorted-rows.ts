import { firstRevision, type Row, type StoreRange, type StoreValue } from '@sotto/core/ports'

/** One table: rows found by key and listed in the order of keys, code unit by code unit. Bytes are copied in and out. */
export class SortedRows {
  readonly #rows = new Map<string, Row>()
  readonly #keys: string[] = []

  get(key: string): Row | undefined {
    const row = this.#rows.get(key)
    return row && copyOf(row)
  }

  revision(key: string): number | 'absent' {
    return this.#rows.get(key)?.revision ?? 'absent'
  }

  list({ from, to, limit, reverse = false }: StoreRange): readonly Row[] {
    const start = this.#place(from)
    const end = Math.max(start, this.#place(to))
    const keys = reverse
      ? this.#keys.slice(Math.max(start, end - limit), end).reverse()
      : this.#keys.slice(start, Math.min(end, start + limit))
    return keys.flatMap((key) => this.get(key) ?? [])
  }

  put(key: string, value: StoreValue): void {
    const known = this.#rows.get(key)
    if (known === undefined) this.#keys.splice(this.#place(key), 0, key)
    const revision = known === undefined ? firstRevision() : known.revision + 1
    this.#rows.set(key, copyOf({ key, value, revision }))
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#keys.splice(this.#place(key), 1)
  }

  /** How many keys are smaller. */
  #place(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#keys[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

function copyOf(row: Row): Row {
  // Not `slice`: of a Node `Buffer` that is no copy.
  return row.value instanceof Uint8Array ? { ...row, value: new Uint8Array(row.value) } : { ...row }
}
