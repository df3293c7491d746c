import { memoryStore } from '@sotto/core/memory'
import { utf8 } from '@sotto/protocol'
import { assert, test } from '#test'
import { run } from '../../packages/core/src/sessions/run.js'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
import { openSealedStore, type SealedStore } from '../../packages/core/src/store/sealed-store.js'
import { rejects } from './reject.js'

const setup = () => openSealedStore(memoryStore(), { name: 'sotto-test' })
const text = (value: unknown) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined)

async function put(store: SealedStore, ...keys: string[]): Promise<void> {
  await store.commit(keys.map((key) => ({ kind: 'put', table: 't', key, value: utf8(key) })))
}

test('what is presumed absent is not read, and the commit finds out', async () => {
  const store = await setup()
  await put(store, 'there')
  const unit = new UnitOfWork(store)
  assert.isUndefined(await unit.presume('t', 'there'))
  assert.isUndefined(await unit.get('t', 'there'), 'and so it stays for this unit')
  unit.put('t', 'there', utf8('over it'))
  unit.put('t', 'with it', utf8('1'))
  await rejects(unit.commit(), 'conflict')
  assert.equal(text((await store.get('t', 'there'))?.value), 'there')
  assert.isUndefined(await store.get('t', 'with it'))
  const right = new UnitOfWork(store)
  assert.isUndefined(await right.presume('t', 'new'))
  right.put('t', 'new', utf8('1'))
  await right.commit()
  assert.equal(text((await store.get('t', 'new'))?.value), '1')
})

test('what was presumed absent, and not written, is compared as well', async () => {
  const store = await setup()
  await put(store, 'there')
  const unit = new UnitOfWork(store)
  assert.isUndefined(await unit.presume('t', 'there'))
  unit.put('t', 'new', utf8('1'))
  await rejects(unit.commit(), 'conflict')
})

test('what this unit has read or staged is not presumed', async () => {
  const store = await setup()
  await put(store, 'there')
  const unit = new UnitOfWork(store)
  assert.equal(text(await unit.get('t', 'there')), 'there')
  assert.equal(text(await unit.presume('t', 'there')), 'there')
  unit.put('t', 'staged', utf8('staged'))
  const child = unit.nest()
  assert.equal(text(await child.presume('t', 'staged')), 'staged')
})

test('work that presumed wrongly is done again, and reads this time', async () => {
  const store = await setup()
  await put(store, 'there')
  const seen: unknown[] = []
  await run(store, async (rows) => {
    const known = await rows.presume('t', 'there')
    seen.push(text(known))
    rows.put('t', known === undefined ? 'first' : 'second', utf8('1'))
  })
  assert.deepEqual(seen, [undefined, 'there'])
  assert.isUndefined(await store.get('t', 'first'))
  assert.isDefined(await store.get('t', 'second'))
})
