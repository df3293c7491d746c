import { run } from '@sotto/core'
import { conversationIdOf, pairOf } from '@sotto/protocol'
import { assert, test } from '#test'
import { markReadUpTo } from '../../packages/core/src/conversations/edits.js'
import { putReceived, readReceived } from '../../packages/core/src/messages/numbers.js'
import { conversationRows, messageRows } from '../../packages/core/src/store/tables.js'
import { contacts } from '../support/lossy.js'

/** Bob has got that many messages from Alice. */
async function long(count: number) {
  const { world, bob, place, first } = await contacts()
  await bob.close()
  const store = await place.sealed()
  const own = (await world.deviceOn(place)).address
  const hers = (await world.deviceOn(first)).address
  const [like] = await run(store, (rows) => messageRows.list(rows, { prefix: 'alice', limit: 1 }))
  if (like === undefined || like.row.mine) throw new Error('she has written nothing')
  const keyOf = (n: number) => `alice/~${String(n).padStart(6, '0')}`
  await run(store, async (rows) => {
    for (let n = 2; n <= count; n++)
      messageRows.put(rows, keyOf(n), {
        ...like.row,
        messageId: String(n).padStart(32, '0'),
        number: { run: 1, n },
      })
  })
  return { world, place, store, own, hers, last: keyOf(count) }
}

test('of a conversation that is deleted nothing is left, however long it was', async () => {
  const { world, place, store } = await long(2_500)
  const left = () => run(store, (rows) => messageRows.list(rows, { prefix: 'alice', limit: 9_999 }))
  assert.lengthOf(await left(), 2_501)
  const bob = await world.online(await place.open())
  await bob.conversation('alice').delete()
  assert.lengthOf(await left(), 0)
  assert.isUndefined(await run(store, (rows) => conversationRows.get(rows, 'alice')))
})

test('who reads the newest of very many messages has read it, and says so', async () => {
  const count = 10_050
  const { store, own, hers, last } = await long(count)
  const conversation = conversationIdOf(own.realm, pairOf(own, hers))
  const received = () => run(store, (rows) => readReceived(rows, conversation, hers.accountId, hers.device))
  const before = await received()
  if (before === undefined) throw new Error('nothing came of her device')
  await run(store, async (rows) =>
    putReceived(rows, conversation, hers.accountId, { ...before, highest: { run: 1, n: count } }),
  )
  assert.isTrue(await run(store, (rows) => markReadUpTo(rows, 'alice', last, own)))
  assert.deepEqual((await received())?.read, { run: 1, n: count })
})
