import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { createHash } from 'node:crypto'
import {
  emptyExt,
  encodeSigned,
  extendChain,
  fromBase64Url,
  limits,
  loginProofBytes,
  preKeyKinds,
  randomBytes,
  referenceTo,
  signDeviceList,
  signPreKey,
  signerId,
  startChain,
  suites,
  toBase64Url,
  toHex,
  type Address,
  type Batch,
  type Chain,
  type Device,
  type DeviceList,
  type PreKey,
  type PublishedKeys,
  type Signed,
} from '@sotto/protocol'
import type { Answer, RawRelay } from './raw-relay.js'
import { RawSocket } from './raw-socket.js'

/** A device with real keys that speaks to the relay in its own tongue, and may say whatever it likes. */
export class RawDevice {
  readonly id: string
  readonly account: string
  readonly device: Device
  readonly relay: RawRelay
  /** The relay's token. */
  token = ''
  chain: Chain | undefined
  /** Its signing key. */
  readonly seed: Uint8Array
  readonly #sockets: RawSocket[] = []
  /** How far it has counted what it encrypted, as it says when it logs in and in each batch. */
  sends = 0
  #nextPreKey = 1

  constructor(relay: RawRelay, account: string, twin?: Pick<RawDevice, 'id' | 'seed' | 'device' | 'chain'>) {
    this.relay = relay
    this.account = account
    this.id = twin?.id ?? toHex(randomBytes(16))
    this.seed = twin === undefined ? randomBytes(32) : twin.seed
    this.device = twin?.device ?? {
      id: this.id,
      signingKey: { alg: 1, bytes: ed25519.getPublicKey(this.seed) },
      identityKey: { alg: 2, bytes: x25519.getPublicKey(randomBytes(32)) },
      capabilities: [suites.signal],
      addedAt: 1,
    }
    this.chain = twin?.chain
  }

  /** The same device at another relay. */
  at(relay: RawRelay): RawDevice {
    return relay.adopt(new RawDevice(relay, this.account, this))
  }

