import type { Change, Store, StoreValue } from '../ports/index.js'
import { expect, expectEqual, expectRejection, type Case } from './case.js'

/** A fresh, empty place to keep rows. `open` gives one more store on the same rows, as one more tab would. */
export interface StorePlace {
  open(): Promise<Store>
  dispose(): Promise<void>
}

const bytes = (...values: number[]) => Uint8Array.of(...values)

function put(table: string, key: string, value: StoreValue, expected?: number | 'absent'): Change {
  return { kind: 'put', table, key, value, ...(expected === undefined ? {} : { expect: expected }) }
}

/** The revision of a row that is there. */
async function revisionOf(store: Store, table: string, key: string): Promise<number> {
  const row = await store.get(table, key)
  expect(row !== undefined, `a row ${key}`)
  return row.revision
}

/** What a `Store` promises. `keys: false` for one whose platform keeps no `CryptoKey`. */
export function storeCases(
  make: () => Promise<StorePlace>,
  options: { readonly keys?: boolean } = {},
): readonly Case[] {
  const cases: Case[] = []
  const add = (name: string, run: (store: Store, place: StorePlace) => Promise<void>) => {
    cases.push({
      name,
      async run() {
        const place = await make()
        try {
          await run(await place.open(), place)
        } finally {
          await place.dispose()
        }
      },
    })
  }

  add('answers undefined for a row that is not there', async (store) => {
    expectEqual(await store.get('a', 'b'), undefined, 'a row that is not there')
  })

  add(
    'gives a new row a revision, and another with each put: one more to who knew the last',
    async (store) => {
      await store.commit([put('t', 'k', bytes(1))])
      const first = await store.get('t', 'k')
      const revision = first?.revision ?? 0
      expect(Number.isSafeInteger(revision) && revision >= 1, 'a whole number from 1')
      expectEqual(first, { key: 'k', value: bytes(1), revision }, 'a new row')
      await store.commit([put('t', 'k', bytes(2))])
      const second = await revisionOf(store, 't', 'k')
      expect(Number.isSafeInteger(second) && second >= 1, 'a whole number from 1 again')
      expect(second !== revision, 'another revision after a put that expects none')
      await expectRejection(
        store.commit([put('t', 'k', bytes(9), revision)]),
        'conflict',
        'a put over what it did not read',
      )
      await store.commit([put('t', 'k', bytes(3), second)])
      expectEqual(
        (await store.get('t', 'k'))?.revision,
        second + 1,
        'the revision after a put that knew the last',
      )
    },
  )

  add('takes no revision from before a delete for one after it', async (store) => {
    const had = new Set<number>()
    let revision = 0
    const see = async () => {
      revision = await revisionOf(store, 't', 'k')
      expect(!had.has(revision), 'a revision that this row did not have before')
      had.add(revision)
    }
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i <= round; i++) {
        await store.commit([put('t', 'k', bytes(i), i === 0 || i % 2 === 1 ? undefined : revision)])
        await see()
      }
      await store.commit([{ kind: 'delete', table: 't', key: 'k' }])
      expectEqual(await store.get('t', 'k'), undefined, 'a deleted row')
      await store.commit([put('t', 'k', bytes(9), 'absent')])
      const stale: Change[] = [
        put('t', 'k', bytes(1), revision),
        { kind: 'check', table: 't', key: 'k', expect: revision },
        { kind: 'delete', table: 't', key: 'k', expect: revision },
      ]
      for (const one of stale)
        await expectRejection(store.commit([one, put('u', 'with it', bytes(1))]), 'conflict', one.kind)
      expectEqual((await store.get('t', 'k'))?.value, bytes(9), 'the row that came again')
      await see()
      await store.commit([{ kind: 'delete', table: 't', key: 'k' }])
    }
    expectEqual(await store.get('u', 'with it'), undefined, 'what would have been written with it')
  })

  add('keeps tables apart, also by names that run into each other', async (store) => {
    await store.commit([put('ab', 'c', bytes(1)), put('a', 'bc', bytes(2)), put('a', 'c', bytes(3))])
    expectEqual((await store.get('ab', 'c'))?.value, bytes(1), 'the row of one table')
    expectEqual((await store.get('a', 'bc'))?.value, bytes(2), 'the row of another')
    const all = await store.list('a', { from: '', to: '\uffff', limit: 10 })
    expectEqual(
      all.map((row) => row.key),
      ['bc', 'c'],
      'the keys of a table',
    )
  })

  add('copies bytes in and out', async (store) => {
    const value = bytes(1, 2, 3)
    await store.commit([put('t', 'k', value.subarray(1))])
    value.fill(9)
    const first = await store.get('t', 'k')
    expectEqual(first?.value, bytes(2, 3), 'what was stored')
    if (first?.value instanceof Uint8Array) first.value.fill(7)
    expectEqual(
      (await store.get('t', 'k'))?.value,
      bytes(2, 3),
      'what is stored after the reader changed its copy',
    )
  })

  add('copies bytes that are a view on a buffer of Node’s pool', async (store) => {
    const { Buffer } = globalThis as { Buffer?: { from(text: string): Uint8Array } }
    const value = Buffer?.from('pooled') ?? bytes(1)
    await store.commit([put('t', 'k', value)])
    const before = [...value]
    value.fill(0)
    expectEqual((await store.get('t', 'k'))?.value, Uint8Array.from(before), 'what was stored')
  })

  add('lists a range in the order of code units, its end not included', async (store) => {
    const keys = ['b', 'a/1', 'a/10', 'a/2', 'a', 'B', 'a0', '\u{1f600}', '\uff5e']
    await store.commit(keys.map((key, i) => put('t', key, bytes(i))))
    const list = async (from: string, to: string, limit = 100, reverse = false) =>
      (await store.list('t', { from, to, limit, reverse })).map((row) => row.key)
    // A surrogate pair begins with a smaller code unit than U+FF5E, and has the higher code point.
    expectEqual(
      await list('', '\uffff'),
      ['B', 'a', 'a/1', 'a/10', 'a/2', 'a0', 'b', '\u{1f600}', '\uff5e'],
      'all keys',
    )
    expectEqual(await list('a/', 'a0'), ['a/1', 'a/10', 'a/2'], 'a range')
    expectEqual(await list('a/1', 'a/2'), ['a/1', 'a/10'], 'a range without its end')
    expectEqual(await list('a', 'b', 2), ['a', 'a/1'], 'a limited range')
    expectEqual(await list('a', 'b', 2, true), ['a0', 'a/2'], 'a limited range from its end')
    expectEqual(await list('b', 'a'), [], 'a range that ends before it begins')
    expectEqual(await list('a', 'a'), [], 'an empty range')
    expectEqual(await list('', '\uffff', 0), [], 'a limit of nothing')
  })

  add('writes nothing when one of many expectations does not hold', async (store) => {
    await store.commit([put('t', 'a', bytes(1)), put('t', 'b', bytes(1))])
    const list = () => store.list('t', { from: '', to: '\uffff', limit: 10 })
    const before = await list()
    const others: Change[] = [
      put('t', 'a', bytes(2), await revisionOf(store, 't', 'a')),
      put('t', 'new', bytes(2), 'absent'),
      { kind: 'delete', table: 't', key: 'b' },
    ]
    const broken: Change[] = [
      put('t', 'c', bytes(2), 1),
      put('u', 'c', bytes(2), 7),
      { kind: 'check', table: 't', key: 'c', expect: 1 },
      { kind: 'delete', table: 't', key: 'c', expect: 2 },
    ]
    for (const one of broken) await expectRejection(store.commit([...others, one]), 'conflict', one.kind)
    await store.commit([put('t', 'c', bytes(1))])
    const absent: Change[] = [
      put('t', 'c', bytes(2), 'absent'),
      { kind: 'check', table: 't', key: 'c', expect: 'absent' },
    ]
    for (const one of absent) await expectRejection(store.commit([one, ...others]), 'conflict', one.kind)
    const left = await list()
    expectEqual(left.slice(0, 2), before, 'the rows left')
    expectEqual(
      left.map((row) => [row.key, row.value]),
      ['a', 'b', 'c'].map((key) => [key, bytes(1)]),
      'all rows',
    )
  })

  add('writes hundreds of rows whole, or none where the last is refused', async (store) => {
    await store.commit([put('t', 'there', bytes(1))])
    const many = Array.from({ length: 300 }, (_, i) => put('t', `row ${String(i)}`, bytes(2)))
    const count = async () => (await store.list('t', { from: '', to: '\uffff', limit: 1000 })).length
    await expectRejection(
      store.commit([...many, put('t', 'there', bytes(2), 'absent')]),
      'conflict',
      'the last of many',
    )
    expectEqual(await count(), 1, 'the rows left')
    await store.commit(many)
    expectEqual(await count(), 301, 'all rows')
  })

  add('writes everything when all expectations hold', async (store) => {
    await store.commit([put('t', 'a', bytes(1)), put('t', 'b', bytes(1))])
    await store.commit([
      { kind: 'check', table: 't', key: 'a', expect: await revisionOf(store, 't', 'a') },
      { kind: 'check', table: 't', key: 'c', expect: 'absent' },
      { kind: 'delete', table: 't', key: 'b', expect: await revisionOf(store, 't', 'b') },
      put('t', 'd', bytes(2), 'absent'),
    ])
    const left = await store.list('t', { from: '', to: '\uffff', limit: 10 })
    expectEqual(
      left.map((row) => [row.key, row.value]),
      [
        ['a', bytes(1)],
        ['d', bytes(2)],
      ],
      'the rows left',
    )
  })

  add('refuses a commit that names a row twice', async (store) => {
    await expectRejection(
      store.commit([put('t', 'a', bytes(1)), put('t', 'a', bytes(2))]),
      'wrong-argument',
      'a row named twice',
    )
    expectEqual(await store.get('t', 'a'), undefined, 'the row named twice')
  })

  add('lets one of two commits win that expect the same', async (store, place) => {
    const other = await place.open()
    await store.commit([put('t', 'n', bytes(0))])
    const revision = await revisionOf(store, 't', 'n')
    const stores = [store, other, store, other, store, other]
    const won = await Promise.allSettled(
      stores.map((one, i) =>
        one.commit([put('t', 'n', bytes(i + 1), revision), put('t', `by ${String(i)}`, bytes(1))]),
      ),
    )
    expectEqual(won.filter((one) => one.status === 'fulfilled').length, 1, 'the number of winners')
    const winner = won.findIndex((one) => one.status === 'fulfilled')
    expectEqual((await other.get('t', 'n'))?.value, bytes(winner + 1), 'what the winner wrote')
    const by = await store.list('t', { from: 'by ', to: 'by!', limit: 10 })
    expectEqual(
      by.map((row) => row.key),
      [`by ${String(winner)}`],
      'the rows written',
    )
  })

  add('shows a commit to every other store on the same rows, whole', async (store, place) => {
    const other = await place.open()
    await store.commit([put('t', 'a', bytes(0)), put('t', 'b', bytes(0))])
    let torn = false
    const writing = (async () => {
      for (let i = 1; i <= 20; i++) await store.commit([put('t', 'a', bytes(i)), put('t', 'b', bytes(i))])
    })()
    for (let i = 0; i < 20; i++) {
      const [a, b] = await other.list('t', { from: 'a', to: 'c', limit: 2 })
      torn ||= (a?.value as Uint8Array)[0] !== (b?.value as Uint8Array)[0]
    }
    await writing
    expectEqual(torn, false, 'whether half a commit was seen')
    expectEqual((await other.get('t', 'b'))?.value, bytes(20), 'what was written last')
  })

  add('keeps large rows', async (store) => {
    const large = new Uint8Array(3 * 1024 * 1024).map((_, i) => i % 251)
    await store.commit([put('t', 'large', large)])
    expectEqual((await store.get('t', 'large'))?.value, large, 'a large row')
  })

  add('rejects with closed after close, and keeps what was committed', async (store, place) => {
    await store.commit([put('t', 'a', bytes(1))])
    const before = await store.get('t', 'a')
    store.close()
    store.close()
    await expectRejection(store.get('t', 'a'), 'closed', 'get')
    await expectRejection(store.list('t', { from: '', to: 'z', limit: 1 }), 'closed', 'list')
    await expectRejection(store.commit([put('t', 'a', bytes(2))]), 'closed', 'commit')
    expectEqual(await (await place.open()).get('t', 'a'), before, 'the row after the store was opened again')
  })

  add('destroys everything, for every store on the same rows', async (store, place) => {
    const other = await place.open()
    await store.commit([put('t', 'a', bytes(1))])
    await store.destroy()
    await expectRejection(store.get('t', 'a'), 'closed', 'get after destroy')
    await expectRejection(other.get('t', 'a'), 'closed', 'get of another store after destroy')
    expectEqual(await (await place.open()).get('t', 'a'), undefined, 'the row after destroy')
  })

  if (options.keys === false) return cases

  add('keeps keys that it cannot read, and gives them back to be used', async (store, place) => {
    const { subtle } = globalThis.crypto
    const key = await subtle.importKey('raw', new Uint8Array(32), 'HKDF', false, ['deriveBits'])
    await store.commit([put('keys', 'root', key)])
    const row = await (await place.open()).get('keys', 'root')
    const kept = row?.value
    expect(kept instanceof CryptoKey && !kept.extractable, 'a key that cannot be extracted')
    const derive = (one: CryptoKey) =>
      subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: bytes(), info: bytes(1) }, one, 256)
    expectEqual(
      new Uint8Array(await derive(kept)),
      new Uint8Array(await derive(key)),
      'what the kept key derives',
    )
    const listed = await store.list('keys', { from: '', to: 'z', limit: 2 })
    expect(listed[0]?.value instanceof CryptoKey, 'a key in a list')
  })

  return cases
}
