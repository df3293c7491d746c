import { memoryStore, MemoryDisk } from '@sotto/core/memory'
import { SottoError, utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { KeyedMutex } from '../../packages/core/src/sessions/keyed-mutex.js'
import { run } from '../../packages/core/src/sessions/run.js'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
import { openSealedStore, type SealedStore } from '../../packages/core/src/store/sealed-store.js'
import { rejects } from './reject.js'

const setup = () => openSealedStore(memoryStore(), { name: 'sotto-test' })
const text = (value: unknown) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined)

async function put(store: SealedStore, ...keys: string[]): Promise<void> {
  await store.commit(keys.map((key) => ({ kind: 'put', table: 't', key, value: utf8(key) })))
}

async function keysOf(
  unit: UnitOfWork,
  range: Parameters<UnitOfWork['list']>[1],
): Promise<readonly string[]> {
  return (await unit.list('t', range)).map(({ key }) => key)
}

test('writes nothing before it is committed, and everything then', async () => {
  const store = await setup()
  await put(store, 'old')
  const unit = new UnitOfWork(store)
  unit.put('t', 'new', utf8('1'))
  unit.delete('t', 'old')
  assert.isUndefined(await store.get('t', 'new'))
  assert.isDefined(await store.get('t', 'old'))
  assert.deepEqual(await unit.commit(), [
    { table: 't', key: 'new' },
    { table: 't', key: 'old' },
  ])
  assert.equal(text((await store.get('t', 'new'))?.value), '1')
  assert.isUndefined(await store.get('t', 'old'))
})

test('sees its own changes, and the store as it first read it', async () => {
  const store = await setup()
  await put(store, 'a')
  const unit = new UnitOfWork(store)
  assert.equal(text(await unit.get('t', 'a')), 'a')
  await store.commit([{ kind: 'put', table: 't', key: 'a', value: utf8('changed') }])
  assert.equal(text(await unit.get('t', 'a')), 'a')
  unit.put('t', 'a', utf8('mine'))
  assert.equal(text(await unit.get('t', 'a')), 'mine')
  unit.delete('t', 'a')
  assert.isUndefined(await unit.get('t', 'a'))
})

test('lists what is stored and staged together, in order, to the limit', async () => {
  const store = await setup()
  await put(store, 'n/1', 'n/3', 'n/5', 'n/7', 'm/2', 'n')
  const unit = new UnitOfWork(store)
  unit.put('t', 'n/4', utf8('staged'))
  unit.put('t', 'n/5', utf8('again'))
  unit.delete('t', 'n/1')
  unit.put('t', 'n/9', utf8('staged'))
  unit.put('t', 'm/4', utf8('of another name'))
  assert.deepEqual(await keysOf(unit, { prefix: 'n', limit: 10 }), ['n/3', 'n/4', 'n/5', 'n/7', 'n/9'])
  assert.deepEqual(await keysOf(unit, { prefix: 'n', limit: 2 }), ['n/3', 'n/4'])
  assert.deepEqual(await keysOf(unit, { prefix: 'n', from: '4', to: '9', limit: 10 }), ['n/4', 'n/5', 'n/7'])
  assert.deepEqual(await keysOf(unit, { prefix: 'n', to: '9', limit: 2, reverse: true }), ['n/7', 'n/5'])
  assert.deepEqual(await keysOf(unit, { prefix: '', limit: 10 }), [
    'm/2',
    'm/4',
    'n',
    'n/3',
    'n/4',
    'n/5',
    'n/7',
    'n/9',
  ])
  const values = await unit.list('t', { prefix: 'n', from: '5', to: '6', limit: 1 })
  assert.equal(text(values[0]?.value), 'again')
})

test('fills a list to its limit although it deleted what came first', async () => {
  const store = await setup()
  await put(store, 'n/1', 'n/2', 'n/3', 'n/4', 'n/5', 'n/6')
  const unit = new UnitOfWork(store)
  unit.delete('t', 'n/1')
  unit.delete('t', 'n/2')
  const child = unit.nest()
  child.delete('t', 'n/3')
  assert.deepEqual(await keysOf(unit, { prefix: 'n', limit: 2 }), ['n/3', 'n/4'])
  assert.deepEqual(await keysOf(child, { prefix: 'n', limit: 2 }), ['n/4', 'n/5'])
})

test('does not commit when a row it read has changed, by get, as absent, or in a list', async () => {
  const reads: ((unit: UnitOfWork) => Promise<unknown>)[] = [
    (unit) => unit.get('t', 'n/1'),
    (unit) => unit.get('t', 'n/2'),
    (unit) => unit.list('t', { prefix: 'n', limit: 5 }),
    async (unit) => unit.nest().get('t', 'n/1'),
  ]
  for (const read of reads) {
    const store = await setup()
    await put(store, 'n/1')
    const unit = new UnitOfWork(store)
    await read(unit)
    unit.put('t', 'other', utf8('x'))
    await put(store, 'n/1', 'n/2')
    await rejects(unit.commit(), 'conflict')
    assert.isUndefined(await store.get('t', 'other'))
  }
})

