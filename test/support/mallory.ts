import { makeDevice, signFirstList, type OwnDevice } from '@sotto/core'
import type { SessionCipher } from '@sotto/core/ports'
import {
  concatBytes,
  emptyExt,
  encodeBody,
  encodeBodyOf,
  encodeContent,
  pad,
  pairOf,
  preKeyKinds,
  randomBytes,
  referenceTo,
  sessionName,
  signPreKey,
  suites,
  textBody,
  toHex,
  verifyPreKey,
  type Address,
  type Chain,
  type Content,
  type PreKeyBundle,
  type StampedEnvelope,
} from '@sotto/protocol'

/** Somebody who can do everything a member of the site can, and knows the format. */
export class Mallory {
  readonly cipher: SessionCipher
  readonly own: OwnDevice

  private constructor(cipher: SessionCipher, own: OwnDevice) {
    this.cipher = cipher
    this.own = own
  }

  /** With keys of her own, under a name that may be somebody else's. */
  static async make(cipher: SessionCipher, realm: string, account: string, era = 0): Promise<Mallory> {
    const made = await makeDevice(cipher, 'crypto-key', Date.now())
    const chain = await signFirstList(made, realm, account, era, Date.now())
    return new Mallory(cipher, {
      address: { realm, account, accountId: chain.accountId, device: made.device.id },
      chain,
      published: true,
      policy: 'crypto-key',
      identity: { publicKey: made.device.identityKey.bytes, privateKey: made.identity },
      sign: made.sign,
    })
  }

  get chain(): Chain {
    return this.own.chain
  }

  /** A bundle of hers, signed as it must be. */
  async bundle(): Promise<PreKeyBundle> {
    const [key] = await this.cipher.generate('signed-prekey', 1)
    if (key === undefined) throw new Error('no key')
    const { realm, accountId, device } = this.own.address
    const madeAt = Date.now()
    const signedPreKey = await signPreKey(
      {
        realm,
        accountId,
        device,
        kind: preKeyKinds.signed,
        id: 1,
        key: { alg: 2, bytes: key.publicKey },
        madeAt,
        expiresAt: madeAt + 86_400_000,
        newest: referenceTo(this.chain),
        ext: emptyExt,
      },
      this.own.sign,
    )
    return { signedPreKey }
  }

  /** A first message to a device whose bundle she has, saying what she likes: by default that she is `as`. */
  async firstMessage(
    to: { readonly chain: Chain; readonly device: string; readonly bundle: PreKeyBundle },
    as: { readonly address: Address; readonly chain: Chain },
    change: {
      readonly text?: string
      readonly generation?: number
      readonly content?: (content: Content) => Content
    } = {},
  ): Promise<StampedEnvelope> {
    const { text = 'it is me', generation = 1 } = change
    const device = to.chain.list.devices.find((one) => one.id === to.device)
    if (device === undefined) throw new Error('no such device')
    const address: Address = {
      realm: to.chain.realm,
      account: to.chain.account,
      accountId: to.chain.accountId,
      device: to.device,
    }
    const owner = { ...address, signingKey: device.signingKey.bytes }
    const signed = verifyPreKey(to.bundle.signedPreKey, owner, preKeyKinds.signed, Date.now())
    const identityKey = device.identityKey.bytes
    const { session, baseKey } = await this.cipher.establish(this.own, {
      identityKey,
      signedPreKey: { id: signed.id, key: signed.key.bytes },
    })
    const us = { address: as.address, identityKey: this.own.identity.publicKey }
    const name = sessionName(us, { address, identityKey }, baseKey, generation)
    const lists = [referenceTo(as.chain), referenceTo(to.chain)].sort((a, b) =>
      a.accountId < b.accountId ? -1 : 1,
    )
    const content: Content = {
      header: {
        from: as.address,
        to: address,
        conversation: pairOf(as.address, address),
        messageId: toHex(randomBytes(16)),
        number: { run: 1, n: 1 },
        since: { run: 1, n: 1 },
        session: name,
        lists,
        clock: { ms: Date.now(), logical: 0 },
        frankingKey: randomBytes(32),
        shownIfUnknown: true,
        ext: emptyExt,
      },
      type: 1,
      body: encodeBodyOf(textBody, { text, ranges: [], ext: emptyExt }),
    }
    const frame = pad(encodeContent(change.content?.(content) ?? content))
    const { ciphertext } = await this.cipher.encrypt({ session, ours: this.own }, frame)
    const body = encodeBody(suites.signal, {
      type: 'first',
      baseKey: concatBytes(baseKey),
      generation,
      ciphertext,
      ext: emptyExt,
    })
    const envelope = {
      v: 1,
      id: toHex(randomBytes(16)),
      to: { type: 'address' as const, address },
      body,
      ext: emptyExt,
    }
    const { account, accountId, device: from } = as.address
    return { envelope, from: { account, accountId, device: from }, at: Date.now() }
  }
}
