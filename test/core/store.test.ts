import { memoryStore, MemoryDisk } from '@sotto/core/memory'
import type { Row, Store, StoreValue } from '@sotto/core/ports'
import { concatBytes, utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { openSealedStore } from '../../packages/core/src/store/sealed-store.js'
import { notingTables, rawRows } from '../support/raw-rows.js'
import { rejects } from './reject.js'

const name = 'sotto-test'
const put = (table: string, key: string, value: StoreValue) => ({ kind: 'put', table, key, value }) as const

async function setup() {
  const disk = new MemoryDisk()
  const inner = recording(memoryStore(disk))
  return { disk, inner, store: await openSealedStore(inner, { name }) }
}

/** Remembers which tables were written, to read them raw: the store port lists no tables. */
function recording(inner: Store) {
  const tables = new Set<string>()
  const raw = async (): Promise<readonly (Row & { readonly table: string })[]> =>
    (await rawRows(inner, tables)).map(({ table, row }) => ({ ...row, table }))
  return { ...notingTables(inner, tables), tables, raw }
}

async function only(inner: ReturnType<typeof recording>): Promise<Row & { table: string }> {
  const [row] = (await inner.raw()).filter(({ table }) => isSealed(table))
  if (row === undefined) throw new Error('no row')
  return row
}

/** All tables but those of the root key. */
const isSealed = (table: string): boolean => table !== 'root' && table !== 'made'

test('gives back what was put, across openings', async () => {
  const { disk, store } = await setup()
  await store.commit([put('messages', 'alice/001', utf8('hello')), put('self', 'self', new Uint8Array(0))])
  const again = await openSealedStore(memoryStore(disk), { name })
  const { revision = 0 } = (await store.get('messages', 'alice/001')) ?? {}
  assert.deepEqual(await again.get('messages', 'alice/001'), {
    key: 'alice/001',
    value: utf8('hello'),
    revision,
  })
  assert.deepEqual((await again.get('self', 'self'))?.value, new Uint8Array(0))
  assert.isUndefined(await again.get('messages', 'alice/002'))
  assert.isUndefined(await again.get('self', 'messages'))
})

test('lets neither names nor text nor tables stand in the store below', async () => {
  const { inner, store } = await setup()
  await store.commit([
    put('messages', 'alice/0001', utf8('Lunch?')),
    put('peers', 'alice', utf8('alice again')),
    put('peers', 'bob', utf8('x')),
  ])
  const rows = await inner.raw()
  assert.lengthOf(rows, 6)
  const all = rows
    .map(
      ({ table, key, value }) =>
        `${table} ${key} ${value instanceof Uint8Array ? String.fromCharCode(...value) : ''}`,
    )
    .join()
  for (const secret of ['alice', 'bob', 'Lunch', 'messages', 'peers']) assert.notInclude(all, secret)
  assert.include(all, '/0001', 'the sort part stays')
  const names = rows.filter(({ table }) => isSealed(table)).map(({ key }) => key.slice(0, 32))
  assert.lengthOf(new Set(names), 3, 'one name has another pseudonym in another table')
  for (const one of names) assert.match(one, /^[0-9a-f]{32}$/)
})

test('lists one name by ranges of the sort part, both ways', async () => {
  const { store } = await setup()
  const keys = ['a', 'a/', 'a/1', 'a/2', 'a/3', 'a/3/x', 'ab/1', 'b/1']
  await store.commit(keys.map((key, i) => put('t', key, Uint8Array.of(i))))
  const list = async (range: Parameters<typeof store.list>[1]) =>
    (await store.list('t', range)).map(({ key }) => key)
  assert.deepEqual(await list({ prefix: 'a', limit: 10 }), ['a/', 'a/1', 'a/2', 'a/3', 'a/3/x'])
  assert.deepEqual(await list({ prefix: 'a', from: '1', to: '3', limit: 10 }), ['a/1', 'a/2'])
  assert.deepEqual(await list({ prefix: 'a', from: '2', limit: 2 }), ['a/2', 'a/3'])
  assert.deepEqual(await list({ prefix: 'a', to: '3', limit: 2, reverse: true }), ['a/2', 'a/1'])
  assert.deepEqual(await list({ prefix: 'c', limit: 10 }), [])
  const rows = await store.list('t', { prefix: 'a', from: '3', to: '4', limit: 10 })
  assert.deepEqual(
    rows.map(({ value }) => value),
    [Uint8Array.of(4), Uint8Array.of(5)],
  )
})

test('lists all names of a table, although they stand nowhere in plain', async () => {
  const { store } = await setup()
  const keys = ['alice', 'bob', 'carol/1', '__proto__']
  await store.commit(keys.map((key) => put('peers', key, utf8(key))))
  const rows = await store.list('peers', { prefix: '', limit: 10 })
  assert.sameMembers(
    rows.map(({ key }) => key),
    keys,
  )
  for (const { key, value } of rows) assert.deepEqual(value, utf8(key))
  assert.lengthOf(await store.list('peers', { prefix: '', limit: 2 }), 2)
  await rejects(store.list('peers', { prefix: '', from: 'a', limit: 2 }), 'wrong-argument')
})

test('seals one value differently each time', async () => {
  const { inner, store } = await setup()
  await store.commit([put('t', 'k', utf8('same'))])
  const first = await only(inner)
  await store.commit([put('t', 'k', utf8('same'))])
  assert.notDeepEqual((await only(inner)).value, first.value)
})

test('says store-damaged for every flipped byte of a sealed row', async () => {
  const { inner, store } = await setup()
  await store.commit([put('t', 'k/1', utf8('value'))])
  const { table, key, value } = await only(inner)
  if (!(value instanceof Uint8Array)) throw new Error('not sealed')
  for (let i = 0; i < value.length; i++) {
    const flipped = value.slice()
    flipped[i] = (flipped[i] ?? 0) ^ 1
    await inner.commit([{ kind: 'put', table, key, value: flipped }])
    await rejects(store.get('t', 'k/1'), 'store-damaged')
    await rejects(store.list('t', { prefix: 'k', limit: 1 }), 'store-damaged')
    await rejects(store.list('t', { prefix: '', limit: 1 }), 'store-damaged')
  }
  for (const cut of [
    value.slice(0, -1),
    value.slice(0, 13),
    new Uint8Array(0),
    concatBytes(value, Uint8Array.of(0)),
  ]) {
    await inner.commit([{ kind: 'put', table, key, value: cut }])
    await rejects(store.get('t', 'k/1'), 'store-damaged')
  }
  await inner.commit([{ kind: 'put', table, key, value }])
  assert.deepEqual((await store.get('t', 'k/1'))?.value, utf8('value'), 'and opens the right one')
})

test('says store-damaged for a row moved to another key, another sort part or another table', async () => {
  const { inner, store } = await setup()
  await store.commit([put('t', 'a/1', utf8('of a'))])
  const source = await only(inner)
  await store.commit([
    put('t', 'b/1', utf8('of b')),
    put('t', 'a/2', utf8('of a')),
    put('u', 'a/1', utf8('of u')),
  ])
  const places = (await inner.raw()).filter(
    (row) => isSealed(row.table) && (row.key !== source.key || row.table !== source.table),
  )
  assert.lengthOf(places, 3)
  await inner.commit(places.map(({ table, key }) => ({ kind: 'put', table, key, value: source.value })))
  for (const [table, key] of [
    ['t', 'b/1'],
    ['t', 'a/2'],
    ['u', 'a/1'],
  ] as const) {
    await rejects(store.get(table, key), 'store-damaged')
    await rejects(store.list(table, { prefix: '', limit: 9 }), 'store-damaged')
  }
  assert.deepEqual((await store.get('t', 'a/1'))?.value, utf8('of a'))
})

test('says store-damaged for a row laid into another table as it is, and for a key that only looks like another', async () => {
  const { inner, store } = await setup()
  await store.commit([put('t', 'a', utf8('of t'))])
  const source = await only(inner)
  await store.commit([put('u', 'b', utf8('of u'))])
  const other = (await inner.raw()).find(({ table }) => isSealed(table) && table !== source.table)
  await inner.commit([{ kind: 'put', table: other?.table ?? '', key: source.key, value: source.value }])
  await rejects(store.list('u', { prefix: '', limit: 9 }), 'store-damaged')
  // Both are the same bytes in UTF-8.
  await store.commit([put('v', '\ufffd', utf8('one'))])
  await rejects(store.get('v', '\ud800'), 'store-damaged')
  assert.deepEqual((await store.get('v', '\ufffd'))?.value, utf8('one'))
})

test('opens no row of a store of another name, and no store by the root key of another', async () => {
  const first = await setup()
  await first.store.commit([put('t', 'k', utf8('x'))])
  await rejects(openSealedStore(memoryStore(first.disk), { name: 'sotto-other' }), 'store-damaged')
  const second = await setup()
  const key = await first.inner.get('root', 'key')
  await second.inner.commit([put('root', 'key', key?.value as CryptoKey)])
  await rejects(openSealedStore(memoryStore(second.disk), { name }), 'store-damaged')
})

test('never takes a store without its root key for a new one', async () => {
  for (const damage of ['null', 'missing', 'bytes', 'no proof', 'proof null', 'both'] as const) {
    const { disk, inner, store } = await setup()
    await store.commit([put('t', 'k', utf8('x'))])
    if (damage === 'missing') await inner.commit([{ kind: 'delete', table: 'root', key: 'key' }])
    if (damage === 'both')
      await inner.commit(['key', 'proof'].map((key) => ({ kind: 'delete', table: 'root', key })))
    if (damage === 'no proof') await inner.commit([{ kind: 'delete', table: 'root', key: 'proof' }])
    if (damage === 'bytes') await inner.commit([put('root', 'key', new Uint8Array(32))])
    if (damage === 'null') await inner.commit([put('root', 'key', null as unknown as CryptoKey)])
    if (damage === 'proof null') await inner.commit([put('root', 'proof', null as unknown as CryptoKey)])
    const before = await inner.raw()
    await rejects(openSealedStore(memoryStore(disk), { name }), 'store-damaged')
    assert.deepEqual(await inner.raw(), before, damage)
  }
})

test('makes one root key when many tabs open a new store at once', async () => {
  const disk = new MemoryDisk()
  const stores = await Promise.all(
    Array.from({ length: 8 }, () => openSealedStore(memoryStore(disk), { name })),
  )
  await Promise.all(stores.map((store, i) => store.commit([put('t', `k${String(i)}`, Uint8Array.of(i))])))
  for (const store of stores) assert.lengthOf(await store.list('t', { prefix: '', limit: 10 }), 8)
})

test('starts nothing where the platform keeps no keys', async () => {
  const forgetful = (inner: Store): Store => ({
    get: async (table, key) => nullKeys(await inner.get(table, key)),
    list: async (table, range) => (await inner.list(table, range)).map((row) => nullKeys(row) ?? row),
    commit: (changes) => inner.commit(changes),
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  })
  const inner = recording(memoryStore())
  await rejects(openSealedStore(forgetful(inner), { name }), 'no-crypto')
  assert.lengthOf(await inner.raw(), 0, 'nothing stays behind')
  await rejects(openSealedStore(forgetful(inner), { name }), 'no-crypto')
})

function nullKeys(row: Row | undefined): Row | undefined {
  return row && (row.value instanceof Uint8Array ? row : { ...row, value: null as unknown as CryptoKey })
}

test('keeps a key of the platform, and says store-damaged when null comes back', async () => {
  const { disk, inner, store } = await setup()
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
  await store.commit([put('keys', 'signing', pair.privateKey), put('keys', 'signed/1', pair.privateKey)])
  const again = await openSealedStore(memoryStore(disk), { name })
  const kept = (await again.get('keys', 'signing'))?.value
  assert.instanceOf(kept, CryptoKey)
  const signature = await crypto.subtle.sign('Ed25519', kept, new Uint8Array(3))
  assert.isTrue(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, new Uint8Array(3)))
  const listed = await again.list('keys', { prefix: 'signed', limit: 2 })
  assert.deepEqual(
    listed.map(({ key }) => key),
    ['signed/1'],
  )
  for (const row of await inner.raw()) {
    if (row.table === 'root' || row.value instanceof Uint8Array) continue
    await inner.commit([{ kind: 'put', table: row.table, key: row.key, value: null as unknown as CryptoKey }])
  }
  await rejects(again.get('keys', 'signing'), 'store-damaged')
  await rejects(again.list('keys', { prefix: 'signed', limit: 2 }), 'store-damaged')
})

test('takes no key of the platform where the policy is to wrap keys', async () => {
  const store = await openSealedStore(memoryStore(), { name, keyPolicy: 'wrapped' })
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])
  await rejects(store.commit([put('t', 'before', utf8('x')), put('keys', 'k', key)]), 'wrong-argument')
  assert.isUndefined(await store.get('t', 'before'))
})

test('passes expectations on: a conflict writes nothing', async () => {
  const { store } = await setup()
  await store.commit([{ ...put('t', 'a', utf8('1')), expect: 'absent' }])
  const { revision = 0 } = (await store.get('t', 'a')) ?? {}
  await rejects(
    store.commit([put('t', 'b', utf8('2')), { ...put('t', 'a', utf8('2')), expect: 'absent' }]),
    'conflict',
  )
  await rejects(
    store.commit([put('t', 'b', utf8('2')), { kind: 'check', table: 't', key: 'a', expect: revision + 1 }]),
    'conflict',
  )
  assert.isUndefined(await store.get('t', 'b'))
  await store.commit([put('t', 'b', utf8('2')), { kind: 'check', table: 't', key: 'a', expect: revision }])
  assert.isDefined(await store.get('t', 'b'))
})
