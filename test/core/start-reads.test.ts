import { assert, test } from '#test'
import { memoryLocks, memoryStore } from '@sotto/core/memory'
import type { Store } from '@sotto/core/ports'
import { World, watch } from '../support/people.js'

/** A store that answers all at once, when nobody has asked for anything more for a while. That is a turn. */
function inTurns(inner: Store): { readonly store: Store; turns: () => number } {
  let turns = 0
  let waiting: (() => void)[] = []
  let quiet: ReturnType<typeof setTimeout> | undefined
  const answer = () => {
    turns++
    const asked = waiting
    waiting = []
    for (const one of asked) one()
  }
  const ask = async <T>(read: () => Promise<T>): Promise<T> => {
    clearTimeout(quiet)
    quiet = setTimeout(answer, 100)
    await new Promise<void>((resolve) => waiting.push(resolve))
    return read()
  }
  const store: Store = {
    get: (table, key) => ask(() => inner.get(table, key)),
    list: (table, range) => ask(() => inner.list(table, range)),
    commit: (changes) => inner.commit(changes),
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  }
  return { store, turns: () => turns }
}

/** In how many turns a client has started, and then has the newest page of a thread, in which the last word is ours or theirs. */
async function startsIn(
  last: 'ours' | 'theirs',
): Promise<{ readonly opened: number; readonly shown: number }> {
  const world = await World.make()
  const alices = world.installation('alice')
  const [ours, theirs] = [await world.online(await alices.open()), await world.person('bob')]
  const his = watch(theirs, 'alice')
  await ours.conversation('bob').send('hello')
  await world.time.until(() => his.texts().length === 1)
  await theirs.conversation('alice').send('hello, too')
  const hers = watch(ours, 'bob')
  await world.time.until(() => hers.texts().length === 2)
  if (last === 'ours') {
    await ours.conversation('bob').send('how are you?')
    await world.time.until(() => his.texts().length === 3 && hers.allDelivered())
  }
  const said = hers.items
  hers.stop()
  await ours.close()

  const { store, turns } = inTurns(memoryStore(alices.disk))
  // Another tab leads: what the leader reads beside it is none of the start.
  const locks = memoryLocks()
  await locks.acquire('test-alice', { signal: new AbortController().signal })
  const client = await alices.open({ store, locks })
  const opened = turns()
  const [summary] = client.conversations.value
  assert.deepEqual(summary?.last, said.at(-1))
  const shown = await new Promise<number>((resolve) => {
    client.conversation('bob').messages.subscribe((items) => {
      if (items.length !== said.length) return
      assert.deepEqual(items, said)
      resolve(turns())
    })
  })
  await client.close()
  return { opened, shown }
}

test('a client that starts has its newest page after four turns with its store where the other one spoke last', async () => {
  // The root key; this device, the conversations and calls; for each conversation its peer and last message.
  // The page, with the peer and its receipts.
  assert.deepEqual(await startsIn('theirs'), { opened: 3, shown: 4 })
})

test('where we did, how far that has come takes one more', async () => {
  assert.deepEqual(await startsIn('ours'), { opened: 4, shown: 5 })
})
