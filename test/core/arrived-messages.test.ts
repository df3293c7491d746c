import { assert, test } from '#test'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
import { toOthers } from '../../packages/core/src/announcements.js'
import { ArrivedMessages } from '../../packages/core/src/arrived-messages.js'
import { messageRows, type MessageRow } from '../../packages/core/src/store/tables.js'
import { emptyExt, encodeBodyOf, textBody } from '@sotto/protocol'

const message = (text: string, more: Partial<MessageRow> = {}): MessageRow => ({
  messageId: '00'.repeat(16),
  mine: false,
  from: { accountId: '00'.repeat(32), device: '00'.repeat(16) },
  type: 1,
  body: encodeBodyOf(textBody, { text, ranges: [], ext: emptyExt }),
  clock: { ms: 1, logical: 0 },
  at: 1,
  frankingKey: new Uint8Array(32),
  progress: 1,
  copies: [],
  shownIfUnknown: true,
  ...more,
})

/** Nothing is stored: all rows are staged. */
function setup() {
  const store = {
    get: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
    commit: () => Promise.resolve(),
  }
  const rows = new UnitOfWork(store)
  const said: string[] = []
  let reads = 0
  const arrived = new ArrivedMessages({
    read: (work) => {
      reads++
      return work(rows)
    },
    say: ({ account, item }) => said.push(`${account}: ${item.kind === 'text' ? item.text : item.kind}`),
  })
  return { rows, arrived, said, reads: () => reads }
}

test('fifty messages that come together are read at once, and each is said in its turn', async () => {
  const { rows, arrived, said, reads } = setup()
  const wanted = Array.from({ length: 50 }, (_, i) => `${i % 2 === 0 ? 'bob' : 'carol'}: number ${i}`)
  await Promise.all(
    wanted.map((line, i) => {
      const [account = '', text = ''] = line.split(': ')
      messageRows.put(rows, `${account}/${i}`, message(text))
      return arrived.say([{ account, key: `${account}/${i}` }])
    }),
  )
  assert.deepEqual(said, wanted)
  assert.isAtMost(reads(), 2)
})

test('what comes with its row is not read again, and is said in its turn among what is read', async () => {
  const { rows, arrived, said, reads } = setup()
  await arrived.say([{ account: 'bob', key: 'bob/1', row: message('one') }])
  assert.equal(reads(), 0)
  messageRows.put(rows, 'bob/3', message('three'))
  await arrived.say([
    { account: 'bob', key: 'bob/2', row: message('two') },
    { account: 'bob', key: 'bob/3' },
    { account: 'bob', key: 'bob/4', row: message('four') },
    { account: 'bob', key: 'bob/5', row: message('mine', { mine: true }) },
  ])
  assert.deepEqual(said, ['bob: one', 'bob: two', 'bob: three', 'bob: four'])
})

test('what is told to other tabs are names', () => {
  const messages = [{ account: 'bob', key: 'bob/1', row: message('a secret') }]
  assert.deepEqual(toOthers({ kind: 'messages', messages }), {
    kind: 'messages',
    messages: [{ account: 'bob', key: 'bob/1' }],
  })
  const thread = { kind: 'thread', account: 'bob' } as const
  assert.equal(toOthers(thread), thread)
})

test('what is one’s own, or gone by then, is not said, and keeps nothing else from being said', async () => {
  const { rows, arrived, said } = setup()
  messageRows.put(rows, 'bob/1', message('mine', { mine: true }))
  messageRows.put(rows, 'bob/3', message('theirs'))
  await Promise.all(['bob/1', 'bob/2', 'bob/3'].map((key) => arrived.say([{ account: 'bob', key }])))
  assert.deepEqual(said, ['bob: theirs'])
})
