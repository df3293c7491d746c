import { limits, type MessageNumber } from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import type { OutboxRow } from '../store/tables.js'
import type { BackendClock } from '../backend-clock.js'
import { sentCopyRows, sentRows, type SentRow } from './repair-rows.js'

/** Of how many messages sent one looks for old ones, and how many go then: more than were sent in between. */
const sweepEvery = 16
const sweptAtOnce = 32

const hex = (value: number): string => value.toString(16).padStart(8, '0')
const sortOf = ({ run, n }: MessageNumber): string => `${hex(run)}${hex(n)}`
const copyKey = (to: { readonly accountId: string; readonly device: string }, envelope: string) =>
  `${to.accountId}.${to.device}.${envelope}`

/** Stages which devices the backend took a numbered message for, so that it can be found when one of them asks for it. */
export async function putSent(
  rows: RowWriter,
  conversation: string,
  entry: Pick<OutboxRow, 'messageKey' | 'number' | 'after' | 'envelopes'>,
  clock: Pick<BackendClock, 'earliest' | 'latest'>,
): Promise<void> {
  const { number, after, messageKey, envelopes = [] } = entry
  if (number === undefined) return
  const key = `${conversation}/${sortOf(number)}`
  const before = await sentRows.get(rows, key)
  const known =
    before ?? (messageKey === undefined ? undefined : fresh(messageKey, clock.latest, number, after))
  if (known === undefined) return
  const copies = envelopes.map(({ accountId, device, envelope }) => ({ accountId, device, envelope }))
  // The oldest go: they were asked for thrice.
  const all = [...known.copies, ...copies].slice(-4 * limits.envelopesPerBatch)
  sentRows.put(rows, key, { ...known, copies: all })
  for (const copy of copies) sentCopyRows.put(rows, copyKey(copy, copy.envelope), { conversation, number })
  if (before === undefined && number.n % sweepEvery === 0)
    await sweep(rows, conversation, clock.earliest - limits.resendMs)
}

const fresh = (messageKey: string, at: number, number: MessageNumber, after: MessageNumber | undefined) => ({
  messageKey,
  at,
  number,
  ...(after === undefined ? {} : { after }),
  copies: [],
  again: [],
})

/** The messages of a stretch of numbers, as far as they were sent and are not too old. */
export async function listSent(
  rows: RowReader,
  conversation: string,
  { run, first, last }: { readonly run: number; readonly first: number; readonly last: number },
  limit: number,
): Promise<readonly SentRow[]> {
  const found = await sentRows.list(rows, {
    prefix: conversation,
    from: sortOf({ run, n: first }),
    // Only that and all before: a sort part that is longer comes after.
    to: `${sortOf({ run, n: last })}0`,
    limit,
  })
  return found.map(({ row }) => row)
}

/** The message that an envelope to that device carried, and its conversation. */
export async function findSent(
  rows: RowReader,
  to: { readonly accountId: string; readonly device: string },
  envelope: string,
): Promise<{ readonly conversation: string; readonly sent: SentRow } | undefined> {
  const copy = await sentCopyRows.get(rows, copyKey(to, envelope))
  if (copy === undefined) return undefined
  const { conversation, number } = copy
  const sent = await sentRows.get(rows, `${conversation}/${sortOf(number)}`)
  return sent && { conversation, sent }
}

export const changeSent = (rows: RowWriter, conversation: string, sent: SentRow): void =>
  sentRows.put(rows, `${conversation}/${sortOf(sent.number)}`, sent)

/** What is too old to be sent again need not be found again. */
async function sweep(rows: RowWriter, conversation: string, before: number): Promise<void> {
  for (const { key, row } of await sentRows.list(rows, { prefix: conversation, limit: sweptAtOnce })) {
    if (row.at >= before) return
    sentRows.delete(rows, key)
    for (const copy of row.copies) sentCopyRows.delete(rows, copyKey(copy, copy.envelope))
  }
}
