import { SottoError, check, equalBytes } from '@sotto/protocol'
import type { OwnKeys, Session, VerifiedIdentity } from '@sotto/core/ports'
import { bounds } from './bounds.js'
import { chainsAfter, chainsFor } from './chains.js'
import type { Engine } from './engine.js'
import { checkIdentities } from './identities.js'
import { checkPrimeOrder } from './public-key.js'
import { checkStepped, ratchetOf } from './ratchet.js'
import { readRecord, writeRecord, type ChainInUse } from './record.js'
import { ScratchStore, publicHalf } from './scratch-store.js'
import { decodeState, encodeState, type SessionState } from './state.js'
import { bufferOf } from './typed-key.js'
import { parseMessage, type FirstMessage, type LaterMessage, type Message } from './wire.js'

export interface Decrypted {
  readonly session: Session
  readonly plaintext: Uint8Array
  readonly usedPreKey?: number
}

/**
 * Reads one ciphertext, in `session` or, where there is none, as the first message of one. The port says what
 * it throws.
 */
export async function decrypt(
  engine: Engine,
  nowMs: number,
  { session, ours, theirs }: { session?: Session; ours: OwnKeys; theirs: VerifiedIdentity },
  ciphertext: Uint8Array,
): Promise<Decrypted> {
  const message = parseMessage(ciphertext)
  checkIdentities(ours, theirs)
  if (message.kind === 'first')
    check(equalBytes(message.identityKey, theirs.identityKey), 'identity-mismatch')
  if (session !== undefined) return read(engine, nowMs, decodeState(session), { ours, theirs }, message)
  if (message.kind !== 'first') throw new SottoError('undecryptable')
  return begin(engine, nowMs, ours, message)
}

/** Reads the first message of a session that is not there yet (X3DH, section 3.4). */
async function begin(engine: Engine, nowMs: number, ours: OwnKeys, first: FirstMessage): Promise<Decrypted> {
  const { signedPreKey, preKey } = ours
  if (signedPreKey?.id !== first.signedPreKeyId) throw new SottoError('unknown-prekey')
  if (first.preKeyId !== undefined && preKey?.id !== first.preKeyId) throw new SottoError('unknown-prekey')
  check(first.message.counter < bounds.unknownJump, 'too-far-ahead')
  // The library would lose the chain that it had just made for such a key.
  check(!equalBytes(first.message.ratchetKey, signedPreKey.publicKey), 'undecryptable')
  checkPrimeOrder(first.identityKey, 'identity key')
  checkPrimeOrder(first.baseKey, 'base key')
  const usesPreKey = first.preKeyId !== undefined && preKey !== undefined
  const store = new ScratchStore({
    identity: await engine.show(ours.identity),
    signedPreKey: await engine.show(signedPreKey),
    ...(usesPreKey && { preKey: await engine.show(preKey) }),
  })
  const plaintext = await attempt(() =>
    engine.cipher(store).decryptPreKeyWhisperMessage(bufferOf(first.bytes)),
  )
  const made = readRecord(store.record)
  const state: SessionState = {
    role: 'responder',
    ours: ours.identity.publicKey,
    theirs: first.identityKey,
    baseKey: first.baseKey,
    signedPreKeyId: first.signedPreKeyId,
    preKeyId: first.preKeyId ?? 0,
    ...ratchetOf(made),
    receiving: chainsAfter([], [], made, nowMs),
  }
  check(equalBytes(made.baseKey, first.baseKey), 'self-check-failed')
  checkStepped(state, first.message, signedPreKey.publicKey)
  return { session: encodeState(state), plaintext, ...(usesPreKey && { usedPreKey: preKey.id }) }
}

/**
 * Reads a message in a session. A first message that is repeated must name the keys that began the session:
 * its MAC covers none of that.
 */
async function read(
  engine: Engine,
  nowMs: number,
  state: SessionState,
  { ours, theirs }: { ours: OwnKeys; theirs: VerifiedIdentity },
  message: Message,
): Promise<Decrypted> {
  check(equalBytes(state.ours, ours.identity.publicKey), 'identity-mismatch')
  check(equalBytes(state.theirs, theirs.identityKey), 'identity-mismatch')
  if (message.kind === 'first') {
    check(state.role === 'responder', 'undecryptable')
    check(equalBytes(message.baseKey, state.baseKey), 'undecryptable')
    check(message.signedPreKeyId === state.signedPreKeyId, 'undecryptable')
    check((message.preKeyId ?? 0) === state.preKeyId, 'undecryptable')
  }
  const inner = message.kind === 'first' ? message.message : message
  const inUse = chainsFor(state, inner)
  const store = new ScratchStore({ identity: publicHalf(ours) }, writeRecord(state, inUse))
  const plaintext = await attempt(() => engine.cipher(store).decryptWhisperMessage(bufferOf(inner.bytes)))
  const after = readRecord(store.record)
  const receiving = chainsAfter(state.receiving, inUse, after, nowMs)
  const ratchet = ratchetOf(after)
  if (!isStep(inUse, inner)) {
    check(equalBytes(ratchet.rootKey, state.rootKey), 'self-check-failed')
    return { session: encodeState({ ...state, receiving }), plaintext }
  }
  const next: SessionState = { ...state, ...ratchet, receiving }
  checkStepped(next, inner, state.ratchetPublic)
  return { session: encodeState(next), plaintext }
}

const isStep = (inUse: readonly ChainInUse[], message: LaterMessage): boolean =>
  !inUse.some(({ chain }) => equalBytes(chain.ratchetKey, message.ratchetKey))

/** Whatever the library objects to, the message could not be read. */
async function attempt(call: () => Promise<ArrayBuffer>): Promise<Uint8Array> {
  try {
    return new Uint8Array(await call())
  } catch (cause) {
    if (SottoError.is(cause)) throw cause
    throw new SottoError('undecryptable', undefined, { cause })
  }
}