test('expects the revision it read of what it writes', async () => {
  for (const change of ['put', 'delete'] as const) {
    const store = await setup()
    await put(store, 'a')
    const unit = new UnitOfWork(store)
    await unit.get('t', 'a')
    if (change === 'put') unit.put('t', 'a', utf8('x'))
    else unit.delete('t', 'a')
    await put(store, 'a')
    await rejects(unit.commit(), 'conflict')
    assert.equal(text((await store.get('t', 'a'))?.value), 'a')
  }
})

test('does not take a row that was deleted and came again for the one that it read', async () => {
  for (const change of ['put', 'delete', 'check'] as const) {
    const store = await setup()
    await put(store, 'a')
    const unit = new UnitOfWork(store)
    await unit.get('t', 'a')
    if (change === 'put') unit.put('t', 'a', utf8('x'))
    else if (change === 'delete') unit.delete('t', 'a')
    else unit.put('t', 'other', utf8('x'))
    await store.commit([{ kind: 'delete', table: 't', key: 'a' }])
    await store.commit([{ kind: 'put', table: 't', key: 'a', value: utf8('again') }])
    await rejects(unit.commit(), 'conflict')
    assert.equal(text((await store.get('t', 'a'))?.value), 'again')
    assert.isUndefined(await store.get('t', 'other'))
  }
})

test('writes a row it never read whatever was there', async () => {
  const store = await setup()
  const unit = new UnitOfWork(store)
  unit.put('t', 'a', utf8('mine'))
  await put(store, 'a')
  await unit.commit()
  assert.equal(text((await store.get('t', 'a'))?.value), 'mine')
})

test('compares nothing when it changed nothing', async () => {
  const store = await setup()
  const unit = new UnitOfWork(store)
  await unit.get('t', 'a')
  await put(store, 'a')
  assert.deepEqual(await unit.commit(), [])
})

test('keeps a child’s changes, or none of them', async () => {
  const store = await setup()
  await put(store, 'a')
  const unit = new UnitOfWork(store)
  unit.put('t', 'p', utf8('parent'))
  const dropped = unit.nest()
  assert.equal(text(await dropped.get('t', 'p')), 'parent')
  dropped.put('t', 'p', utf8('dropped'))
  dropped.delete('t', 'a')
  assert.deepEqual(await keysOf(dropped, { prefix: '', limit: 5 }), ['p'])
  const kept = unit.nest()
  assert.equal(text(await kept.get('t', 'p')), 'parent')
  kept.put('t', 'k/1', utf8('kept'))
  const grandchild = kept.nest()
  grandchild.put('t', 'k/2', utf8('kept'))
  grandchild.keep()
  assert.deepEqual(await keysOf(unit, { prefix: 'k', limit: 5 }), [])
  kept.keep()
  assert.deepEqual(await keysOf(unit, { prefix: 'k', limit: 5 }), ['k/1', 'k/2'])
  await unit.commit()
  assert.isDefined(await store.get('t', 'a'))
  assert.equal(text((await store.get('t', 'p'))?.value), 'parent')
  assert.isDefined(await store.get('t', 'k/2'))
})

test('loses no change of two children that read the same row', async () => {
  const store = await setup()
  await put(store, 'n')
  const unit = new UnitOfWork(store)
  const [first, second, third] = [unit.nest(), unit.nest(), unit.nest()]
  for (const child of [first, second]) {
    const before = text(await child.get('t', 'n')) ?? ''
    child.put('t', 'n', utf8(`${before}+`))
  }
  await third.list('t', { prefix: '', limit: 5 })
  third.put('t', 'seen', utf8('x'))
  first.keep()
  await rejects((async () => second.keep())(), 'conflict')
  await rejects((async () => third.keep())(), 'conflict')
  const again = unit.nest()
  again.put('t', 'n', utf8(`${text(await again.get('t', 'n')) ?? ''}+`))
  again.keep()
  await unit.commit()
  assert.equal(text((await store.get('t', 'n'))?.value), 'n++')
  assert.isUndefined(await store.get('t', 'seen'))
})

test('is used once', async () => {
  const store = await setup()
  const unit = new UnitOfWork(store)
  const child = unit.nest()
  child.keep()
  await rejects((async () => child.put('t', 'a', utf8('late')))(), 'wrong-argument')
  await rejects(child.commit(), 'wrong-argument')
  await unit.commit()
  await rejects((async () => unit.put('t', 'a', utf8('late')))(), 'wrong-argument')
  await rejects(unit.commit(), 'wrong-argument')
})

