import {
  accountId,
  accountName,
  bool,
  bytes,
  clockShape,
  deviceId,
  envelopeId,
  field,
  id,
  limits,
  list,
  listHash,
  messageId,
  numberShape,
  optional,
  reference,
  references,
  signed,
  signedMax,
  stampedEnvelope,
  struct,
  text,
  uint,
  type Shaped,
} from '@sotto/protocol'
import { table } from './rows.js'

const chainMax = 2 * signedMax + limits.lists * limits.devices * 200
const chain = bytes(1, chainMax)

/** This device: its ids and public keys. The private ones are rows of `keys`. Key `self`. */
export const selfRows = table(
  'self',
  struct({
    device: field(1, deviceId),
    accountId: field(2, accountId),
    signingKey: field(3, bytes(32)),
    identityKey: field(4, bytes(32)),
    wrapped: field(5, bool),
    /** Whether a backend ever took a list with this device on it. */
    published: field(6, bool),
    chain: field(7, chain),
  }),
  chainMax + 1024,
)

/** A list of ours that was signed and is not known to be published: published again byte for byte. Key `pending`. */
export const pendingRows = table(
  'pending',
  struct({
    list: field(1, signed),
    signedPreKey: optional(2, signed),
    preKeys: field(3, list(signed, limits.preKeysHeld)),
  }),
  signedMax + (limits.preKeysHeld + 1) * 2 * limits.preKey,
)

/** What is known of another account. Key: its name. */
const peer = struct({
  account: field(1, accountName),
  /** The verified chain, whose account id is pinned. Absent before the first fetch. */
  chain: optional(2, chain),
  /** The chain before its newest list: what it takes to verify another list of the same place. */
  before: optional(3, chain),
  verifiedAt: optional(4, uint()),
  /** A verified chain under another account id, which waits for the person. */
  candidate: optional(5, chain),
  /** A list of the newest one's sequence that verifies and is another: evidence. Nothing is sent. */
  fork: optional(6, signed),
  /** A claim about this account that is newer than what we could fetch. Nothing is sent until a list settles it. */
  doubt: optional(7, reference),
  /** 0 none, 1 request, 2 accepted, 3 blocked. */
  relation: field(8, uint(3)),
  relationAt: field(9, uint()),
  /** Milliseconds since 1970. */
  fetchedAt: field(10, uint()),
  /** The person lets calls with the account go directly, so that it learns this device's network address. */
  direct: optional(11, bool),
})
export const peerRows = table('peers', peer, 3 * chainMax + signedMax)
export type PeerRow = Shaped<typeof peer>

const session = struct({
  name: field(1, id(16)),
  generation: field(2, uint(0xffff_ffff, 1)),
  baseKey: field(3, bytes(32)),
  /** Whether we made the base key. */
  initiator: field(4, bool),
  state: field(5, bytes(1, 128 * 1024)),
  createdAt: field(6, uint()),
  /** Whether something of the other side was read in it. */
  answered: field(7, bool),
  /** Whether something of ours was written in it. */
  sent: field(8, bool),
  /** How many messages were read in it since the last of ours. */
  unanswered: field(9, uint()),
  /** Never written in again: its ratchet may have been rolled back or copied. */
  spent: field(10, bool),
  /** An outer engine's state, kept for a later suite. */
  inner: optional(11, bytes(0, 64 * 1024)),
  /** Whether a question of ours for what could not be read began it. */
  asks: optional(12, bool),
})
export type SessionRow = Shaped<typeof session>

/** The sessions with one device. Key: account id, a dot, device id. */
const deviceSessions = struct({
  /** The highest generation ever known. */
  highest: field(1, uint(0xffff_ffff)),
  sessions: field(2, list(session, limits.sessionsPerDevice + 1)),
})
export const sessionRows = table('sessions', deviceSessions, 1024 * 1024)
export type DeviceSessions = Shaped<typeof deviceSessions>

/** Base keys that were read, so that no first message starts two sessions. Key: `SIGNED PREKEY ID/BASE KEY`. */
export const baseKeyRows = table('base-keys', struct({ at: field(1, uint()) }), 64)

/** Our prekeys. Key: `signed/ID` or `one/ID`. The private half lies in `keys`. */
const preKey = struct({
  id: field(1, uint(0xffff_ffff, 1)),
  publicKey: field(2, bytes(32)),
  madeAt: field(3, uint()),
  published: field(4, signed),
})
export const preKeyRows = table('prekeys', preKey, 2 * limits.preKey + 8192)

