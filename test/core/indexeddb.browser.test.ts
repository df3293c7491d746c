import { broadcastChannels, pageVisibility, probeKeyStorage, systemTime, webLocks } from '@sotto/core/browser'
import { indexedDbStore } from '@sotto/core/indexeddb'
import type { Store } from '@sotto/core/ports'
import { locksCases, storeCases } from '@sotto/core/testing'
import { SottoError, utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { openSealedStore } from '../../packages/core/src/store/sealed-store.js'
import { channelSteps } from './channel-steps.js'
import { rejects } from './reject.js'

const someName = () => `sotto-test-${crypto.randomUUID()}`

async function destroy(name: string): Promise<void> {
  await (await indexedDbStore(name)).destroy()
}

for (const { name, run } of storeCases(async () => {
  const database = someName()
  const opened: Store[] = []
  return {
    async open() {
      const store = await indexedDbStore(database)
      opened.push(store)
      return store
    },
    async dispose() {
      for (const store of opened) store.close()
      await destroy(database)
    },
  }
})) {
  test(`indexeddb store: ${name}`, run)
}

for (const { name, run } of locksCases(() => [webLocks(), webLocks()])) test(`web locks: ${name}`, run)

test('broadcast channels tell all others of a name, in order, and nobody after close', async () => {
  await channelSteps(broadcastChannels(), someName())
})

test('asks for strict durability in each commit', async ({ after }) => {
  const asked: (string | undefined)[] = []
  const original = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    if (mode === 'readwrite') asked.push(options?.durability)
    return original.call(this, stores, mode, options)
  }
  after(() => (IDBDatabase.prototype.transaction = original))
  const name = someName()
  const store = await indexedDbStore(name)
  await store.commit([{ kind: 'put', table: 't', key: 'k', value: utf8('x') }])
  const { revision = 0 } = (await store.get('t', 'k')) ?? {}
  await store.commit([{ kind: 'check', table: 't', key: 'k', expect: revision }])
  assert.deepEqual(asked, ['strict', 'strict'])
  await store.destroy()
})

test('says what went wrong in a store’s own codes, and writes nothing', async ({ after }) => {
  const original = IDBObjectStore.prototype.put
  after(() => (IDBObjectStore.prototype.put = original))
  for (const [cause, code] of [
    ['QuotaExceededError', 'store-full'],
    ['UnknownError', 'store-failed'],
    ['DataCloneError', 'no-crypto'],
  ] as const) {
    const name = someName()
    const store = await indexedDbStore(name)
    let puts = 0
    IDBObjectStore.prototype.put = function (value, key) {
      if (++puts === 2) throw new DOMException('', cause)
      return original.call(this, value, key)
    }
    const changes = ['a', 'b', 'c'].map(
      (key) => ({ kind: 'put', table: 't', key, value: utf8(key) }) as const,
    )
    const error = await rejects(store.commit(changes), code)
    assert.equal((error.cause as Error).name, cause)
    IDBObjectStore.prototype.put = original
    for (const { key } of changes) assert.isUndefined(await store.get('t', key), 'no partial commit')
    await store.commit(changes)
    await store.destroy()
  }
})

test('lists backwards alike with and without getAllRecords', async ({ after }) => {
  const prototype = IDBObjectStore.prototype as { getAllRecords?: unknown }
  const original = Object.getOwnPropertyDescriptor(prototype, 'getAllRecords')
  const name = someName()
  const store = await indexedDbStore(name)
  const keys = Array.from({ length: 30 }, (_, i) => String(i).padStart(2, '0'))
  await store.commit(keys.map((key) => ({ kind: 'put', table: 't', key, value: utf8(key) })))
  const list = async () =>
    (await store.list('t', { from: '05', to: '25', limit: 5, reverse: true })).map(({ key }) => key)
  assert.deepEqual(await list(), ['24', '23', '22', '21', '20'])
  if (original !== undefined) {
    after(() => Object.defineProperty(prototype, 'getAllRecords', original))
    delete prototype.getAllRecords
    assert.deepEqual(await list(), ['24', '23', '22', '21', '20'])
  }
  await store.destroy()
})

test('refuses a database that a newer version has made', async () => {
  const name = someName()
  await new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 99)
    request.onsuccess = () => {
      request.result.close()
      resolve(undefined)
    }
    request.onerror = () => reject(new Error('not opened'))
  })
  await rejects(indexedDbStore(name), 'unsupported-version')
  indexedDB.deleteDatabase(name)
})

test('takes a commit apart from another connection’s: a row read and written by eight at once loses no step', async () => {
  const name = someName()
  const stores = await Promise.all(Array.from({ length: 8 }, () => indexedDbStore(name)))
  const step = async (store: Store): Promise<void> => {
    for (;;) {
      const row = await store.get('t', 'n')
      const next = Number(row?.value instanceof Uint8Array ? new TextDecoder().decode(row.value) : 0) + 1
      try {
        const expect = row?.revision ?? 'absent'
        await store.commit([{ kind: 'put', table: 't', key: 'n', value: utf8(String(next)), expect }])
        return
      } catch (error) {
        if (!SottoError.is(error, 'conflict')) throw error
      }
    }
  }
  await Promise.all(stores.map(step))
  assert.deepEqual((await stores[0]?.get('t', 'n'))?.value, utf8('8'))
  for (const store of stores) store.close()
  await destroy(name)
})

test('keeps a sealed store’s keys in the platform, and grants no way to read them', async () => {
  const name = someName()
  const store = await openSealedStore(await indexedDbStore(name), { name })
  await store.commit([{ kind: 'put', table: 'messages', key: 'alice/1', value: utf8('Lunch?') }])
  store.close()
  const inner = await indexedDbStore(name)
  const root = await inner.get('root', 'key')
  assert.instanceOf(root?.value, CryptoKey)
  assert.isFalse((root?.value).extractable)
  inner.close()
  const again = await openSealedStore(await indexedDbStore(name), { name })
  assert.deepEqual((await again.get('messages', 'alice/1'))?.value, utf8('Lunch?'))
  await again.destroy()
})

test('finds out that this platform keeps keys, and leaves nothing behind', async () => {
  const name = someName()
  const store = await indexedDbStore(name)
  assert.equal(await probeKeyStorage(store), 'crypto-key')
  assert.deepEqual(await store.list('probe', { from: '', to: '\uffff', limit: 9 }), [])
  await store.destroy()
})

test('knows whether the page is seen', () => {
  const { value, subscribe } = pageVisibility()
  assert.equal(value, document.visibilityState === 'visible')
  const told: boolean[] = []
  subscribe((visible) => told.push(visible))()
  assert.deepEqual(told, [value])
})

test('sleeps, wakes, and can be woken', async () => {
  const time = systemTime()
  await time.sleep(1)
  const stop = new AbortController()
  const sleeping = time.sleep(2 ** 40, stop.signal)
  stop.abort()
  await rejects(sleeping, 'aborted')
})
