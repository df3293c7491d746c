import { SottoError, check, randomBytes } from '@sotto/protocol'
import type { Store } from '../ports/index.js'
import { Seal } from './seal.js'

const rootTable = 'root'
const keyName = 'key'
const proofName = 'proof'
/** Apart from the two, so that a store that has lost both is known from one that was never there. */
const markTable = 'made'

/**
 * Opens the seal of a store; makes its root key where the store is new. The root key is a non-extractable `CryptoKey` in a row of its own,
 * beside a proof: a value it sealed. Both are written in one commit, with a mark that a store was made here: one of them without the others is
 * damage, and never a new store. Rejects with
 * `store-damaged`, with `no-crypto` where the platform keeps no keys (then nothing stays behind), and as the store does.
 */
export async function openSeal(store: Store, name: string): Promise<Seal> {
  const found = await readRoot(store)
  const isNew = found.every((row) => row === undefined)
  if (isNew) await checkNew(store)
  const made = isNew && (await makeRoot(store, name))
  // What was just made, here or in another tab, is read in another transaction, and used: some browsers take a key and give null back.
  const isWhole = found.every((row) => row !== undefined)
  const [root, proof] = isWhole ? found : await readRoot(store)
  if (made && !isKey(root?.value)) {
    await store.commit([
      { kind: 'delete', table: rootTable, key: keyName },
      { kind: 'delete', table: rootTable, key: proofName },
      { kind: 'delete', table: markTable, key: markTable },
    ])
    throw new SottoError('no-crypto')
  }
  check(isKey(root?.value), 'store-damaged', { what: 'root key' })
  check(proof?.value instanceof Uint8Array, 'store-damaged', { what: 'root key' })
  const seal = await Seal.of(root.value, name)
  await seal.open(rootTable, seal.key(rootTable, proofName), proof.value)
  return seal
}

const readRoot = (store: Store) =>
  Promise.all([store.get(rootTable, keyName), store.get(rootTable, proofName)])

/** Another tab may have made it between our two reads. Before there was a mark, stores were made without one. */
async function checkNew(store: Store): Promise<void> {
  if ((await store.get(markTable, markTable)) === undefined) return
  const found = await readRoot(store)
  check(
    found.some((row) => row !== undefined),
    'store-damaged',
    { what: 'root key' },
  )
}

/** Whether this call made it. Of several tabs that open a new store at once, the first one does. */
async function makeRoot(store: Store, name: string): Promise<boolean> {
  const bytes = randomBytes(32)
  const root = await globalThis.crypto.subtle.importKey(
    'raw',
    bytes as Uint8Array<ArrayBuffer>,
    'HKDF',
    false,
    ['deriveKey', 'deriveBits'],
  )
  bytes.fill(0)
  const seal = await Seal.of(root, name)
  const proof = await seal.seal(rootTable, proofName, new Uint8Array(0))
  try {
    await store.commit([
      { kind: 'put', table: rootTable, key: keyName, value: root, expect: 'absent' },
      { kind: 'put', table: rootTable, key: proofName, value: proof, expect: 'absent' },
      { kind: 'put', table: markTable, key: markTable, value: Uint8Array.of(1) },
    ])
    return true
  } catch (error) {
    if (!SottoError.is(error, 'conflict')) throw error
    return false
  }
}

export function isKey(value: unknown): value is CryptoKey {
  return typeof CryptoKey !== 'undefined' && value instanceof CryptoKey
}