/** Counters of this device. Key `counters`. */
const counters = struct({
  nextPreKey: field(1, uint(0xffff_ffff, 1)),
  nextSignedPreKey: field(2, uint(0xffff_ffff, 1)),
  signedPreKeyMadeAt: field(3, uint()),
  clock: field(4, clockShape),
  /** The epoch in which this device began to count: the run of its numbers. */
  run: field(5, uint(0xffff_ffff)),
  /** Where generations begin with a device that we know no session of: those below may have been started before a roll-back. */
  generationFloor: optional(6, uint(0xffff_ffff)),
  /** Goes up by one with each message that is encrypted, in the commit that steps the ratchets. Absent: nothing was yet. */
  sends: optional(7, uint()),
  /** The latest that a backend has said it is, about to the hour, in milliseconds since 1970. */
  backendAt: optional(8, uint()),
})
export const counterRows = table('counters', counters, 256)
export type Counters = Shaped<typeof counters>

const copy = struct({
  accountId: field(1, accountId),
  device: field(2, deviceId),
  envelope: field(3, envelopeId),
})

/** A message as it is shown and as repair needs it. Key: `ACCOUNT/CLOCK MESSAGE-ID`. */
const message = struct({
  messageId: field(1, messageId),
  mine: field(2, bool),
  from: field(3, struct({ accountId: field(1, accountId), device: field(2, deviceId) })),
  type: field(4, uint(65_535, 1)),
  body: field(5, bytes(0, limits.content)),
  clock: field(6, clockShape),
  /** Milliseconds since 1970, as shown. */
  at: field(7, uint()),
  number: optional(8, numberShape),
  frankingKey: field(9, bytes(32)),
  /** 0 stored here alone, 1 the backend has it, 2 failed, 3 removed here. Of theirs: 1. */
  progress: field(10, uint(3)),
  code: optional(11, text(64)),
  /** Empty, but in rows of before `sent` was kept, where this is what went to which device. */
  copies: field(12, list(copy, limits.envelopesPerBatch)),
  shownIfUnknown: field(13, bool),
  hash: optional(14, id(32)),
})
export const messageRows = table('messages', message, 2 * limits.content)
export type MessageRow = Shaped<typeof message>

/** Where a message id was shown. Key: `CONVERSATION.ACCOUNT ID.MESSAGE ID`. */
export const messageIdRows = table('message-ids', struct({ key: field(1, text(128)) }), 256)

/** A conversation. Key: the other account's name. */
const conversation = struct({
  account: field(1, accountName),
  /** Milliseconds since 1970 of what is newest in it: sorts the inbox. */
  at: field(2, uint()),
  lastKey: optional(3, text(128)),
  /** Up to here the person has seen it. */
  readKey: optional(4, text(128)),
  unread: field(5, uint()),
})
export const conversationRows = table('conversations', conversation, 1024)
export type ConversationRow = Shaped<typeof conversation>

/** The numbers we give in a conversation. Key: the conversation's id. */
const given = struct({ last: optional(1, numberShape), before: optional(2, numberShape) })
export const givenRows = table('given', given, 128)

/** From which number of ours a device may expect. Key: `CONVERSATION.ACCOUNT ID.DEVICE`. */
export const sinceRows = table('since', struct({ since: field(1, numberShape) }), 64)

const span = struct({
  run: field(1, uint(0xffff_ffff)),
  first: field(2, uint(0xffff_ffff, 1)),
  last: field(3, uint(0xffff_ffff, 1)),
  gone: field(4, bool),
})
/** Numbers that have not come; `gone`: that never will. */
export type MissingSpan = Shaped<typeof span>

/** What came of one sending device in one conversation. Key: `CONVERSATION.ACCOUNT ID/DEVICE`. */
const received = struct({
  device: field(1, deviceId),
  /** The highest number that came, or that its device is known to have given. */
  highest: field(2, numberShape),
  missing: field(3, list(span, limits.gaps)),
  /** The highest number the person has seen. */
  read: optional(4, numberShape),
  /** What the last receipt of ours said. */
  told: optional(5, numberShape),
  toldRead: optional(6, numberShape),
  toldMissing: field(7, uint()),
  /** Where the message of the highest number was placed: what comes after it sorts after it. */
  lastClock: optional(8, clockShape),
  /** The highest number of which anything is seen: what is silent draws no receipt. */
  shown: optional(9, numberShape),
})
export const receivedRows = table('received', received, limits.gaps * 32 + 512)
export type ReceivedRow = Shaped<typeof received>

