import { decode, encode, read } from './codec.js'
import { accountId, deviceId } from './address.js'
import { toHex } from './bytes.js'
import { envelopeId, recipient, stampedEnvelope } from './envelope.js'
import { limits } from './limits.js'
import { reference, references } from './references.js'
import { bytes, list, refine, text, uint, union, type Shaped } from './shape.js'
import { field, optional, struct } from './struct.js'
import { ext } from './ext.js'

/** An envelope of a batch: its body, or the index of a shared one. Exactly one of both. */
const batchEnvelope = struct({
  id: field(1, envelopeId),
  to: field(2, recipient),
  body: optional(3, bytes(1, limits.body)),
  shared: optional(4, uint(limits.sharedPerBatch - 1)),
  ext: field(5, ext),
})

const batchLayout = struct({
  shared: field(1, list(bytes(1, limits.body), limits.sharedPerBatch)),
  envelopes: field(2, list(batchEnvelope, limits.envelopesPerBatch, 1)),
  lists: field(3, references),
  /**
   * How far the sending device had counted, from wherever it began, when it had encrypted this. The relay keeps the highest of what it stores:
   * a device that logs in and has not counted so far has forgotten some of it.
   */
  sends: field(4, uint()),
})
export type Batch = Shaped<typeof batchLayout>

/** One message: an envelope for every device on both lists but ours, and the lists that were used. Stored whole or refused whole. */
export const batch = refine(batchLayout, 'envelopes', ({ shared, envelopes }: Batch) => {
  const hasOneBody = envelopes.every(({ body, shared: index }) =>
    index === undefined ? body !== undefined : body === undefined && index < shared.length,
  )
  return hasOneBody && new Set(envelopes.map(nameOf)).size === envelopes.length
})

/** What tells the envelopes of one sending device apart. */
function nameOf({ id, to }: Batch['envelopes'][number]): string {
  return `${id} ${to.type === 'address' ? `${to.address.accountId} ${to.address.device}` : toHex(to.mailbox)}`
}

const ref = uint(0xffff_ffff, 1)

/** What a client says on the socket. The first frame is `hello`. */
export const clientFrame = union({
  hello: [1, struct({ token: field(1, text(512)) })],
  send: [2, struct({ ref: field(1, ref), batch: field(2, batch) })],
  ack: [3, struct({ deliveries: field(1, list(uint(), 1000, 1)) })],
  ping: [4, struct({})],
})
export type ClientFrame = Shaped<typeof clientFrame>

/** A device that a refusal names. */
export const deviceName = struct({ accountId: field(1, accountId), device: field(2, deviceId) })
export type DeviceName = Shaped<typeof deviceName>

/**
 * What the relay says. `delivery` numbers are the relay's, for `ack` alone. A refusal carries an error code, and what helps:
 * `lists` that are newer than those used, `devices` whose mailbox is full, when to try again.
 */
export const relayFrame = union({
  welcome: [1, struct({ now: field(1, uint()) })],
  sent: [2, struct({ ref: field(1, ref), at: field(2, uint()) })],
  refused: [
    3,
    struct({
      ref: field(1, ref),
      code: field(2, text(64, /^[a-z-]+$/)),
      lists: field(3, list(reference, limits.references)),
      devices: field(4, list(deviceName, limits.envelopesPerBatch)),
      retryAfterMs: optional(5, uint()),
    }),
  ],
  deliver: [4, struct({ delivery: field(1, uint()), stamped: field(2, stampedEnvelope) })],
  /** Something of the account changed: 1 its device list, 2 its prekeys run low. */
  wake: [5, struct({ what: field(1, uint(255, 1)) })],
  pong: [6, struct({})],
  /** The connection ends with this. `epoch` and `sends` come with `rolled-back`. */
  bye: [
    7,
    struct({
      code: field(1, text(64, /^[a-z-]+$/)),
      epoch: optional(2, uint()),
      retryAfterMs: optional(3, uint()),
      sends: optional(4, uint()),
    }),
  ],
})
export type RelayFrame = Shaped<typeof relayFrame>

export const encodeClientFrame = (frame: ClientFrame): Uint8Array => encode(clientFrame, frame)
export const decodeClientFrame = (frame: Uint8Array): ClientFrame =>
  decode(clientFrame, frame, limits.socketFrame)
/** The same for a relay, which reads thousands a second. A frame ends at the socket that it came on. */
export const readClientFrame = (frame: Uint8Array): ClientFrame =>
  read(clientFrame, frame, limits.socketFrame)
export const encodeRelayFrame = (frame: RelayFrame): Uint8Array => encode(relayFrame, frame)
export const decodeRelayFrame = (frame: Uint8Array): RelayFrame =>
  decode(relayFrame, frame, limits.socketFrame)
