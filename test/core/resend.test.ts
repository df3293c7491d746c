import { run } from '@sotto/core'
import {
  conversationIdOf,
  contentTypes,
  decodeBodyOf,
  emptyExt,
  goneBody,
  limits,
  pairOf,
  type NumberRange,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { enqueue, listOutbox } from '../../packages/core/src/messages/outbox.js'
import { resendRows, sentRows, type SentRow } from '../../packages/core/src/messages/repair-rows.js'
import { answerUnread, type Asking } from '../../packages/core/src/messages/resend.js'
import { changeSent } from '../../packages/core/src/messages/sent.js'
import type { RowWriter } from '../../packages/core/src/store/rows.js'
import { givenRows, messageRows, outboxRows, sinceRows } from '../../packages/core/src/store/tables.js'
import { contacts } from '../support/lossy.js'

const everything: NumberRange = { run: 1, first: 1, last: 9 }

/** Alice has written five messages to Bob, and is asked about them: what she would answer if her store were so. */
async function answering() {
  const { world, alice, his, first, place } = await contacts()
  // The first is one of them.
  for (const text of ['two', 'three', 'four', 'five']) await alice.conversation('bob').send(text)
  await world.time.until(() => his.texts().includes('< five') && his.allDelivered())
  await world.time.advance(60_000)
  await alice.close()
  const store = await first.sealed()
  const { address: from } = await world.deviceOn(place)
  const { address: own } = await world.deviceOn(first)
  const conversation = conversationIdOf(own.realm, pairOf(own, from))
  const now = world.time.now()
  const since = `${conversation}.${from.accountId}.${from.device}`

  const answer = async (
    numbers: readonly NumberRange[],
    change?: (rows: RowWriter) => unknown,
    asking: Partial<Asking> = {},
  ) => {
    const body = { envelopes: [], numbers, conversation, ext: emptyExt }
    const said: { again: number[]; gone: NumberRange[] } = { again: [], gone: [] }
    const undone = new Error('nothing of it is kept')
    const works = run(store, async (rows) => {
      for (const { key } of await listOutbox(rows)) outboxRows.delete(rows, key)
      await change?.(rows)
      const before = new Set((await listOutbox(rows)).map(({ key }) => key))
      const channel = 'peer'
      await answerUnread(rows, {
        ...{ account: 'bob', conversation, from, channel, body, now, earliest: now },
        ...asking,
      })
      for (const { key, row } of await listOutbox(rows)) {
        if (before.has(key)) continue
        assert.deepEqual(row.only, { accountId: from.accountId, device: from.device })
        if (row.number !== undefined) said.again.push(row.number.n)
        if (row.type !== contentTypes.gone.type) continue
        const named = decodeBodyOf(goneBody, row.body)
        assert.equal(named.conversation, conversation)
        said.gone.push(...named.numbers)
      }
      throw undone
    })
    await works.catch((error: unknown) => {
      if (error !== undone) throw error
    })
    return said
  }
  /** As if what was sent under a number were so. */
  const sentSo = (n: number, so: (sent: SentRow) => Partial<SentRow>) => async (rows: RowWriter) => {
    const all = await sentRows.list(rows, { prefix: conversation, limit: 10 })
    const found = all.find(({ row }) => row.number.n === n)
    if (found !== undefined) sentRows.put(rows, found.key, { ...found.row, ...so(found.row) })
  }
  return { answer, sentSo, conversation, from, since, now }
}

const span = (first: number, last = first): NumberRange => ({ run: 1, first, last })

test('whoever asks gets the numbers that were given, and hears nothing of those that were not', async () => {
  const { answer } = await answering()
  assert.deepEqual(await answer([span(2)]), { again: [2], gone: [] })
  assert.deepEqual(await answer([everything]), { again: [1, 2, 3, 4, 5], gone: [] })
  assert.deepEqual(await answer([span(4, 4), span(1, 2)]), { again: [4, 1, 2], gone: [] })
  for (const range of [span(6), span(6, 9), { run: 2, first: 1, last: 5 }])
    assert.deepEqual(await answer([range]), { again: [], gone: [] })
})

test('nobody is answered about what was given before they may expect it, or in another conversation', async () => {
  const { answer, since, conversation } = await answering()
  const from = (run: number, n: number) => (rows: RowWriter) =>
    sinceRows.put(rows, since, { since: { run, n } })
  assert.deepEqual(await answer([everything], from(1, 3)), { again: [3, 4, 5], gone: [] })
  assert.deepEqual(await answer([everything], from(2, 1)), { again: [], gone: [] })
  assert.deepEqual(await answer([everything], (rows) => sinceRows.delete(rows, since)), {
    again: [],
    gone: [],
  })
  const other = conversation.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  const body = { envelopes: [], numbers: [everything], conversation: other, ext: emptyExt }
  assert.deepEqual(await answer([], undefined, { body }), { again: [], gone: [] })
})

test('what was removed, is too old, came thrice or is not there is gone; the control: one that came twice comes', async () => {
  const { answer, sentSo, conversation, from, now } = await answering()
  const { accountId, device } = from
  const again = (times: number, to = device) =>
    Array.from({ length: times }, () => ({ accountId, device: to }))
  const gone = { again: [1, 3, 4, 5], gone: [span(2)] }
  const sent = { again: [1, 2, 3, 4, 5], gone: [] }
  for (const [so, said] of [
    [sentSo(2, () => ({ again: again(limits.resends) })), gone],
    [sentSo(2, () => ({ again: again(limits.resends - 1) })), sent],
    [sentSo(2, () => ({ again: again(limits.resends, 'ff'.repeat(16)) })), sent],
    [sentSo(2, () => ({ at: now - limits.resendMs })), gone],
    [sentSo(2, () => ({ at: now - limits.resendMs + 1 })), sent],
  ] as const)
    assert.deepEqual(await answer([everything], so), said)
  const removed = async (rows: RowWriter, change: 'removed' | 'forgotten') => {
    const all = await sentRows.list(rows, { prefix: conversation, limit: 10 })
    for (const { key, row } of all) {
      const message = await messageRows.get(rows, row.messageKey)
      if (row.number.n !== 2 || message === undefined) continue
      if (change === 'removed') messageRows.put(rows, row.messageKey, { ...message, progress: 3 })
      else sentRows.delete(rows, key)
    }
  }
  assert.deepEqual(await answer([everything], (rows) => removed(rows, 'removed')), gone)
  assert.deepEqual(await answer([everything], (rows) => removed(rows, 'forgotten')), gone)
})

test('of an older run all that may have been is answered, of the newest what was given', async () => {
  const { answer, conversation } = await answering()
  const later = (rows: RowWriter) =>
    givenRows.put(rows, conversation, { last: { run: 3, n: 2 }, before: { run: 1, n: 5 } })
  assert.deepEqual(await answer([everything], later), { again: [1, 2, 3, 4, 5], gone: [span(6, 9)] })
  assert.deepEqual(await answer([{ run: 3, first: 1, last: 7 }], later), {
    again: [],
    gone: [{ run: 3, first: 1, last: 2 }],
  })
})

test('what waits for that device comes by itself: it is neither sent twice nor gone', async () => {
  const { answer, conversation, from } = await answering()
  const { accountId, device } = from
  const others = { accountId: 'ee'.repeat(32), device: 'ff'.repeat(16) }
  const waits =
    (n: number | undefined, to: { account?: string; only?: { accountId: string; device: string } } = {}) =>
    (rows: RowWriter) => {
      givenRows.put(rows, conversation, { last: { run: 1, n: 6 } })
      enqueue(rows, {
        account: 'bob',
        type: contentTypes.text.type,
        body: new Uint8Array(),
        clock: { ms: 1, logical: 0 },
        ...(n === undefined ? {} : { number: { run: 1, n } }),
        ...to,
      })
    }
  const six = [span(6)]
  for (const [waiting, again, gone] of [
    [waits(6), [1, 2, 3, 4, 5], []],
    [waits(2), [1, 3, 4, 5], six],
    [waits(2, { only: { accountId, device } }), [1, 3, 4, 5], six],
    [waits(2, { only: { accountId, device: others.device } }), [1, 2, 3, 4, 5], six],
    [waits(2, { only: { accountId: others.accountId, device } }), [1, 2, 3, 4, 5], six],
    [waits(2, { account: 'carol' }), [1, 2, 3, 4, 5], six],
    [waits(undefined), [1, 2, 3, 4, 5], six],
  ] as const)
    assert.deepEqual(await answer([everything], waiting), { again: [...again], gone: [...gone] })
})

/** As if those from the sixth on were there no more. */
async function withRemoved() {
  const { answer, sentSo, conversation } = await answering()
  const removed = (count: number, after?: number) => async (rows: RowWriter) => {
    givenRows.put(rows, conversation, { last: { run: 1, n: after ?? 5 + count } })
    let like: SentRow | undefined
    await sentSo(5, (sent) => (like = sent))(rows)
    if (like === undefined) return
    const { copies: _copies, ...sent } = like
    for (let n = 6; n <= 5 + count; n++)
      changeSent(rows, conversation, { ...sent, messageKey: 'bob/none', number: { run: 1, n }, copies: [] })
    if (after !== undefined) changeSent(rows, conversation, { ...like, number: { run: 1, n: after } })
  }
  return { answer, removed }
}

test('a message that comes after a thousand that are gone is no more gone for that', async () => {
  const { answer, removed } = await withRemoved()
  for (const count of [limits.resendsPerHour, limits.resendsPerHour + 1, limits.resendsPerHour + 300]) {
    const after = 5 + count + 1
    const said = await answer([span(1, after)], removed(count, after))
    assert.deepEqual(said, { again: [1, 2, 3, 4, 5, after], gone: [span(6, after - 1)] })
  }
})

test('no question has more than 2,000 messages looked at', async () => {
  const { answer, removed } = await withRemoved()
  for (const [looked, again] of [
    [1_999, [1]],
    [2_000, []],
  ] as const) {
    const { again: sent } = await answer([span(6, 5 + looked), span(1, 5)], removed(looked))
    assert.deepEqual(sent, [...again])
  }
})

test('what is too much for an hour is neither sent nor said to be gone', async () => {
  const { answer, from, now } = await answering()
  const spent = (count: number, at: number) => (rows: RowWriter) =>
    resendRows.put(rows, from.accountId, { from: at, count })
  const most = limits.resendsPerHour
  assert.deepEqual(await answer([everything], spent(most - 2, now)), { again: [1, 2], gone: [] })
  assert.deepEqual(await answer([everything], spent(most, now - 3_600_000)), { again: [], gone: [] })
  for (const at of [now - 3_600_001, now + 1])
    assert.deepEqual(await answer([everything], spent(most, at)), { again: [1, 2, 3, 4, 5], gone: [] })
})
