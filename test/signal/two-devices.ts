import type {
  OwnKey,
  OwnKeys,
  OwnPreKey,
  Session,
  SessionCipher,
  VerifiedBundle,
  VerifiedIdentity,
} from '@sotto/core/ports'

/** A device as the core would keep it: keys, prekeys by id, and one session with one other device. */
export class Device {
  readonly cipher: SessionCipher
  readonly identity: OwnKey
  readonly signedPreKeys = new Map<number, OwnPreKey>()
  readonly preKeys = new Map<number, OwnPreKey>()
  session: Session | undefined

  constructor(cipher: SessionCipher, identity: OwnKey) {
    this.cipher = cipher
    this.identity = identity
  }

  static async create(
    cipher: SessionCipher,
    policy: 'crypto-key' | 'wrapped' = 'crypto-key',
  ): Promise<Device> {
    const device = new Device(cipher, first(await cipher.generate('identity', 1, policy)))
    device.signedPreKeys.set(1, { ...first(await cipher.generate('signed-prekey', 1, policy)), id: 1 })
    device.preKeys.set(7, { ...first(await cipher.generate('prekey', 1, policy)), id: 7 })
    return device
  }

  get verified(): VerifiedIdentity {
    return { identityKey: this.identity.publicKey }
  }

  bundle(withPreKey = true): VerifiedBundle {
    const signed = first([...this.signedPreKeys.values()])
    const [preKey] = this.preKeys.values()
    return {
      ...this.verified,
      signedPreKey: { id: signed.id, key: signed.publicKey },
      ...(withPreKey && preKey !== undefined && { preKey: { id: preKey.id, key: preKey.publicKey } }),
    }
  }

  async start(bundle: VerifiedBundle): Promise<Uint8Array> {
    const { session, baseKey } = await this.cipher.establish({ identity: this.identity }, bundle)
    this.session = session
    return baseKey
  }

  async encrypt(plaintext: Uint8Array): Promise<Uint8Array> {
    if (this.session === undefined) throw new Error('no session')
    const { session, ciphertext } = await this.cipher.encrypt(
      { session: this.session, ours: { identity: this.identity } },
      plaintext,
    )
    this.session = session
    return ciphertext
  }

  /** What decrypting `ciphertext` may use of ours: the keys that its header names. */
  keysFor(ciphertext: Uint8Array): OwnKeys {
    const header = this.cipher.inspect(ciphertext)
    if (header.kind === 'later') return { identity: this.identity }
    const signedPreKey = this.signedPreKeys.get(header.signedPreKeyId)
    const preKey = header.preKeyId === undefined ? undefined : this.preKeys.get(header.preKeyId)
    return { identity: this.identity, ...(signedPreKey && { signedPreKey }), ...(preKey && { preKey }) }
  }

  /** Decrypts, and commits what came of it. */
  async decrypt(from: Device, ciphertext: Uint8Array): Promise<Uint8Array> {
    const result = await this.cipher.decrypt(
      {
        ...(this.session && { session: this.session }),
        ours: this.keysFor(ciphertext),
        theirs: from.verified,
      },
      ciphertext,
    )
    this.session = result.session
    if (result.usedPreKey !== undefined) this.preKeys.delete(result.usedPreKey)
    return result.plaintext
  }
}

/** Two devices, one of which has started a session that the other has answered. */
export async function talkingDevices(cipher: SessionCipher): Promise<readonly [alice: Device, bob: Device]> {
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  await bob.decrypt(alice, await alice.encrypt(Uint8Array.of(1)))
  await alice.decrypt(bob, await bob.encrypt(Uint8Array.of(2)))
  return [alice, bob]
}

export function first<T>(items: readonly T[]): T {
  const [item] = items
  if (item === undefined) throw new Error('nothing there')
  return item
}
