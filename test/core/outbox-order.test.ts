import { contentTypes } from '@sotto/protocol'
import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import { assert, test } from '#test'
import { enqueue, listDue } from '../../packages/core/src/messages/outbox.js'

/** An outbox with so many entries to an account that is stuck, before and after one to somebody else. */
async function outbox(stuck: number) {
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  await run(store, async (rows) => {
    const add = (account: string, ms: number) =>
      enqueue(rows, {
        account,
        type: contentTypes.text.type,
        body: new Uint8Array([1]),
        clock: { ms, logical: 0 },
      })
    for (let i = 0; i < stuck; i++) add('stuck', i)
    add('carol', stuck)
    add('stuck', stuck + 1)
  })
  return (limit: number) =>
    run(store, async (rows) => {
      const found = await listDue(rows, ({ account }) => account !== 'stuck', limit)
      return found.map(({ row }) => row.account)
    })
}

test('however much of one conversation is stuck, what waits in another is found', async () => {
  for (const stuck of [0, 1, 9, 10, 11, 19, 20, 35]) {
    const found = await (await outbox(stuck))(10)
    assert.include(found, 'carol', `${stuck} stuck`)
    assert.equal(new Set(found).size, 2)
    assert.equal(found.indexOf('carol'), stuck, 'in order, each once')
  }
})

test('no more is read than can be tried', async () => {
  const found = await (await outbox(0))(1)
  assert.deepEqual(found, ['carol'])
})
