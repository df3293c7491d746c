import { SottoError, conversationIdOf, pairOf, type Sender, type StampedEnvelope } from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import { readPeer } from '../peers/peer.js'
import { readSessions } from '../sessions/session-rows.js'
import type { RowReader } from '../store/rows.js'
import { conversationRows, counterRows, messageIdRows } from '../store/tables.js'
import type { ReadAhead } from './ahead.js'
import { messageIdKey } from './arrivals.js'
import { readReceived } from './numbers.js'

/**
 * Has read what is likely to be wanted of a batch, all at once: that is one transaction of the store, and one by one it is most of the time a
 * backlog takes. Decides nothing.
 */
export async function expectBatch(
  rows: RowReader,
  own: OwnDevice,
  batch: readonly StampedEnvelope[],
): Promise<void> {
  const senders = new Map<string, Sender>()
  for (const { from } of batch)
    if (from !== undefined) senders.set(`${from.account} ${from.accountId} ${from.device}`, from)
  const counters = counterRows.get(rows, 'counters')
  await Promise.all([counters, ...[...senders.values()].map((from) => expectSender(rows, own, from))])
}

async function expectSender(rows: RowReader, { address }: OwnDevice, from: Sender): Promise<void> {
  const sender = { realm: address.realm, ...from }
  const reads: Promise<unknown>[] = [
    readSessions(rows, sender),
    readPeer(rows, from.account),
    conversationRows.get(rows, from.account),
  ]
  if (from.accountId !== address.accountId) {
    const conversation = conversationIdOf(address.realm, pairOf(address, sender))
    reads.push(readReceived(rows, conversation, from.accountId, from.device))
  }
  await Promise.all(reads)
}

/** The same of the message ids of what was decrypted, where they have to be read. */
export async function expectIds(rows: RowReader, all: Iterable<ReadAhead>): Promise<void> {
  await Promise.all(
    [...all].map((one) => {
      if (SottoError.is(one)) return Promise.resolve()
      const { content, conversation } = one.checked
      const { from, messageId } = content.header
      return messageIdRows.presume(rows, messageIdKey(conversation, from.accountId, messageId))
    }),
  )
}
