/** How far one session may run, and how much it may keep. A peer decides about none of it. */
export const bounds = Object.freeze({
  /** Message keys that one message may make us derive and keep, on the chain we are reading. */
  liveJump: 500,
  /** The same on a chain that no message was read on yet: whoever sent it has proved nothing so far. */
  unknownJump: 200,
  /** Chains of the other side kept beside the one we are reading. */
  oldChains: 5,
  /** Keys of messages that have not come, kept over all chains. */
  keys: 1000,
  /** Milliseconds such a key is kept: 30 days, as long as the relay keeps an envelope. */
  keyMs: 30 * 86_400_000,
  /** Bytes of a session. */
  session: 64 * 1024,
} as const)
