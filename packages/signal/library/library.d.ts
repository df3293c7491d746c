/**
 * The given library as `rollup.config.mjs` bundles it: what is used of it, and no more. Buffers are
 * `ArrayBuffer`s of exact length.
 */

export interface LibraryKeyPair {
  /** 33 bytes: the type byte 5, then the key. */
  pubKey: ArrayBuffer
  /** 32 bytes. What they mean is up to the curve that was set. */
  privKey: ArrayBuffer
}

/** `verify` answers true for an INVALID signature. */
export interface LibraryCurve {
  /** The library passes 32 fresh random bytes. `pubKey` is 32 bytes. */
  keyPair(privKey: ArrayBuffer): Promise<LibraryKeyPair>
  /** `pubKey` is 32 bytes. */
  sharedSecret(pubKey: ArrayBuffer, privKey: ArrayBuffer): Promise<ArrayBuffer>
  sign(privKey: ArrayBuffer, message: ArrayBuffer): never
  verify(pubKey: ArrayBuffer, message: ArrayBuffer, signature: ArrayBuffer): boolean
}

/** The five calls that the library makes of WebCrypto. What it awaits may as well be there at once. */
export interface LibraryCrypto {
  getRandomValues(array: Uint8Array): Uint8Array
  readonly subtle: {
    importKey(
      format: 'raw',
      key: ArrayBuffer,
      algorithm: { name: string },
      extractable: false,
      usages: string[],
    ): unknown
    encrypt(
      algorithm: { name: string; iv: Uint8Array },
      key: unknown,
      data: ArrayBuffer,
    ): Promise<ArrayBuffer>
    decrypt(
      algorithm: { name: string; iv: Uint8Array },
      key: unknown,
      data: ArrayBuffer,
    ): Promise<ArrayBuffer>
    sign(algorithm: { name: string }, key: unknown, data: ArrayBuffer): ArrayBuffer
    digest(algorithm: { name: string }, data: ArrayBuffer): never
  }
}

export interface LibraryStorage {
  getIdentityKeyPair(): Promise<LibraryKeyPair>
  getLocalRegistrationId(): Promise<number>
  isTrustedIdentity(name: string, identityKey: ArrayBuffer, direction: number): Promise<boolean>
  saveIdentity(address: string, publicKey: ArrayBuffer): Promise<boolean>
  loadPreKey(id: number): Promise<LibraryKeyPair | undefined>
  removePreKey(id: number): Promise<void>
  loadSignedPreKey(id: number): Promise<LibraryKeyPair | undefined>
  loadSession(address: string): Promise<string | undefined>
  storeSession(address: string, record: string): Promise<void>
}

export interface LibraryBundle {
  identityKey: ArrayBuffer
  registrationId: number
  signedPreKey: { keyId: number; publicKey: ArrayBuffer; signature: ArrayBuffer }
  preKey?: { keyId: number; publicKey: ArrayBuffer }
}

export interface LibraryAddress {
  readonly name: string
  readonly deviceId: number
}

export interface Library {
  readonly SignalProtocolAddress: new (name: string, deviceId: number) => LibraryAddress
  readonly SessionBuilder: new (
    storage: LibraryStorage,
    address: LibraryAddress,
  ) => { processPreKey(bundle: LibraryBundle): Promise<unknown> }
  readonly SessionCipher: new (
    storage: LibraryStorage,
    address: LibraryAddress,
  ) => {
    encrypt(plaintext: ArrayBuffer): Promise<{ type: 1 | 3; body: string }>
    decryptPreKeyWhisperMessage(ciphertext: ArrayBuffer): Promise<ArrayBuffer>
    decryptWhisperMessage(ciphertext: ArrayBuffer): Promise<ArrayBuffer>
  }
  readonly setCurve: (curve: LibraryCurve) => void
  readonly setWebCrypto: (crypto: LibraryCrypto) => void
}

/** Makes a library of one's own. Nothing is shared between two of them. */
export declare function createLibrary(): Library