  readonly sign = (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(ed25519.sign(bytes, this.seed))

  get signer() {
    return { by: signerId(this.id), sign: this.sign }
  }

  get known(): Chain {
    if (this.chain === undefined) throw new Error('no list yet')
    return this.chain
  }

  get address(): Address {
    const { realm, account, accountId } = this.known
    return { realm, account, accountId, device: this.id }
  }

  /** A first list of this device alone. */
  async firstList(change: Partial<DeviceList> = {}): Promise<Signed> {
    const { realm } = this.relay.site
    const { account } = this
    const list = {
      v: 1,
      realm,
      account,
      era: 0,
      sequence: 1,
      previous: null,
      nonce: randomBytes(16),
      devices: [this.device],
      recoveryKey: null,
      madeAt: this.relay.now,
      ext: emptyExt,
      ...change,
    }
    return signDeviceList(list, [this.signer])
  }

  /** The next list, with one device more or fewer, signed by all who have to. */
  async nextList(change: { readonly add?: RawDevice; readonly remove?: RawDevice }): Promise<Signed> {
    const { list, hash } = this.known
    const stay = list.devices.filter(({ id }) => id !== change.remove?.id)
    const { add } = change
    const devices = add === undefined ? stay : [...stay, add.device]
    const signers = add === undefined ? [this.signer] : [this.signer, add.signer]
    const next = {
      ...list,
      sequence: list.sequence + 1,
      previous: hash,
      nonce: randomBytes(16),
      devices,
    }
    return signDeviceList(next, signers)
  }

  /** Publishes and follows, with the relay's token where there is one. */
  async publish(list: Signed, keys?: PublishedKeys): Promise<Answer> {
    const body = { list: packed(list), ...(keys === undefined ? {} : { keys }) }
    const token = this.token === '' ? await this.relay.siteToken(this.account) : this.token
    return this.relay.call('PUT', '/devices', { token, body })
  }

  async publishFirst(preKeys: number): Promise<void> {
    const list = await this.firstList()
    this.chain = startChain(list, { realm: this.relay.site.realm, account: this.account })
    must(await this.publish(list, await this.preKeys(preKeys)))
  }

  /** Takes `add` in, with its prekeys; both know the new list afterwards. */
  async link(add: RawDevice): Promise<void> {
    const list = await this.nextList({ add })
    add.chain = extendChain(this.known, list)
    must(await this.publish(list, await add.preKeys(2)))
    this.chain = add.chain
  }

  async remove(other: RawDevice): Promise<void> {
    const list = await this.nextList({ remove: other })
    must(await this.publish(list))
    this.chain = extendChain(this.known, list)
  }

  /** A signed prekey and one-time prekeys, with new ids each time. */
  async preKeys(count: number, change: { readonly signedId?: number } = {}): Promise<PublishedKeys> {
    const signed = await this.preKey(
      preKeyKinds.signed,
      change.signedId === undefined ? {} : { id: change.signedId },
    )
    const preKeys: string[] = []
    for (let i = 0; i < count; i++) preKeys.push(packed(await this.preKey(preKeyKinds.oneTime)))
    return { signedPreKey: packed(signed), preKeys }
  }

  preKey(kind: number, change: Partial<PreKey> = {}): Promise<Signed> {
    const { now } = this.relay
    const { realm, accountId, device } = this.address
    const id = change.id ?? this.#nextPreKey++
    const signed =
      kind === preKeyKinds.signed
        ? { expiresAt: now + limits.signedPreKeyMs, newest: referenceTo(this.known) }
        : {}
    const bytes = x25519.getPublicKey(randomBytes(32))
    const value = { realm, accountId, device, kind, id, key: { alg: 2, bytes }, madeAt: now, ext: emptyExt }
    return signPreKey({ ...value, ...signed, ...change }, this.sign)
  }

  /** Both steps of a login; the answer of the one that failed, or of the second. */
  async tryLogin(
    change: {
      readonly epoch?: number
      readonly sends?: number
      readonly siteToken?: string
      readonly accountId?: string
      readonly relay?: string
      readonly device?: string
      readonly sign?: (bytes: Uint8Array) => Promise<Uint8Array>
    } = {},
  ): Promise<Answer> {
    const token = change.siteToken ?? (await this.relay.siteToken(this.account))
    const accountId = change.accountId ?? this.known.accountId
    const {
      epoch = 1,
      sends = this.sends,
      device = this.id,
      relay = this.relay.url,
      sign = this.sign,
    } = change
    const asked = await this.relay.call('POST', '/login', {
      body: { token, accountId, device, epoch, sends },
    })
    if (asked.status !== 200) return asked
    const nonce = String(asked.body['nonce'])
    const tokenHash = createHash('sha256').update(token).digest()
    const { realm } = this.relay.site
    const proof = loginProofBytes({
      realm,
      relay,
      accountId,
      device,
      epoch,
      nonce: fromBase64Url(nonce),
      tokenHash,
      sends,
    })
    const signature = toBase64Url(await sign(proof))
    return this.relay.call('POST', '/login/proof', { body: { nonce, signature } })
  }

  async login(epoch = 1): Promise<void> {
    this.token = String(must(await this.tryLogin({ epoch })).body['token'])
  }

  /** A socket that has been welcomed. */
  async connect(): Promise<RawSocket> {
    const socket = await this.socket()
    socket.say({ type: 'hello', token: this.token })
    await socket.next('welcome')
    return socket
  }

  /** A socket that has said nothing yet. */
  async socket(): Promise<RawSocket> {
    const socket = await RawSocket.open(this.relay.url)
    this.#sockets.push(socket)
    return socket
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.close()
  }

  /** One envelope for each of `devices`, against the lists as this device and they know them. */
  batchTo(devices: readonly RawDevice[], body: Uint8Array = randomBytes(40)): Batch {
    const chains = new Map([this, ...devices].map(({ known }) => [known.accountId, known]))
    return {
      shared: [],
      envelopes: devices.map(({ address }) => ({
        id: toHex(randomBytes(16)),
        to: { type: 'address', address },
        body,
        ext: emptyExt,
      })),
      lists: [...chains.values()].map(referenceTo).sort((a, b) => (a.accountId < b.accountId ? -1 : 1)),
      sends: ++this.sends,
    }
  }
}

/** A signed object as it travels in JSON. */
export const packed = (object: Signed): string => toBase64Url(encodeSigned(object))

/** The answer, where it is a success. */
export function must(answer: Answer): Answer {
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer
}
