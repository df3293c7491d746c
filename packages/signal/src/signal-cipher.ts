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
import { decrypt, type Decrypted } from './decrypt.js'
import { encrypt } from './encrypt.js'
import type { Engine } from './engine.js'
import { establish } from './establish.js'
import { parseMessage } from './wire.js'
import { toPkcs8 } from './x25519.js'

/**
 * The session cipher over the given library, which is treated as a pure function: what it needs goes into a
 * scratch store, what it leaves there is checked, and only what passed comes out. Errors of a call leave
 * everything as it was.
 */
export class SignalCipher implements SessionCipher {
  readonly suite = 1
  readonly #engine: Engine
  readonly #now: () => number

  constructor(engine: Engine, now: () => number) {
    this.#engine = engine
    this.#now = now
  }

  async generate(
    _kind: KeyKind,
    count: number,
    policy: KeyPolicy = 'crypto-key',
  ): Promise<readonly OwnKey[]> {
    const keys: OwnKey[] = []
    for (let i = 0; i < count; i++) {
      const { publicKey, half, secret } = await this.#engine.x25519.generate({
        extractable: policy === 'wrapped',
      })
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

  establish(ours: OwnIdentity, theirs: VerifiedBundle): Promise<{ session: Session; baseKey: Uint8Array }> {
    return establish(this.#engine, ours, theirs)
  }

  encrypt(
    state: { session: Session; ours: OwnIdentity },
    plaintext: Uint8Array,
  ): Promise<{ session: Session; ciphertext: Uint8Array }> {
    return encrypt(this.#engine, state, plaintext)
  }

  decrypt(
    state: { session?: Session; ours: OwnKeys; theirs: VerifiedIdentity },
    ciphertext: Uint8Array,
  ): Promise<Decrypted> {
    return decrypt(this.#engine, this.#now(), state, ciphertext)
  }
}
