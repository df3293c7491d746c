import { assert, test } from '#test'
import { memoryStore } from '@sotto/core/memory'
import type { Store } from '@sotto/core/ports'
import { World, watch } from '../support/people.js'
import { until } from '../support/until.js'

/** A store that has read what a start asks for first, and does not say it yet. */
function held(inner: Store): { readonly store: Store; readonly asked: Promise<void>; release: () => void } {
  let release = () => undefined as void
  let ask = () => undefined as void
  const gate = new Promise<void>((resolve) => (release = resolve))
  const asked = new Promise<void>((resolve) => (ask = resolve))
  const store: Store = {
    get: (table, key) => inner.get(table, key),
    async list(table, range) {
      const rows = await inner.list(table, range)
      ask()
      await gate
      return rows
    },
    commit: (changes) => inner.commit(changes),
    close: () => inner.close(),
    destroy: () => inner.destroy(),
  }
  return { store, asked, release }
}

test('a tab hears of what another one commits while it starts', async () => {
  const world = await World.make()
  const alices = world.installation('alice')
  const [leads, bob] = [await world.online(await alices.open()), await world.person('bob')]
  const hers = watch(leads, 'bob')
  await bob.conversation('alice').send('one')
  await world.time.until(() => hers.texts().length === 1)

  const { store, asked, release } = held(memoryStore(alices.disk))
  const opening = alices.open({ store })
  await asked
  await bob.conversation('alice').send('two')
  await world.time.until(() => hers.texts().length === 2)
  release()
  const starts = await opening
  const last = () => starts.conversations.value[0]?.last
  await until(() => last()?.kind === 'text')
  await until(() => JSON.stringify(last()) === JSON.stringify(leads.conversations.value[0]?.last))
  assert.equal(starts.unread.value, leads.unread.value)
  assert.equal(starts.conversations.value[0]?.unread, 2)
  await Promise.all([starts.close(), leads.close(), bob.close()])
})
