import {
  conversationIdOf,
  emptyExt,
  encodeContent,
  pairOf,
  referenceTo,
  type Batch,
  type Chain,
  type MessageNumber,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { OtherDevice, Sessions } from '../sessions/sessions.js'
import type { RowWriter } from '../store/rows.js'
import type { OutboxRow } from '../store/tables.js'
import type { Bundles } from './bundles.js'
import { newEnvelopeId } from './envelope-id.js'
import { giveNumber, givenFor, sinceFor } from './numbers.js'
import { isNumbered } from './outbox.js'
import { countSend } from './send-count.js'

type Sealed = NonNullable<OutboxRow['envelopes']>[number]

/**
 * Encrypts an entry for each device, on staged rows: gives it its number the first time, steps the sessions, and returns the entry with
 * its envelopes. Devices that have an envelope already keep it, byte for byte; devices that are gone lose theirs; a device without a
 * session and without a bundle is skipped.
 */
export async function compose(
  rows: RowWriter,
  entry: OutboxRow,
  to: readonly OtherDevice[],
  context: {
    readonly own: OwnDevice
    readonly peer: Chain
    readonly sessions: Sessions
    readonly bundles: Bundles
    readonly now: number
    /** The backend's clock, where it says what it is. */
    readonly backendNow: number | undefined
  },
): Promise<OutboxRow> {
  const { own, peer, sessions, bundles, now, backendNow } = context
  const key = pairOf(own.address, peer)
  const conversation = conversationIdOf(own.address.realm, key)
  const lists = [referenceTo(own.chain), referenceTo(peer)].sort((a, b) =>
    a.accountId < b.accountId ? -1 : 1,
  )
  const numbered: { readonly number?: MessageNumber; readonly after?: MessageNumber } =
    entry.number !== undefined || !isNumbered(entry.type) ? entry : await giveNumber(rows, conversation)
  const { number, after } = numbered
  const envelopes: Sealed[] = []
  let encrypted = 0
  for (const other of to) {
    const { address } = other
    const name = `${address.accountId}.${address.device}`
    const since = number === undefined ? undefined : await sinceFor(rows, conversation, name, number)
    const before = entry.envelopes?.find(
      (one) => one.accountId === address.accountId && one.device === address.device,
    )
    if (before !== undefined) {
      envelopes.push(before)
      continue
    }
    const told = await givenFor(rows, conversation, name, number)
    const bundle = bundles.get(address.device)?.bundle
    const isNew = entry.fresh === true || (await sessions.needsBundle(rows, address, now))
    if (bundle === undefined && isNew) continue
    const contentIn = (session: string) =>
      encodeContent({
        header: {
          from: own.address,
          to: address,
          conversation: key,
          messageId: entry.messageId,
          ...(number === undefined ? {} : { number }),
          ...(after === undefined ? {} : { after }),
          ...(since === undefined ? {} : { since }),
          ...told,
          session,
          lists,
          clock: entry.clock,
          frankingKey: entry.frankingKey,
          shownIfUnknown: entry.shownIfUnknown,
          ext: emptyExt,
        },
        type: entry.type,
        body: entry.body,
      })
    const body = await sessions.encrypt(rows, other, contentIn, { bundle, now, fresh: entry.fresh === true })
    const { account, accountId, device } = address
    envelopes.push({ envelope: newEnvelopeId(backendNow), account, accountId, device, body })
    encrypted++
  }
  const sends = encrypted === 0 ? entry.sends : await countSend(rows)
  const { number: _number, after: _after, ...rest } = entry
  return {
    ...rest,
    ...(number === undefined ? {} : { number }),
    ...(after === undefined ? {} : { after }),
    ...(sends === undefined ? {} : { sends }),
    envelopes,
    lists,
  }
}

/** The batch of an encrypted entry: the same bytes each time it is sent. */
export function batchOf(entry: OutboxRow, realm: string): Batch {
  const envelopes = (entry.envelopes ?? []).map(({ envelope, account, accountId, device, body }) => ({
    id: envelope,
    to: { type: 'address' as const, address: { realm, account, accountId, device } },
    body,
    ext: emptyExt,
  }))
  return { shared: [], envelopes, lists: entry.lists ?? [], sends: entry.sends ?? 0 }
}
