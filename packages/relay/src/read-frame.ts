import {
  emptyExt,
  isAccountName,
  isRealm,
  limits,
  readClientFrame,
  type Batch,
  type ClientFrame,
  type Reference,
} from '@sotto/protocol'
import { FrameCursor } from './frame-cursor.js'

/** More of them in one frame are rare. */
const mostPlainAcks = 100

type BatchEnvelope = Batch['envelopes'][number]

/**
 * What a client says. A batch to addresses without an `ext`, and an acknowledgement, are what a relay reads thousands of a second: they are
 * read straight, in a fifth of the time, and whatever is anything else by its shape. Bodies share the frame's memory. Throws as
 * `readClientFrame`.
 */
export function readFrame(data: Buffer): ClientFrame {
  return (data.length <= limits.socketFrame ? readPlain(data) : undefined) ?? readClientFrame(data)
}

/** `undefined` for a frame that is not plain, also where it is malformed. */
export function readPlain(data: Buffer): ClientFrame | undefined {
  const from = new FrameCursor(data)
  from.expect(0x82)
  const frame = from.takes(2) ? sendOf(from) : from.takes(3) ? ackOf(from) : undefined
  return from.isDone ? frame : undefined
}

/** Numbers as `encode` writes them: `{ 1: ref, 2: { 1: shared, 2: envelopes, 3: lists, 4: sends } }`. */
function sendOf(from: FrameCursor): ClientFrame {
  from.expect(0xa2)
  from.expect(1)
  const ref = from.head(0, 1, 0xffff_ffff)
  from.expect(2)
  from.expect(0xa4)
  from.expect(1)
  const shared: Uint8Array[] = []
  for (let left = from.head(4, 0, limits.sharedPerBatch); left > 0; left--)
    shared.push(from.view(1, limits.body))
  from.expect(2)
  const envelopes: BatchEnvelope[] = []
  for (let left = from.head(4, 1, limits.envelopesPerBatch); left > 0; left--)
    envelopes.push(envelopeOf(from, shared.length))
  from.expect(3)
  const lists: Reference[] = []
  for (let left = from.head(4, 1, limits.references); left > 0; left--) lists.push(referenceOf(from, lists))
  from.expect(4)
  const sends = from.head(0, 0, 0xffff_ffff)
  if (!areDifferent(envelopes)) from.good = false
  return { type: 'send', ref, batch: { shared, envelopes, lists, sends } }
}

function envelopeOf(from: FrameCursor, shared: number): BatchEnvelope {
  from.expect(0xa4)
  from.expect(1)
  const id = from.id(16)
  from.expect(2)
  // An address, of four.
  from.expect(0x82)
  from.expect(1)
  from.expect(0xa1)
  from.expect(1)
  from.expect(0xa4)
  from.expect(1)
  const realm = from.ascii(limits.realm)
  from.expect(2)
  const account = from.ascii(limits.accountName)
  from.expect(3)
  const accountId = from.id(32)
  from.expect(4)
  const device = from.id(16)
  if (!isRealm(realm) || !isAccountName(account)) from.good = false
  const to = { type: 'address', address: { realm, account, accountId, device } } as const
  const body = bodyOf(from, shared)
  from.expect(5)
  from.expect(0xa0)
  return { id, to, ...body, ext: emptyExt }
}

/** Its own, or the index of a shared one. */
function bodyOf(from: FrameCursor, shared: number): Pick<BatchEnvelope, 'body' | 'shared'> {
  if (from.takes(3)) return { body: from.view(1, limits.body) }
  from.expect(4)
  return { shared: from.head(0, 0, shared - 1) }
}

/** They stand in order, one for each account. */
function referenceOf(from: FrameCursor, before: readonly Reference[]): Reference {
  from.expect(0xa4)
  from.expect(1)
  const accountId = from.id(32)
  from.expect(2)
  const era = from.head(0, 0, 0xffff_ffff)
  from.expect(3)
  const sequence = from.head(0, 1, limits.lists)
  from.expect(4)
  const hash = from.id(32)
  if (accountId <= (before.at(-1)?.accountId ?? '')) from.good = false
  return { accountId, era, sequence, hash }
}

/** Whether each goes to another device: then no two of them can be the same. */
function areDifferent(envelopes: readonly BatchEnvelope[]): boolean {
  if (envelopes.length === 1) return true
  const devices = envelopes.map(({ to }) => (to.type === 'address' ? to.address.device : ''))
  return new Set(devices).size === devices.length
}

function ackOf(from: FrameCursor): ClientFrame {
  from.expect(0xa1)
  from.expect(1)
  const deliveries: number[] = []
  for (let left = from.head(4, 1, mostPlainAcks); left > 0; left--)
    deliveries.push(from.head(0, 0, 0xffff_ffff))
  return { type: 'ack', deliveries }
}
