import type { Store } from '@sotto/core/ports'
import { fromBase64Url, toBase64Url } from '@sotto/protocol'
import { Seal } from '../../packages/core/src/store/seal.js'

/** A client's store as it lies below its seal. Its keys are wrapped, but for the root key, which was made of bytes that are known. */
export interface DumpedStore {
  readonly account: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly root: string
  /** Table, key, value. */
  readonly rows: readonly (readonly [string, string, string])[]
}

const rootTable = 'root'

async function importRoot(bytes: Uint8Array): Promise<CryptoKey> {
  const raw = bytes as Uint8Array<ArrayBuffer>
  return globalThis.crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey', 'deriveBits'])
}

/** What a new store holds first, under a root key of known bytes. */
export async function seedRoot(store: Store, name: string, root: Uint8Array): Promise<void> {
  const key = await importRoot(root)
  const proof = await (await Seal.of(key, name)).seal(rootTable, 'proof', new Uint8Array(0))
  await store.commit([
    { kind: 'put', table: rootTable, key: 'key', value: key },
    { kind: 'put', table: rootTable, key: 'proof', value: proof },
  ])
}

export async function dumpStore(store: Store, tables: Iterable<string>): Promise<DumpedStore['rows']> {
  const rows: [string, string, string][] = []
  for (const table of [...tables].sort()) {
    for (const { key, value } of await store.list(table, { from: '', to: '\uffff', limit: 100_000 })) {
      if (value instanceof Uint8Array) rows.push([table, key, toBase64Url(value)])
      else if (table !== rootTable) throw new Error('a key that is not wrapped')
    }
  }
  return rows
}

/** Puts a dump into a new store. */
export async function loadStore({ root, rows }: DumpedStore, store: Store): Promise<void> {
  await store.commit([
    { kind: 'put', table: rootTable, key: 'key', value: await importRoot(fromBase64Url(root)) },
    ...rows.map(([table, key, value]) => ({ kind: 'put', table, key, value: fromBase64Url(value) }) as const),
  ])
}
