import { SottoError, check, equalBytes, limits } from '@sotto/protocol'
import type {
  CipherHeader,
  KeyKind,
  KeyPolicy,
  OwnIdentity,
  OwnKey,
  OwnKeys,
  Session,
  SessionCipher,
  VerifiedBundle,
  VerifiedIdentity,
} from '@sotto/core/ports'
import type { LibraryKeyPair } from '#library'
import { bounds } from './bounds.js'
import { chainsAfter, chainsFor } from './chains.js'
import type { Engine } from './engine.js'
import { checkPrimeOrder, checkPublicKey } from './public-key.js'
import { readRecord, writeRecord, type ChainInUse, type LibrarySession } from './record.js'
import { ScratchStore } from './scratch-store.js'
import { decodeState, encodeState, isUnanswered, type SessionState } from './state.js'
import { bufferOf, fromBinary, typedKey } from './typed-key.js'
import { parseMessage, type FirstMessage, type LaterMessage } from './wire.js'
import { toPkcs8 } from './x25519.js'

/**
 * The session cipher over the given library, which is treated as a pure function: what it needs goes into a scratch store, what it leaves
 * there is checked, and only what passed comes out. Errors of a call leave everything as it was.
 */
export class SignalCipher implements SessionCipher {
  readonly suite = 1
  readonly #engine: Engine
  readonly #now: () => number

  constructor(engine: Engine, now: () => number) {
    this.#engine = engine
    this.#now = now
  }

  async generate(_kind: KeyKind, count: number, policy: KeyPolicy = 'crypto-key'): Promise<readonly OwnKey[]> {
    const keys: OwnKey[] = []
    for (let i = 0; i < count; i++) {
      const { publicKey, half, secret } = await this.#engine.x25519.generate({ extractable: policy === 'wrapped' })
      if (secret !== undefined) keys.push({ publicKey, privateKey: toPkcs8(secret) })
      else if (!(half instanceof Uint8Array)) keys.push({ publicKey, privateKey: half })
    }
    return keys
  }

  inspect(ciphertext: Uint8Array): CipherHeader {
    const message = parseMessage(ciphertext)
    if (message.kind === 'later') {
      const { kind, ratchetKey, counter } = message
      return { kind, ratchetKey, counter }
    }
    const { kind, baseKey, identityKey, signedPreKeyId, preKeyId } = message
    const { ratchetKey, counter } = message.message
    const named = { kind, baseKey, identityKey, signedPreKeyId, ratchetKey, counter }
    return preKeyId === undefined ? named : { ...named, preKeyId }
  }

