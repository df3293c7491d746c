import { assert, test } from '#test'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
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

test('what is one’s own, or gone by then, is not said, and keeps nothing else from being said', async () => {
  const { rows, arrived, said } = setup()
  messageRows.put(rows, 'bob/1', message('mine', { mine: true }))
  messageRows.put(rows, 'bob/3', message('theirs'))
  await Promise.all(['bob/1', 'bob/2', 'bob/3'].map((key) => arrived.say([{ account: 'bob', key }])))
  assert.deepEqual(said, ['bob: theirs'])
})
