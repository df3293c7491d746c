import { assert, test } from '#test'
import { makeDevice, signFirstList } from '@sotto/core'
import { conversationIdOf, encodeChain, pairOf, type Address, type Chain } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { ProgressReader } from '../../packages/core/src/conversations/progress-reader.js'
import { UnitOfWork } from '../../packages/core/src/sessions/unit-of-work.js'
import { peerRows, receiptRows } from '../../packages/core/src/store/tables.js'
import { codeOf } from '../support/code-of.js'

const realm = 'example.com'
const own: Address = { realm, account: 'alice', accountId: '0a'.repeat(32), device: '0b'.repeat(16) }

async function chainOf(account: string, era: number): Promise<Chain> {
  const made = await makeDevice(await createSignalCipher(), 'crypto-key', 0)
  return signFirstList(made, realm, account, era, 0)
}

const keyOf = (account: string, { accountId }: Chain) =>
  `${conversationIdOf(realm, pairOf(own, { account, accountId }))}/${own.device}`

/** An account that was reset: two account ids under one name, from both of which there are receipts. The second is who it is now. */
async function reset() {
  const [before, now] = [await chainOf('bob', 0), await chainOf('bob', 1)]
  const asked: string[] = []
  const rows = new UnitOfWork({
    get: (table) => {
      asked.push(table)
      return Promise.resolve(undefined)
    },
    list: (table) => {
      asked.push(table)
      return Promise.resolve([])
    },
    commit: () => Promise.resolve(),
  })
  const upTo = (n: number) => ({ delivered: { upTo: { run: 1, n }, missing: [] } })
  receiptRows.put(rows, keyOf('bob', before), upTo(1))
  receiptRows.put(rows, keyOf('bob', now), upTo(2))
  const chain = encodeChain(now)
  peerRows.put(rows, 'bob', { account: 'bob', chain, relation: 2, relationAt: 0, fetchedAt: 0 })
  const reader = new ProgressReader({ own: () => own, online: () => true })
  const delivered = async () => (await reader.read(rows, 'bob')).receipts.map((one) => one.delivered?.upTo.n)
  return { before, now, rows, reader, asked, delivered }
}

test('what was taken for granted of who stands behind a name is not believed', async () => {
  const { before, reader, delivered } = await reset()
  reader.meet('bob', before.accountId)
  assert.deepEqual(await delivered(), [2])
})

test('whoever was met is read once', async () => {
  const { now, reader, asked, delivered } = await reset()
  reader.meet('bob', now.accountId)
  assert.deepEqual(await delivered(), [2])
  assert.deepEqual(asked, ['received', 'received'])
})

test('a row of theirs that is damaged is said to be, and one of somebody who is gone is nobody’s trouble', async () => {
  const { before, now, rows, reader, delivered } = await reset()
  rows.put('receipts', keyOf('bob', before), Uint8Array.of(0))
  reader.meet('bob', before.accountId)
  assert.deepEqual(await delivered(), [2])
  rows.put('receipts', keyOf('bob', now), Uint8Array.of(0))
  assert.equal(await codeOf(delivered()), 'store-damaged')
  reader.meet('bob', before.accountId)
  assert.equal(await codeOf(delivered()), 'store-damaged')
})