  async establish(ours: OwnIdentity, theirs: VerifiedBundle): Promise<{ session: Session; baseKey: Uint8Array }> {
    checkIdentities(ours, theirs)
    checkFreshKey(theirs.identityKey, 'identity key')
    checkFreshKey(theirs.signedPreKey.key, 'signed prekey')
    checkId(theirs.signedPreKey.id)
    if (theirs.preKey !== undefined) {
      checkFreshKey(theirs.preKey.key, 'prekey')
      checkId(theirs.preKey.id)
    }
    const { library, curve } = this.#engine
    const store = new ScratchStore({ identity: await this.#engine.show(ours.identity) })
    const signedPreKey = typedKey(theirs.signedPreKey.key)
    await new library.SessionBuilder(store, this.#engine.scratchAddress()).processPreKey({
      identityKey: typedKey(theirs.identityKey),
      registrationId: 0,
      signedPreKey: {
        keyId: theirs.signedPreKey.id,
        publicKey: signedPreKey,
        signature: curve.endorse(theirs.identityKey, signedPreKey),
      },
      ...(theirs.preKey && { preKey: { keyId: theirs.preKey.id, publicKey: typedKey(theirs.preKey.key) } }),
    })
    const made = readRecord(store.record)
    check(equalBytes(made.remoteRatchetKey, theirs.signedPreKey.key), 'self-check-failed')
    const state: SessionState = {
      role: 'initiator',
      ours: ours.identity.publicKey,
      theirs: theirs.identityKey,
      baseKey: made.baseKey,
      signedPreKeyId: theirs.signedPreKey.id,
      preKeyId: theirs.preKey?.id ?? 0,
      ...ratchetOf(made),
      receiving: [],
    }
    return { session: encodeState(state), baseKey: made.baseKey }
  }

  async encrypt(
    { session, ours }: { session: Session; ours: OwnIdentity },
    plaintext: Uint8Array,
  ): Promise<{ session: Session; ciphertext: Uint8Array }> {
    const state = decodeState(session)
    check(equalBytes(state.ours, ours.identity.publicKey), 'identity-mismatch')
    check(plaintext.length <= limits.frame, 'too-large', { limit: limits.frame })
    const store = new ScratchStore({ identity: publicHalf(ours) }, writeRecord(state, []))
    const { body } = await this.#cipher(store).encrypt(bufferOf(plaintext))
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

  async decrypt(
    { session, ours, theirs }: { session?: Session; ours: OwnKeys; theirs: VerifiedIdentity },
    ciphertext: Uint8Array,
  ): Promise<{ session: Session; plaintext: Uint8Array; usedPreKey?: number }> {
    const message = parseMessage(ciphertext)
    checkIdentities(ours, theirs)
    if (message.kind === 'first') check(equalBytes(message.identityKey, theirs.identityKey), 'identity-mismatch')
    if (session !== undefined) return this.#read(decodeState(session), ours, theirs, message)
    if (message.kind !== 'first') throw new SottoError('undecryptable')
    return this.#begin(ours, message)
  }

  /** Reads the first message of a session that is not there yet. */
  async #begin(
    ours: OwnKeys,
    first: FirstMessage,
  ): Promise<{ session: Session; plaintext: Uint8Array; usedPreKey?: number }> {
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
      identity: await this.#engine.show(ours.identity),
      signedPreKey: await this.#engine.show(signedPreKey),
      ...(usesPreKey && { preKey: await this.#engine.show(preKey) }),
    })
    const plaintext = await read(() => this.#cipher(store).decryptPreKeyWhisperMessage(bufferOf(first.bytes)))
    const made = readRecord(store.record)
    const state: SessionState = {
      role: 'responder',
      ours: ours.identity.publicKey,
      theirs: first.identityKey,
      baseKey: first.baseKey,
      signedPreKeyId: first.signedPreKeyId,
      preKeyId: first.preKeyId ?? 0,
      ...ratchetOf(made),
      receiving: chainsAfter([], [], made, this.#now()),
    }
    check(equalBytes(made.baseKey, first.baseKey), 'self-check-failed')
    checkStepped(state, first.message, signedPreKey.publicKey)
    return { session: encodeState(state), plaintext, ...(usesPreKey && { usedPreKey: preKey.id }) }
  }

  /** Reads a message in a session. A first message that is repeated names the same keys as the one that began it: none of that is covered by its MAC. */
  async #read(
    state: SessionState,
    ours: OwnKeys,
    theirs: VerifiedIdentity,
    message: FirstMessage | LaterMessage,
  ): Promise<{ session: Session; plaintext: Uint8Array }> {
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
    const plaintext = await read(() => this.#cipher(store).decryptWhisperMessage(bufferOf(inner.bytes)))
    const after = readRecord(store.record)
    const receiving = chainsAfter(state.receiving, inUse, after, this.#now())
    const next: SessionState = { ...state, ...ratchetOf(after), receiving }
    if (isStep(inUse, inner)) checkStepped(next, inner, state.ratchetPublic)
    else check(equalBytes(next.rootKey, state.rootKey), 'self-check-failed')
    return { session: encodeState(next), plaintext }
  }

  #cipher(store: ScratchStore): InstanceType<Engine['library']['SessionCipher']> {
    return new this.#engine.library.SessionCipher(store, this.#engine.scratchAddress())
  }
}

/** All that an established session needs of our identity. A private half of no bytes is refused by the library wherever it would be used. */
const publicHalf = ({ identity }: OwnIdentity): LibraryKeyPair => ({
  pubKey: typedKey(identity.publicKey),
  privKey: new ArrayBuffer(0),
})

/** The sending half of a session, as the library left it. */
function ratchetOf({ chains, baseKey: _, ...ratchet }: LibrarySession): Pick<
  SessionState,
  'rootKey' | 'ratchetPublic' | 'ratchetPrivate' | 'remoteRatchetKey' | 'previousCounter' | 'sending'
> {
  const sending = chains.filter((one) => one.sending)
  const [only] = sending
  if (only?.chainKey === undefined || sending.length !== 1) throw new SottoError('self-check-failed')
  check(equalBytes(only.ratchetKey, ratchet.ratchetPublic) && only.messageKeys.size === 0, 'self-check-failed')
  return { ...ratchet, sending: { next: only.next, chainKey: only.chainKey } }
}

const isStep = (inUse: readonly ChainInUse[], message: LaterMessage): boolean =>
  !inUse.some(({ chain }) => equalBytes(chain.ratchetKey, message.ratchetKey))

/** After a ratchet step there is a new key of ours that was never sent with, and theirs is the message's. */
function checkStepped(state: SessionState, message: LaterMessage, ratchetBefore: Uint8Array): void {
  check(!equalBytes(state.ratchetPublic, ratchetBefore), 'self-check-failed')
  check(state.sending.next === 0, 'self-check-failed')
  check(equalBytes(state.remoteRatchetKey, message.ratchetKey), 'self-check-failed')
}

function checkIdentities(ours: OwnIdentity, theirs: VerifiedIdentity): void {
  checkPublicKey(theirs.identityKey, 'identity key')
  check(!equalBytes(ours.identity.publicKey, theirs.identityKey), 'identity-mismatch')
}

function checkFreshKey(key: Uint8Array, what: string): void {
  checkPublicKey(key, what)
  checkPrimeOrder(key, what)
}

/** 0 is the library's word for none. */
function checkId(id: number): void {
  check(Number.isInteger(id) && id > 0 && id <= 0xffff_ffff, 'malformed', { what: 'prekey id' })
}

/** Whatever the library objects to, the message could not be read. */
async function read(call: () => Promise<ArrayBuffer>): Promise<Uint8Array> {
  try {
    return new Uint8Array(await call())
  } catch (cause) {
    if (SottoError.is(cause)) throw cause
    throw new SottoError('undecryptable', undefined, { cause })
  }
}