test('runs work again until nothing has changed meanwhile: a hundred at once lose no step', async () => {
  const store = await setup()
  const announced: string[] = []
  const step = () =>
    run(
      store,
      async (unit) => {
        const before = Number(text(await unit.get('t', 'counter')) ?? 0)
        await new Promise((resolve) => setTimeout(resolve, 0))
        unit.put('t', 'counter', utf8(String(before + 1)))
        return before + 1
      },
      { announce: (changed) => announced.push(...changed.map(({ key }) => key)) },
    )
  const numbers = await Promise.all(Array.from({ length: 100 }, step))
  assert.lengthOf(new Set(numbers), 100)
  assert.equal(text((await store.get('t', 'counter'))?.value), '100')
  assert.lengthOf(announced, 100)
})

test('lets eight tabs step one counter, each on a store of its own', async () => {
  const disk = new MemoryDisk()
  const tabs = await Promise.all(
    Array.from({ length: 8 }, () => openSealedStore(memoryStore(disk), { name: 'sotto-test' })),
  )
  const step = (store: SealedStore) =>
    run(
      store,
      async (unit) => {
        const before = Number(text(await unit.get('t', 'counter')) ?? 0)
        unit.put('t', 'counter', utf8(String(before + 1)))
      },
      { tries: 100 },
    )
  await Promise.all(tabs.flatMap((store) => [step(store), step(store), step(store)]))
  assert.equal(text((await tabs[0]?.get('t', 'counter'))?.value), '24')
})

test('a glance makes no conflict, and what was also read otherwise does', async () => {
  const store = await setup()
  await put(store, 'a/1', 'a/2')
  const glance = { prefix: 'a', limit: 10, glance: true }
  const attempt = async (look: (unit: UnitOfWork) => Promise<unknown>) => {
    const unit = new UnitOfWork(store)
    assert.deepEqual(await keysOf(unit, glance), ['a/1', 'a/2'])
    const child = unit.nest()
    assert.deepEqual(await keysOf(child, glance), ['a/1', 'a/2'])
    await look(child)
    child.put('t', 'b', utf8('x'))
    child.keep()
    await put(store, 'a/1')
    return unit.commit()
  }
  await attempt(() => Promise.resolve())
  await rejects(
    attempt((unit) => unit.get('t', 'a/1')),
    'conflict',
  )
})

test('a unit that takes long is not overtaken by short ones until it gives up', async () => {
  const store = await setup()
  await put(store, 'counter')
  let [tries, isOver] = [0, false]
  const long = run(store, async (unit) => {
    tries++
    await unit.get('t', 'counter')
    await new Promise((resolve) => setTimeout(resolve, 50))
    unit.put('t', 'long', utf8('x'))
  }).finally(() => (isOver = true))
  let steps = 0
  while (!isOver) {
    steps++
    // Cryptography alone would keep a browser from its timers.
    await new Promise((resolve) => setTimeout(resolve, 0))
    await run(store, async (unit) => {
      await unit.get('t', 'counter')
      unit.put('t', 'counter', utf8(String(steps)))
    })
  }
  await long
  // The control: it was overtaken, at first, and by what had begun by then.
  assert.isAbove(tries, 1)
  assert.isBelow(tries, 4)
})

test('gives up after so many conflicts, and at once on any other error', async () => {
  const store = await setup()
  let tries = 0
  const unlucky = run(
    store,
    async (unit) => {
      tries++
      await unit.get('t', 'a')
      await put(store, 'a')
      unit.put('t', 'b', utf8('x'))
    },
    { tries: 3 },
  )
  await rejects(unlucky, 'conflict')
  assert.equal(tries, 3)
  tries = 0
  const broken = run(store, async (unit) => {
    tries++
    unit.put('t', 'b', utf8('x'))
    throw new SottoError('malformed', { what: 'test' })
  })
  await rejects(broken, 'malformed')
  assert.equal(tries, 1)
  assert.isUndefined(await store.get('t', 'b'))
})

test('lets one at a time work on a key, in order, also after a failure', async () => {
  const mutex = new KeyedMutex()
  const steps: string[] = []
  const work =
    (name: string, fail = false) =>
    async () => {
      steps.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 0))
      steps.push(`${name} ends`)
      if (fail) throw new SottoError('offline')
      return name
    }
  const [a, b, c] = [mutex.run('k', work('a')), mutex.run('k', work('b', true)), mutex.run('k', work('c'))]
  await rejects(b, 'offline')
  assert.deepEqual([await a, await c], ['a', 'c'])
  assert.deepEqual(steps, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  let free: (() => void) | undefined
  const held = mutex.run('k', () => new Promise<void>((resolve) => (free = resolve)))
  assert.equal(await mutex.run('other', work('d')), 'd', 'another key does not wait')
  free?.()
  await held
})
