import type { OwnIdentity } from '@sotto/core/ports'
import type { LibraryKeyPair, LibraryStorage } from '#library'
import { typedKey } from './typed-key.js'

/** What a call may see of ours: the identity, and the prekeys that a first message names. */
export interface ScratchKeys {
  readonly identity: LibraryKeyPair
  readonly signedPreKey?: LibraryKeyPair
  readonly preKey?: LibraryKeyPair
}

/**
 * All that an established session needs of our identity. A private half of no bytes is refused by the library
 * wherever it would be used.
 */
export const publicHalf = ({ identity }: OwnIdentity): LibraryKeyPair => ({
  pubKey: typedKey(identity.publicKey),
  privKey: new ArrayBuffer(0),
})

/**
 * The store that the library is shown for one call: one session and at most one prekey of each kind. What it
 * does with it is read afterwards and taken over only where everything passed. Who is trusted was decided
 * before the call, so it is told yes, and remembers nobody.
 */
export class ScratchStore implements LibraryStorage {
  readonly #keys: ScratchKeys
  #record: string | undefined

  constructor(keys: ScratchKeys, record?: string) {
    this.#keys = keys
    this.#record = record
  }

  get record(): string | undefined {
    return this.#record
  }

  async getIdentityKeyPair(): Promise<LibraryKeyPair> {
    return this.#keys.identity
  }

  async getLocalRegistrationId(): Promise<number> {
    return 0
  }

  async isTrustedIdentity(): Promise<boolean> {
    return true
  }

  async saveIdentity(): Promise<boolean> {
    return false
  }

  async loadPreKey(): Promise<LibraryKeyPair | undefined> {
    return this.#keys.preKey
  }

  async removePreKey(): Promise<void> {
    // The caller deletes it in the commit of the session.
  }

  async loadSignedPreKey(): Promise<LibraryKeyPair | undefined> {
    return this.#keys.signedPreKey
  }

  async loadSession(): Promise<string | undefined> {
    return this.#record
  }

  async storeSession(_address: string, record: string): Promise<void> {
    this.#record = record
  }
}
