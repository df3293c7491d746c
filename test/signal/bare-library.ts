import * as bare from '@privacyresearch/libsignal-protocol-typescript'
import { toHex } from '@sotto/protocol'

/**
 * The library as npm has it, used as its README shows: a store in memory, one person. It is the control of
 * every `engine` test.
 */
export class BarePerson {
  readonly store = new BareStore()
  readonly name: string
  readonly address: bare.SignalProtocolAddress

  constructor(name: string) {
    this.name = name
    this.address = new bare.SignalProtocolAddress(name, 1)
  }

  static async create(name: string): Promise<BarePerson> {
    const person = new BarePerson(name)
    person.store.identity = await bare.KeyHelper.generateIdentityKeyPair()
    return person
  }

  /** Makes and stores prekeys, and gives the bundle that others start a session with. */
  async bundle(ids: { signed?: number; preKey?: number } = {}): Promise<bare.DeviceType> {
    const { signed = 1, preKey = 1 } = ids
    const identity = this.store.identity
    const signedKey = await bare.KeyHelper.generateSignedPreKey(identity, signed)
    const oneTime = await bare.KeyHelper.generatePreKey(preKey)
    this.store.signedPreKeys.set(signed, signedKey.keyPair)
    this.store.preKeys.set(preKey, oneTime.keyPair)
    return {
      identityKey: identity.pubKey,
      registrationId: 1,
      signedPreKey: { keyId: signed, publicKey: signedKey.keyPair.pubKey, signature: signedKey.signature },
      preKey: { keyId: preKey, publicKey: oneTime.keyPair.pubKey },
    }
  }

  async start(peer: BarePerson, bundle?: bare.DeviceType): Promise<void> {
    await new bare.SessionBuilder(this.store, peer.address).processPreKey(bundle ?? (await peer.bundle()))
  }

  cipher(peer: BarePerson): bare.SessionCipher {
    return new bare.SessionCipher(this.store, peer.address)
  }

  async encrypt(peer: BarePerson, plaintext: Uint8Array): Promise<BareMessage> {
    const { type, body } = await this.cipher(peer).encrypt(new Uint8Array(plaintext).buffer)
    return { type, bytes: Uint8Array.from(body as unknown as string, (char) => char.charCodeAt(0)) }
  }

  async decrypt(peer: BarePerson, { type, bytes }: BareMessage): Promise<Uint8Array> {
    const cipher = this.cipher(peer)
    const buffer = new Uint8Array(bytes).buffer
    return new Uint8Array(
      await (type === 3 ? cipher.decryptPreKeyWhisperMessage(buffer) : cipher.decryptWhisperMessage(buffer)),
    )
  }
}

export interface BareMessage {
  readonly type: number
  readonly bytes: Uint8Array
}

export class BareStore implements bare.StorageType {
  identity: bare.KeyPairType = { pubKey: new ArrayBuffer(0), privKey: new ArrayBuffer(0) }
  readonly trusted = new Map<string, ArrayBuffer>()
  readonly preKeys = new Map<number | string, bare.KeyPairType>()
  readonly signedPreKeys = new Map<number | string, bare.KeyPairType>()
  readonly sessions = new Map<string, string>()

  async getIdentityKeyPair(): Promise<bare.KeyPairType> {
    return this.identity
  }

  async getLocalRegistrationId(): Promise<number> {
    return 1
  }

  /** Trust on first use, as everybody writes it. */
  async isTrustedIdentity(name: string, key: ArrayBuffer): Promise<boolean> {
    const known = this.trusted.get(name)
    return known === undefined || toHex(new Uint8Array(known)) === toHex(new Uint8Array(key))
  }

  async saveIdentity(address: string, key: ArrayBuffer): Promise<boolean> {
    const [name = ''] = address.split('.')
    const changed = this.trusted.has(name)
    this.trusted.set(name, key)
    return changed
  }

  async loadPreKey(id: string | number): Promise<bare.KeyPairType | undefined> {
    return this.preKeys.get(id)
  }

  async storePreKey(id: string | number, pair: bare.KeyPairType): Promise<void> {
    this.preKeys.set(id, pair)
  }

  async removePreKey(id: string | number): Promise<void> {
    this.preKeys.delete(id)
  }

  async loadSignedPreKey(id: string | number): Promise<bare.KeyPairType | undefined> {
    return this.signedPreKeys.get(id)
  }

  async storeSignedPreKey(id: string | number, pair: bare.KeyPairType): Promise<void> {
    this.signedPreKeys.set(id, pair)
  }

  async removeSignedPreKey(id: string | number): Promise<void> {
    this.signedPreKeys.delete(id)
  }

  async loadSession(address: string): Promise<string | undefined> {
    return this.sessions.get(address)
  }

  async storeSession(address: string, record: string): Promise<void> {
    this.sessions.set(address, record)
  }
}
