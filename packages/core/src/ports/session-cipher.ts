/**
 * The session cipher: one ratcheted session between two devices, state in and state out.
 *
 * It touches no store and keeps nothing between calls, so a failed call cannot leave anything behind and the cipher can run in a worker.
 * Which session is live is the business of `core/sessions`; what happens inside one session (bounds, pruning, parsing) is the engine's.
 */
export interface SessionCipher {
  /** The suite number that stands first in every envelope body of this engine (protocol.md, Envelopes). 1 is X3DH and the Double Ratchet. */
  readonly suite: number

  /** Makes `count` key pairs. Private halves are non-extractable where the platform can do it (`KeyPolicy`). */
  generate(kind: KeyKind, count: number, policy?: KeyPolicy): Promise<readonly OwnKey[]>

  /** Reads a ciphertext's header. No cryptography. Throws `malformed`. */
  inspect(ciphertext: Uint8Array): CipherHeader

  /** Starts a session with a bundle whose signatures were verified. The session's first plaintext names it. Throws `malformed` for a bad key. */
  establish(ours: OwnIdentity, theirs: VerifiedBundle): Promise<{ session: Session; baseKey: Uint8Array }>

  /** Steps the sending chain. Ciphertexts of a session that has not been answered carry what the other side needs to build it. */
  encrypt(
    state: { session: Session; ours: OwnIdentity },
    plaintext: Uint8Array,
  ): Promise<{ session: Session; ciphertext: Uint8Array }>

  /**
   * Reads one ciphertext. Without `session` it must be a first message, which builds one. On any failure it throws (`malformed`,
   * `undecryptable`, `identity-mismatch`, `unknown-prekey`, `too-far-ahead`) and the state given stays as good as it was.
   */
  decrypt(
    state: { session?: Session; ours: OwnKeys; theirs: VerifiedIdentity },
    ciphertext: Uint8Array,
  ): Promise<{ session: Session; plaintext: Uint8Array; usedPreKey?: number }>
}

export type KeyKind = 'identity' | 'signed-prekey' | 'prekey'

/** Whether private halves may be `CryptoKey`s. `wrapped` gives PKCS#8 bytes, for stores that cannot keep a `CryptoKey` and for app lock. */
export type KeyPolicy = 'crypto-key' | 'wrapped'

/** An X25519 private key: a non-extractable `CryptoKey`, or its PKCS#8 encoding (48 bytes). */
export type PrivateKey = CryptoKey | Uint8Array

/** A key pair of ours. `publicKey` is the 32 bytes of RFC 7748, without a type byte. */
export interface OwnKey {
  readonly publicKey: Uint8Array
  readonly privateKey: PrivateKey
}

/** A prekey pair of ours with its id, from 1. */
export interface OwnPreKey extends OwnKey {
  readonly id: number
}

/** Our identity: whose sessions these are. `address` is any stable string for the device, used for nothing but keeping records apart. */
export interface OwnIdentity {
  readonly identity: OwnKey
}

/** What decrypting may need of ours: the keys that the header named, looked up by `inspect` first. Absent ones are unknown ones. */
export interface OwnKeys extends OwnIdentity {
  readonly signedPreKey?: OwnPreKey
  readonly preKey?: OwnPreKey
}

/** The other device's identity key (32 bytes), taken from a verified device list and nothing else. */
export interface VerifiedIdentity {
  readonly identityKey: Uint8Array
}

/** A bundle whose signatures were checked by the caller, against the device's signing key on a verified list. */
export interface VerifiedBundle extends VerifiedIdentity {
  readonly signedPreKey: { readonly id: number; readonly key: Uint8Array }
  readonly preKey?: { readonly id: number; readonly key: Uint8Array }
}

/** Opaque to everybody but the engine: bytes of its own format, at most 64 KiB, that can be stored and posted to a worker. Secret. */
export type Session = Uint8Array

/** What a ciphertext says of itself before anything is authenticated. */
export type CipherHeader =
  | {
      readonly kind: 'first'
      readonly baseKey: Uint8Array
      readonly identityKey: Uint8Array
      readonly signedPreKeyId: number
      readonly preKeyId?: number
      readonly ratchetKey: Uint8Array
      readonly counter: number
    }
  | { readonly kind: 'later'; readonly ratchetKey: Uint8Array; readonly counter: number }
