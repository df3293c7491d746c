interface Asked {
  readonly ask: (rows: IDBObjectStore) => IDBRequest
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
}

/**
 * All reads that are asked for together, as one transaction of which only the last answer is listened for: opening one takes longer than
 * reading a row, and so does hearing of each answer.
 */
export class Reads {
  readonly #database: IDBDatabase
  #asked: Asked[] = []

  constructor(database: IDBDatabase) {
    this.#database = database
  }

  /** Resolves with the result of the request that `ask` makes of the rows. Rejects with the `DOMException` of the transaction. */
  read<T>(ask: (rows: IDBObjectStore) => IDBRequest): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => void this.#readAll())
      this.#asked.push({ ask, resolve, reject })
    })
  }

  async #readAll(): Promise<void> {
    const all = this.#asked
    this.#asked = []
    try {
      const rows = this.#database.transaction('rows').objectStore('rows')
      const requests = all.map(({ ask }) => ask(rows))
      await lastOf(rows.transaction, requests)
      all.forEach(({ resolve }, i) => resolve(requests[i]?.result as never))
    } catch (error) {
      for (const { reject } of all) reject(error)
    }
  }
}

/** Resolves when the last of these is done, and so are all before it: a transaction takes them in order. Rejects with why it was aborted. */
export async function lastOf(transaction: IDBTransaction, requests: readonly IDBRequest[]): Promise<void> {
  const last = requests.at(-1)
  if (last === undefined) return
  await new Promise<void>((resolve, reject) => {
    last.onsuccess = () => resolve()
    transaction.addEventListener('abort', () => reject(whyAborted(transaction)))
  })
}

/** A transaction that is done: durable. Rejects with why it was aborted. */
export function doneOf(transaction: IDBTransaction): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.addEventListener('abort', () => reject(whyAborted(transaction)))
  })
}

const whyAborted = ({ error }: IDBTransaction): DOMException => error ?? new DOMException('', 'AbortError')
