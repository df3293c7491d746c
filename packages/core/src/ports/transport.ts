import type { Batch, DeviceName, Reference, StampedEnvelope } from '@sotto/protocol'

/**
 * Carries envelopes between this device and a backend. It sees ciphertext only, and neither retries, reconnects, decrypts nor remembers:
 * the core does, in one place.
 */
export interface Transport {
  /** Logs in and opens. Rejects with `offline`, `unauthorized`, `rolled-back`, `device-removed`, `rate-limited`, `aborted`. */
  open(options: { readonly signal: AbortSignal }): Promise<Connection>
}

/**
 * An open connection. Iterating yields what the mailbox holds, then what arrives, each once a connection, in order; it is iterated once.
 * The iteration ends when the connection does: quietly when it was closed or lost, throwing when the backend said why (`replaced`,
 * `rolled-back`, `device-removed`).
 */
export interface Connection extends AsyncIterable<Delivery> {
  /** Sends one message. Resolves when the backend has made a durable decision. Rejects with `offline` when nobody knows: then send the same again. */
  send(batch: Batch): Promise<Sent>
  /** Called when the backend says that something changed: the account's lists (1), or prekeys that run low (2). */
  onwake: ((what: number) => void) | undefined
  /** How far the backend's clock is ahead of ours, in milliseconds, where it says: by it the age of a delivery is known. */
  readonly aheadMs?: number
  /**
   * Asks whether the backend still hears us, for connections that may be dead without knowing. Resolves at the next sign of life; rejects with
   * `offline` where the connection is over. Who asks says how long is too long, and closes then.
   */
  probe?(): Promise<void>
  close(): void
}

/** What the backend decided. A batch is one message, stored whole or refused whole; ids stored before count as stored. */
export type Sent =
  | { readonly outcome: 'sent'; readonly at: number }
  | {
      readonly outcome: 'refused'
      readonly code: string
      /** Lists that are newer than those of the batch. Claims: fetch and verify. */
      readonly lists: readonly Reference[]
      /** Devices whose mailbox is full, or that the backend does not know. */
      readonly devices: readonly DeviceName[]
      readonly retryAfterMs?: number
    }

export interface Delivery {
  readonly stamped: StampedEnvelope
  /** Says that what this delivery brought is stored. The backend forgets it then. Never throws: a lost one is delivered again. */
  ack(): void
}
