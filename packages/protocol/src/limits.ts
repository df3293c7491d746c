/** Every size, count and rate of protocol version 1. Both sides enforce them; each has an error code of its own (docs/errors.md). */
export const limits = Object.freeze({
  /** Length of an account name, in ASCII characters. */
  accountName: 64,
  /** Length of a realm, in ASCII characters (a DNS name). */
  realm: 253,
  /** Bytes of the values of an `ext` map together. */
  ext: 1024,
  /** Keys of an `ext` map. */
  extKeys: 16,
  /** Bytes of a public key of any algorithm. */
  key: 2048,
  /** Bytes of a signature of any algorithm. */
  signature: 4096,
  /** Signatures by one signer of one object. */
  signaturesPerSigner: 4,
  /** Devices of an account. */
  devices: 8,
  /** Lists in the chain of an account, per era. */
  lists: 512,
  /** Bytes of a signed device list. */
  deviceList: 64 * 1024,
  /** Capabilities of a device. */
  capabilities: 16,
  /** Bytes of one signed prekey record. */
  preKey: 8 * 1024,
  /** One-time prekeys a device keeps published. */
  preKeys: 100,
  /** It publishes again when fewer are left. */
  preKeysLow: 20,
  /** One-time prekeys the relay holds for a device. */
  preKeysHeld: 200,
  /** Private halves of one-time prekeys a device keeps. */
  preKeysKept: 1000,
  /** Newer signed prekeys after which the private half of one is deleted. */
  signedPreKeysKept: 16,
  /** Milliseconds a signed prekey is valid: 30 days. */
  signedPreKeyMs: 30 * 86_400_000,
  /** Milliseconds of use after which a new signed prekey is made: 2 days. */
  signedPreKeyRotateMs: 2 * 86_400_000,
  /** One-time prekeys a requester gets for one device, an hour. */
  claimsPerDevicePerHour: 1,
  /** Bytes of an envelope's body. */
  body: 128 * 1024,
  /** Bytes of a padded frame before encryption. */
  frame: 96 * 1024,
  /** Bytes of an encoded content. */
  content: 64 * 1024,
  /** Bytes of the text of a message, in UTF-8. */
  text: 16 * 1024,
  /** Ranges in a text. */
  ranges: 256,
  /** Envelopes of a batch: every device of two accounts, and room for groups. */
  envelopesPerBatch: 64,
  /** Shared bodies of a batch. */
  sharedPerBatch: 8,
  /** Bytes of a socket frame. */
  socketFrame: 1024 * 1024,
  /** Bytes of an HTTP body. */
  httpBody: 1024 * 1024,
  /** References in a header or a batch. */
  references: 16,
  /** Milliseconds the relay keeps an envelope: 30 days. */
  mailboxMs: 30 * 86_400_000,
  /** Milliseconds the relay keeps the triple of an acknowledged envelope: 31 days. */
  triplesMs: 31 * 86_400_000,
  /** Milliseconds a client keeps the triples that it read: 62 days. */
  readTriplesMs: 62 * 86_400_000,
  /** Envelopes in a mailbox. */
  mailbox: 10_000,
  /** Envelopes in a mailbox from one sending account, so that nobody fills somebody else's share. */
  mailboxPerSender: 2_000,
  /** Batches a device may send, a minute. */
  batchesPerMinute: 600,
  /** Requests a device may make, a minute. */
  requestsPerMinute: 300,
  /** Milliseconds a login token is valid: 15 minutes. */
  tokenMs: 15 * 60_000,
  /** Milliseconds a site's token may be valid: 10 minutes. */
  siteTokenMs: 10 * 60_000,
  /** Milliseconds a login nonce is valid. */
  nonceMs: 60_000,
  /** How far above the highest known one a generation may be. */
  generationJump: 1024,
  /** Sessions kept for one device of a peer. */
  sessionsPerDevice: 5,
  /** Milliseconds an unanswered or superseded session is kept: 30 days. */
  sessionMs: 30 * 86_400_000,
  /** Messages received in a session without sending, after which an empty answer goes out. */
  sessionAnswerAfter: 50,
  /** Envelopes kept for one peer. */
  keptPerPeer: 1000,
  /** Milliseconds an envelope is kept: 30 days. */
  keptMs: 30 * 86_400_000,
  /** Ranges in a receipt that it does not cover. */
  receiptRanges: 64,
  /** Ids or ranges in an `unread` or `gone`. */
  unreadItems: 256,
  /** How often a message is sent again to one device. */
  resends: 3,
  /** Messages that are sent again to the devices of one account, an hour. */
  resendsPerHour: 1_000,
  /** Milliseconds after which a message is not sent again: 31 days. */
  resendMs: 31 * 86_400_000,
  /** Questions for what is missing, to everybody in all, a minute. */
  asksPerMinute: 10,
  /** Milliseconds a number may be late before it is asked for. */
  gapMs: 60_000,
  /** Ranges of gaps per sending device and conversation. */
  gaps: 1000,
  /** Bytes of a session description of a call. */
  callDescription: 24 * 1024,
  /** Bytes of one candidate of a call. */
  callCandidate: 256,
  /** Candidates in one call signal. */
  callCandidates: 16,
  /** Milliseconds after which a ring is a missed call, by the relay's stamp. */
  ringMs: 60_000,
  /** Milliseconds between two words of the calling device that it calls still, and of silence after which it does not. */
  callBeatMs: 5_000,
  callSilenceMs: 15_000,
  /** Milliseconds after which the calling device gives up: nobody answered. */
  noAnswerMs: 45_000,
  /** Milliseconds within which an accepted call has to connect, and a lost one to come back. */
  callConnectMs: 30_000,
  /** Rings that are heard of one account in a minute; more are missed calls. */
  ringsPerMinute: 10,
  /** Servers that pass media on, in one answer of the relay's. */
  turnServers: 8,
  /** Addresses of one of them. */
  turnUrls: 8,
  /** Characters of such an address. */
  turnUrl: 300,
  /** Characters of a user name for them, and of its credential (RFC 8489, 14.3: fewer than 509 bytes). */
  turnCredential: 508,
  /** Milliseconds such a user name is good to begin with: 10 minutes. What was begun goes on. */
  turnMs: 10 * 60_000,
  /** User names an account gets, an hour. */
  turnPerHour: 30,
  /** Features in a site's token. */
  features: 64,
  /** Characters of the name of one. */
  feature: 64,
  /** Milliseconds by which a received clock may be above ours: 5 minutes. */
  clockAheadMs: 5 * 60_000,
} as const)