const coveredSpan = struct({
  run: field(1, uint(0xffff_ffff)),
  first: field(2, uint(0xffff_ffff, 1)),
  last: field(3, uint(0xffff_ffff, 1)),
})
const mark = struct({
  upTo: field(1, numberShape),
  missing: field(2, list(coveredSpan, limits.receiptRanges)),
})

/** What the other account says it has of one of our devices. Key: `CONVERSATION/DEVICE`. */
const receipt = struct({ delivered: optional(1, mark), read: optional(2, mark) })
export const receiptRows = table('receipts', receipt, 8192)
export type ReceiptMark = Shaped<typeof mark>
export type ReceiptRow = Shaped<typeof receipt>

const sealedEnvelope = struct({
  envelope: field(1, envelopeId),
  accountId: field(2, accountId),
  account: field(3, accountName),
  device: field(4, deviceId),
  body: field(5, bytes(1, limits.body)),
})

/** Something that waits to be sent. Key: `all/SORT`. */
const outboxEntry = struct({
  account: field(1, accountName),
  /** Key of the message row, where the entry is one. */
  messageKey: optional(2, text(128)),
  messageId: field(3, messageId),
  type: field(4, uint(65_535, 1)),
  body: field(5, bytes(0, limits.content)),
  clock: field(6, clockShape),
  frankingKey: field(7, bytes(32)),
  shownIfUnknown: field(8, bool),
  /** For one device alone (a session answer); else every device on both lists. */
  only: optional(9, struct({ accountId: field(1, accountId), device: field(2, deviceId) })),
  /** For our own devices alone. */
  own: field(10, bool),
  /** Not before, in milliseconds since 1970. */
  notBefore: field(11, uint()),
  number: optional(12, numberShape),
  after: optional(13, numberShape),
  /** Present once encrypted: sent again byte for byte. */
  envelopes: optional(14, list(sealedEnvelope, limits.envelopesPerBatch)),
  lists: optional(15, references),
  /** 0 to be sent, 1 failed and waits for the person. */
  failed: field(16, uint(1)),
  /** Of no use to anybody after that, in milliseconds since 1970: it is not sent any more. */
  notAfter: optional(17, uint()),
  /** It is the first message of a new generation of its session. */
  fresh: optional(18, bool),
  /** How far this device had counted with it. Present once encrypted. */
  sends: optional(19, uint()),
})
export const outboxRows = table('outbox', outboxEntry, 12 * 1024 * 1024)
export type OutboxRow = Shaped<typeof outboxEntry>

/** Triples of one row at most. */
export const triplesInRow = 64

const readEnvelopes = struct({
  /** In ascending order. */
  envelopes: field(1, list(envelopeId, triplesInRow, 1)),
  at: field(2, uint()),
})
/** Envelopes of one device that were read, and committed together. Key: `ACCOUNT ID.DEVICE/ENVELOPE`, of the first one. */
export const readEnvelopeRows = table('read-envelopes', readEnvelopes, 4096)

/** Written before there were `read-envelopes`: envelopes that were read (`read`) or could not be. Key: `ACCOUNT ID.DEVICE.ENVELOPE`. */
export const tripleRows = table('triples', struct({ read: field(1, bool), at: field(2, uint()) }), 64)

/**
 * Which rows of both were written together, so that old ones are found without reading all. Key: `all/AT ENVELOPE`, of the first one. An
 * envelope names the row that stands under it.
 */
const writtenTriples = struct({
  triples: field(
    1,
    list(
      struct({ accountId: field(1, accountId), device: field(2, deviceId), envelope: field(3, envelopeId) }),
      triplesInRow,
    ),
  ),
})
export const tripleAgeRows = table('triple-ages', writtenTriples, 8192)
export type Triple = Shaped<typeof writtenTriples>['triples'][number]

/** Envelopes that wait for a list, the person, or an update. Key: `ACCOUNT/AT ENVELOPE`. */
const kept = struct({
  stamped: field(1, stampedEnvelope),
  /** 1 changed, 2 no list, 3 removed device, 4 newer than us, 5 too much failed from that device just now. */
  reason: field(2, uint(5, 1)),
})
export const keptRows = table('kept', kept, limits.body + 16 * 1024)
export type KeptRow = Shaped<typeof kept>

/** A claim of a peer about our own list that we cannot match. Key: the peer's account name. */
export const claimRows = table(
  'claims',
  struct({ reference: field(1, reference), hash: field(2, listHash), at: field(3, uint()) }),
  512,
)

/** Private keys: `CryptoKey`s, or their PKCS#8 where the store keeps none. */
export const keysTable = 'keys'
