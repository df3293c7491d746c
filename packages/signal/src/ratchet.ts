import { SottoError, check, equalBytes } from '@sotto/protocol'
import type { LibrarySession } from './record.js'
import type { SessionState } from './state.js'
import type { LaterMessage } from './wire.js'

/** The sending half of a session, as the library left it. */
export function ratchetOf({
  chains,
  baseKey: _,
  ...ratchet
}: LibrarySession): Pick<
  SessionState,
  'rootKey' | 'ratchetPublic' | 'ratchetPrivate' | 'remoteRatchetKey' | 'previousCounter' | 'sending'
> {
  const sending = chains.filter((one) => one.sending)
  const [only] = sending
  if (only?.chainKey === undefined || sending.length !== 1) throw new SottoError('self-check-failed')
  check(
    equalBytes(only.ratchetKey, ratchet.ratchetPublic) && only.messageKeys.size === 0,
    'self-check-failed',
  )
  return { ...ratchet, sending: { next: only.next, chainKey: only.chainKey } }
}

/** After a ratchet step there is a new key of ours that was never sent with, and theirs is the message's. */
export function checkStepped(state: SessionState, message: LaterMessage, ratchetBefore: Uint8Array): void {
  check(!equalBytes(state.ratchetPublic, ratchetBefore), 'self-check-failed')
  check(state.sending.next === 0, 'self-check-failed')
  check(equalBytes(state.remoteRatchetKey, message.ratchetKey), 'self-check-failed')
}
