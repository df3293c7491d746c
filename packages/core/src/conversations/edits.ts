import { SottoError, conversationIdOf, pairOf, type Address, type MessageNumber } from '@sotto/protocol'
import { listOutbox } from '../messages/outbox.js'
import { compareNumbers, listReceived, putReceived } from '../messages/numbers.js'
import { readPeer } from '../peers/peer.js'
import type { RowWriter } from '../store/rows.js'
import { conversationRows, messageRows, outboxRows } from '../store/tables.js'

async function entryOf(rows: RowWriter, account: string, id: string) {
  const all = await listOutbox(rows, 10_000)
  return all.find(({ row }) => row.account === account && row.messageId === id)
}

/** Stages that a failed message is tried again. Its number and its bytes stay what they were. */
export async function retryMessage(rows: RowWriter, account: string, id: string): Promise<void> {
  const entry = await entryOf(rows, account, id)
  if (entry === undefined) throw new SottoError('not-found')
  outboxRows.put(rows, entry.key, { ...entry.row, failed: 0, notBefore: 0 })
  const key = entry.row.messageKey
  const message = key === undefined ? undefined : await messageRows.get(rows, key)
  if (key === undefined || message === undefined) return
  const { code: _code, ...rest } = message
  messageRows.put(rows, key, { ...rest, progress: 0 })
}

/** Stages that a message is no longer shown here, and not sent where it was not yet. Its id stays known, so that it cannot come again. */
export async function removeMessage(rows: RowWriter, account: string, id: string): Promise<void> {
  const entry = await entryOf(rows, account, id)
  if (entry !== undefined) outboxRows.delete(rows, entry.key)
  const found = entry?.row.messageKey ?? (await keyOf(rows, account, id))
  const message = found === undefined ? undefined : await messageRows.get(rows, found)
  if (found === undefined || message === undefined) throw new SottoError('not-found')
  messageRows.put(rows, found, { ...message, progress: 3, body: new Uint8Array() })
}

async function keyOf(rows: RowWriter, account: string, id: string): Promise<string | undefined> {
  let to: string | undefined
  for (;;) {
    const page = await messageRows.list(rows, {
      prefix: account,
      limit: 200,
      reverse: true,
      ...(to === undefined ? {} : { to }),
    })
    const hit = page.find(({ row }) => row.messageId === id)
    const last = page[page.length - 1]
    if (hit !== undefined || last === undefined) return hit?.key
    to = last.key.slice(account.length + 1)
  }
}

/** Stages that everything up to and with `key` was seen. Answers whether that was news. */
export async function markReadUpTo(
  rows: RowWriter,
  account: string,
  key: string,
  own: Address | undefined,
): Promise<boolean> {
  const row = await conversationRows.get(rows, account)
  if (row === undefined || (row.readKey !== undefined && row.readKey >= key)) return false
  const from = row.readKey === undefined ? undefined : `${row.readKey.slice(account.length + 1)}~`
  const to = `${key.slice(account.length + 1)}~`
  const seen = await messageRows.list(rows, {
    prefix: account,
    to,
    limit: 10_000,
    // Receipts go up to the newest.
    reverse: true,
    ...(from === undefined ? {} : { from }),
  })
  const after = await messageRows.list(rows, { prefix: account, from: to, limit: 10_000 })
  const unread =
    row.unread === 0
      ? 0
      : Math.min(row.unread, after.filter((one) => !one.row.mine && one.row.progress !== 3).length)
  conversationRows.put(rows, account, { ...row, readKey: key, unread })
  const newest = new Map<string, MessageNumber>()
  for (const { row: message } of seen) {
    if (message.mine || message.number === undefined) continue
    const before = newest.get(message.from.device)
    if (before === undefined || compareNumbers(before, message.number) < 0)
      newest.set(message.from.device, message.number)
  }
  const { chain } = await readPeer(rows, account)
  if (chain === undefined || own === undefined) return true
  const conversation = conversationIdOf(own.realm, pairOf(own, chain))
  for (const received of await listReceived(rows, conversation, chain.accountId)) {
    const read = newest.get(received.device)
    if (read === undefined || (received.read !== undefined && compareNumbers(received.read, read) >= 0))
      continue
    putReceived(rows, conversation, chain.accountId, { ...received, read })
  }
  return true
}

/** Stages that a conversation is gone from this device: its messages and what waits to be sent in it. */
export async function deleteConversation(rows: RowWriter, account: string): Promise<void> {
  const limit = 1_000
  let from: string | undefined
  for (;;) {
    const page = await messageRows.list(rows, {
      prefix: account,
      limit,
      ...(from === undefined ? {} : { from }),
    })
    for (const { key } of page) messageRows.delete(rows, key)
    const last = page.at(-1)
    if (last === undefined || page.length < limit) break
    from = `${last.key.slice(account.length + 1)}~`
  }
  for (const { key, row } of await listOutbox(rows, 10_000))
    if (row.account === account) outboxRows.delete(rows, key)
  conversationRows.delete(rows, account)
}
