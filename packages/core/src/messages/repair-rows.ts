import {
  accountId,
  accountName,
  conversationId,
  deviceId,
  envelopeId,
  field,
  limits,
  list,
  numberShape,
  optional,
  sender,
  struct,
  text,
  uint,
  type Sender,
  type Shaped,
} from '@sotto/protocol'
import { sortable, table, type RowWriter } from '../store/rows.js'

/** What could not be read. Key: `ACCOUNT ID.DEVICE/AT ENVELOPE`. */
const repair = struct({
  from: field(1, sender),
  envelope: field(2, envelopeId),
  at: field(3, uint()),
  /** When the last question was put that named it. */
  askedAt: optional(4, uint()),
})
export const repairRows = table('repairs', repair, 512)

/** Stages a row for what could not be read: repair asks for it. At most 1,000 a device, the oldest go. */
export async function putRepair(rows: RowWriter, from: Sender, envelope: string, now: number): Promise<void> {
  const prefix = `${from.accountId}.${from.device}`
  const all = await repairRows.list(rows, { prefix, limit: limits.keptPerPeer + 1 })
  for (const { key } of all.slice(0, Math.max(0, all.length - limits.keptPerPeer + 1)))
    repairRows.delete(rows, key)
  repairRows.put(rows, `${prefix}/${sortable(now)}${envelope}`, { from, envelope, at: now })
}

/** Who has to be asked for something, and when. Key: `ACCOUNT ID.DEVICE`, and `.CONVERSATION` where it is for numbers. */
const ask = struct({
  /** The account whose conversation it belongs to: of what could not be read, the sender's. */
  account: field(1, accountName),
  accountId: field(2, accountId),
  device: field(3, deviceId),
  conversation: optional(4, conversationId),
  /** Milliseconds since 1970: when it was first known to be missing, when to ask next, and when that was last done. */
  since: field(5, uint()),
  at: field(6, uint()),
  askedAt: optional(7, uint()),
  tries: field(8, uint(0xffff_ffff)),
})
export const askRows = table('asks', ask, 512)
export type AskRow = Shaped<typeof ask>

const target = struct({ accountId: field(1, accountId), device: field(2, deviceId) })

/** Which message of ours has a number, and who got it under which envelopes. Key: `CONVERSATION/RUN NUMBER`. */
const sent = struct({
  messageKey: field(1, text(128)),
  /** When the backend first had it, by the later of its clock and ours, in milliseconds since 1970. */
  at: field(2, uint()),
  number: field(3, numberShape),
  after: optional(4, numberShape),
  copies: field(
    5,
    list(
      struct({ accountId: field(1, accountId), device: field(2, deviceId), envelope: field(3, envelopeId) }),
      4 * limits.envelopesPerBatch,
    ),
  ),
  /** To whom it was sent again, once for each time. */
  again: field(6, list(target, limits.resends * limits.envelopesPerBatch)),
})
export const sentRows = table('sent', sent, 64 * 1024)
export type SentRow = Shaped<typeof sent>

/** Which number an envelope of ours carried. Key: `ACCOUNT ID.DEVICE.ENVELOPE`, of whom it went to. */
export const sentCopyRows = table(
  'sent-copies',
  struct({ conversation: field(1, conversationId), number: field(2, numberShape) }),
  128,
)

/** How many messages were sent again to an account within an hour. Key: its account id. */
export const resendRows = table('resends', struct({ from: field(1, uint()), count: field(2, uint()) }), 64)
