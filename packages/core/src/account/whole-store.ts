import { check } from '@sotto/protocol'
import type { RowReader, Table } from '../store/rows.js'
import {
  conversationRows,
  counterRows,
  givenRows,
  messageRows,
  outboxRows,
  peerRows,
  preKeyRows,
  receivedRows,
  sessionRows,
  type ConversationRow,
} from '../store/tables.js'

/** How many conversations are looked at: what has lost a table has lost it for all. */
const lookedAt = 100

/**
 * Checks that a store which has a device in it has what every such store has. What is missing was lost, not forgotten: going on without it
 * would pin whoever answers, give numbers and prekey ids twice, or show an empty history. Throws `store-damaged`, which names what is missing.
 */
export async function checkWhole(rows: RowReader, device: string): Promise<void> {
  check((await counterRows.get(rows, 'counters')) !== undefined, 'store-damaged', { what: counterRows.name })
  await checkHeld(rows, preKeyRows)
  const conversations = await conversationRows.list(rows, { prefix: '', limit: lookedAt })
  for (const { row } of conversations) await checkConversation(rows, row, device)
  if (conversations.length === 0) {
    const messages = await messageRows.list(rows, { prefix: '', limit: 1 })
    check(messages.length === 0, 'store-damaged', { what: conversationRows.name })
  }
}

/** Whether something was ever sent or received here. */
export async function wasUsed(rows: RowReader): Promise<boolean> {
  return (await holds(rows, sessionRows)) || (await holds(rows, receivedRows))
}

async function checkConversation(
  rows: RowReader,
  { account, lastKey }: ConversationRow,
  device: string,
): Promise<void> {
  if (lastKey === undefined) return
  const last = await messageRows.get(rows, lastKey)
  check(last !== undefined, 'store-damaged', { what: messageRows.name })
  // It would be said to wait for ever, and nobody would send it.
  if (last.mine && last.from.device === device && last.progress === 0) await checkHeld(rows, outboxRows)
  if (last.number === undefined) return
  const peer = await peerRows.get(rows, account)
  check(peer?.chain !== undefined, 'store-damaged', { what: peerRows.name })
  await checkHeld(rows, sessionRows)
  await checkHeld(rows, last.from.device === device ? givenRows : receivedRows)
}

/** Tables that cannot be empty: their last row never goes, or something stands elsewhere that it belongs to. */
async function checkHeld(rows: RowReader, table: Table<unknown>): Promise<void> {
  check(await holds(rows, table), 'store-damaged', { what: table.name })
}

async function holds(rows: RowReader, table: Table<unknown>): Promise<boolean> {
  return (await table.list(rows, { prefix: '', limit: 1 })).length > 0
}
