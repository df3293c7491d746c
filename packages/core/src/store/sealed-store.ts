import { SottoError, check } from '@sotto/protocol'
import type { Change, KeyPolicy, Row, Store, StoreValue, Time } from '../ports/index.js'
import { KeyedMutex } from '../sessions/keyed-mutex.js'
import { Stretch } from '../stretch.js'
import { isKey, openSeal } from './root-key.js'
import type { RowRange } from './rows.js'
import type { Seal } from './seal.js'

/** Rows that are sealed side by side. Some platforms seal what is short at once, so that nothing else has its turn until all are done. */
const sealedAtOnce = 16

/**
 * Any store, sealed: what reaches it are bytes under pseudonyms. What it shows all the same: how many rows there are, how large, when they
 * change, and the sort parts of keys. Keys are `NAME` or `NAME/SORT`; the name is hidden, the sort part is not, so nothing that a person chose
 * belongs into it. `CryptoKey`s are stored as they are: the platform keeps them.
 *
 * A row that is not what was stored (moved, changed, null) is `store-damaged`, in `get` and in `list`, and never "not there".
 */
export class SealedStore {
  /** Whether rows may hold `CryptoKey`s. */
  readonly keyPolicy: KeyPolicy
  readonly turns = new KeyedMutex()
  readonly #inner: Store
  readonly #seal: Seal
  readonly #time: Time | undefined

  /** `time`: gives the page its turn while much is sealed. */
  constructor(inner: Store, seal: Seal, keyPolicy: KeyPolicy, time?: Time) {
    this.#inner = inner
    this.#seal = seal
    this.keyPolicy = keyPolicy
    this.#time = time
  }

  async get(table: string, key: string): Promise<Row | undefined> {
    const row = await this.#inner.get(this.#seal.table(table), this.#seal.key(table, key))
    return row === undefined ? undefined : this.#open(table, row, key)
  }

  /**
   * Rows of one name in the order of their sort parts, `from` included, `to` not; the row whose key is the bare name is none of them.
   * With the prefix `''` rows of all names, in an order that means nothing; then `from` and `to` are not allowed, nor `CryptoKey`s in the table.
   */
  async list(table: string, { prefix, from, to, limit, reverse = false }: RowRange): Promise<readonly Row[]> {
    const name = prefix === '' ? '' : this.#seal.name(table, prefix)
    if (prefix === '') check(from === undefined && to === undefined, 'wrong-argument', { name: 'prefix' })
    const rows = await this.#inner.list(this.#seal.table(table), {
      from: prefix === '' ? '' : `${name}/${from ?? ''}`,
      // The character after the slash; after all hexadecimal digits.
      to: prefix === '' ? 'g' : to === undefined ? `${name}0` : `${name}/${to}`,
      limit,
      reverse,
    })
    return Promise.all(
      rows.map((row) =>
        this.#open(table, row, prefix === '' ? undefined : prefix + row.key.slice(name.length)),
      ),
    )
  }

  /** As `Store.commit`. Rejects with `wrong-argument` for a `CryptoKey` where the policy is to wrap keys. */
  async commit(changes: readonly Change[]): Promise<void> {
    const hidden: Change[] = []
    const stretch = this.#time && new Stretch(this.#time)
    // In pieces, so that a page can draw between: a backlog is many hundred rows.
    for (let i = 0; i < changes.length; i += sealedAtOnce) {
      await stretch?.pause()
      hidden.push(...(await Promise.all(changes.slice(i, i + sealedAtOnce).map((one) => this.#hide(one)))))
    }
    await this.#inner.commit(hidden)
  }

  set onlost(lost: (() => void) | undefined) {
    this.#inner.onlost = lost
  }

  close(): void {
    this.#inner.close()
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }

  async #hide(change: Change): Promise<Change> {
    const place = { table: this.#seal.table(change.table), key: this.#seal.key(change.table, change.key) }
    if (change.kind !== 'put') return { ...change, ...place }
    return { ...change, ...place, value: await this.#hideValue(change.table, change.key, change.value) }
  }

  async #hideValue(table: string, key: string, value: StoreValue): Promise<StoreValue> {
    if (value instanceof Uint8Array) return this.#seal.seal(table, key, value)
    check(isKey(value) && this.keyPolicy === 'crypto-key', 'wrong-argument', { name: 'value' })
    return value
  }

  /** `key` is the one that was asked for, where one was. */
  async #open(table: string, row: Row, key: string | undefined): Promise<Row> {
    const { revision } = row
    // What the platform could not keep comes back as null, whatever the types say.
    const value: unknown = row.value
    if (value instanceof Uint8Array) {
      const unsealed = await this.#seal.open(table, row.key, value)
      check(key === undefined || unsealed.key === key, 'store-damaged', { what: table })
      return { key: unsealed.key, value: unsealed.value, revision }
    }
    check(isKey(value), 'store-damaged', { what: table })
    if (key === undefined) throw new SottoError('wrong-argument', { name: 'prefix' })
    return { key, value, revision }
  }
}

/**
 * Opens `inner`, sealed under its own root key, which is made where the store is new. `name` is the store's name, part of every derived key.
 * Rejects with `store-damaged` where the root key is gone, null, or another's; with `no-crypto` where the platform cannot keep keys.
 */
export async function openSealedStore(
  inner: Store,
  options: { readonly name: string; readonly keyPolicy?: KeyPolicy; readonly time?: Time },
): Promise<SealedStore> {
  const { name, keyPolicy = 'crypto-key', time } = options
  return new SealedStore(inner, await openSeal(inner, name), keyPolicy, time)
}
