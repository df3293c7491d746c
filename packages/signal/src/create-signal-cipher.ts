import type { SessionCipher } from '@sotto/core/ports'
import { Engine } from './engine.js'
import { selfTest } from './self-test.js'
import { SignalCipher } from './signal-cipher.js'

export interface SignalCipherOptions {
  /** Milliseconds since 1970. Only the age of keys for messages that have not come depends on it. */
  readonly now?: () => number
}

/**
 * A session cipher of suite 1 (X3DH and the Double Ratchet), with a library of its own that it shares with
 * nobody. It has tested itself before it is handed out. Throws `no-crypto` without WebCrypto,
 * `self-check-failed` where a test went wrong.
 */
export async function createSignalCipher({
  now = Date.now,
}: SignalCipherOptions = {}): Promise<SessionCipher> {
  const engine = await Engine.start()
  const cipher = new SignalCipher(engine, now)
  await selfTest(engine, cipher)
  return cipher
}
