import { assert, test } from '#test'
import { Inbox } from '../../packages/core/src/conversations/inbox.js'
import { ProgressReader } from '../../packages/core/src/conversations/progress-reader.js'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
import { putRelation } from '../../packages/core/src/peers/peer.js'
import { conversationRows } from '../../packages/core/src/store/tables.js'
import { codeOf } from '../support/code-of.js'

/** Conversations that are staged, on a store without anything. */
function setup(...accounts: readonly string[]) {
  const store = {
    get: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
    commit: () => Promise.resolve(),
  }
  const rows = new UnitOfWork(store)
  for (const account of accounts) conversationRows.put(rows, account, { account, at: 1, unread: 1 })
  let reads = 0
  const inbox = new Inbox({
    read: (work) => {
      reads++
      return work(rows)
    },
    progress: new ProgressReader({ own: () => undefined, online: () => true }),
  })
  return { rows, inbox, reads: () => reads }
}

test('conversations that change together are read at once', async () => {
  const accounts = Array.from({ length: 20 }, (_, i) => `friend-${i}`)
  const { inbox, reads } = setup(...accounts)
  await Promise.all(accounts.map((account) => inbox.refresh(account)))
  assert.sameMembers(
    inbox.conversations.value.map(({ account }) => account),
    accounts,
  )
  assert.isAtMost(reads(), 2)
})

test('a conversation that cannot be read keeps no other from being shown, and says so', async () => {
  const { rows, inbox } = setup('bob', 'carol')
  rows.put('peers', 'bob', Uint8Array.of(0))
  const refreshed = Promise.all(['bob', 'carol'].map((account) => inbox.refresh(account)))
  assert.equal(await codeOf(refreshed), 'store-damaged')
  assert.deepEqual(
    inbox.conversations.value.map(({ account }) => account),
    ['carol'],
  )
})

for (const how of ['loaded', 'refreshed'] as const)
  test(`however many strangers have written since, who was accepted is in the inbox and what they wrote is counted, when it is ${how}`, async () => {
    const friends = Array.from({ length: 3 }, (_, i) => `friend-${i}`)
    const strangers = Array.from({ length: 600 }, (_, i) => `stranger-${i}`)
    const { rows, inbox } = setup(...friends)
    for (const [i, account] of [...friends, ...strangers].entries()) {
      const relation = i < friends.length ? 'accepted' : 'request'
      await putRelation(rows, account, relation, 1)
      if (relation === 'request') conversationRows.put(rows, account, { account, at: 2 + i, unread: 1 })
    }
    if (how === 'loaded') await inbox.load(Promise.resolve())
    else await Promise.all([...friends, ...strangers].map((account) => inbox.refresh(account)))
    const shown = inbox.conversations.value.map(({ account }) => account)
    assert.lengthOf(shown, 500)
    assert.includeMembers(shown, friends)
    assert.equal(inbox.unread.value, friends.length)
    // The newest of the others, and newest first.
    assert.equal(shown[0], 'stranger-599')
    assert.notInclude(shown, 'stranger-0')
    assert.deepEqual(shown.slice(-3).sort(), friends)
  })
