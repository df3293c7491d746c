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

test('a client that starts has its newest page after six turns with its store', async () => {
  const world = await World.make()
  const alices = world.installation('alice')
  const [ours, theirs] = [await world.online(await alices.open()), await world.person('bob')]
  const his = watch(theirs, 'alice')
  await ours.conversation('bob').send('hello')
  await world.time.until(() => his.texts().length === 1)
  await theirs.conversation('alice').send('hello, too')
  const hers = watch(ours, 'bob')
  await world.time.until(() => hers.texts().length === 2)
  hers.stop()
  await ours.close()

  const { store, turns } = inTurns(memoryStore(alices.disk))
  // Another tab leads: what the leader reads beside it is none of the start.
  const locks = memoryLocks()
  await locks.acquire('test-alice', { signal: new AbortController().signal })
  const client = await alices.open({ store, locks })
  const opened = turns()
  const shown = await new Promise<number>((resolve) => {
    client.conversation('bob').messages.subscribe((items) => {
      if (items.length === 2) resolve(turns())
    })
  })
  // The root key; this device, the conversations and calls; for each conversation its peer and last message; its receipts.
  assert.equal(opened, 4)
  // The page and the peer; the receipts.
  assert.equal(shown, 6)
  await client.close()
})
