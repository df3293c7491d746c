import { check, equalBytes, limits } from '@sotto/protocol'
import type { OwnIdentity, Session } from '@sotto/core/ports'
import type { Engine } from './engine.js'
import { ratchetOf } from './ratchet.js'
import { readRecord, writeRecord } from './record.js'
import { ScratchStore, publicHalf } from './scratch-store.js'
import { decodeState, encodeState, isUnanswered } from './state.js'
import { bufferOf, fromBinary } from './typed-key.js'
import { parseMessage } from './wire.js'

/**
 * Encrypts in a session and steps its sending chain. What comes back is checked to be the next message of
 * that chain: a counter given twice would be a key and an IV used twice. Throws `identity-mismatch`,
 * `too-large`, `store-damaged`.
 */
export async function encrypt(
  engine: Engine,
  { session, ours }: { session: Session; ours: OwnIdentity },
  plaintext: Uint8Array,
): Promise<{ session: Session; ciphertext: Uint8Array }> {
  const state = decodeState(session)
  check(equalBytes(state.ours, ours.identity.publicKey), 'identity-mismatch')
  check(plaintext.length <= limits.frame, 'too-large', { limit: limits.frame })
  const store = new ScratchStore({ identity: publicHalf(ours) }, writeRecord(state, []))
  const { body } = await engine.cipher(store).encrypt(bufferOf(plaintext))
  const ciphertext = fromBinary(body)

  const stepped = ratchetOf(readRecord(store.record))
  check(stepped.sending.next === state.sending.next + 1, 'self-check-failed')
  check(equalBytes(stepped.ratchetPublic, state.ratchetPublic), 'self-check-failed')
  const written = parseMessage(ciphertext)
  check(written.kind === (isUnanswered(state) ? 'first' : 'later'), 'self-check-failed')
  const { counter, ratchetKey } = written.kind === 'first' ? written.message : written
  check(counter === state.sending.next, 'self-check-failed')
  check(equalBytes(ratchetKey, state.ratchetPublic), 'self-check-failed')
  return { session: encodeState({ ...state, sending: stepped.sending }), ciphertext }
}
