import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import {
  emptyExt,
  extendChain,
  limits,
  preKeyKinds,
  randomBytes,
  referenceTo,
  signDeviceList,
  signPreKey,
  signerId,
  startChain,
  suites,
  toHex,
  type Batch,
  type Chain,
  type Device,
  type Signed,
} from '@sotto/protocol'
import type { Backend, Connection, Login, PreKeyUpload } from '../ports/index.js'
import { someAccount, type BackendPlace } from './backend-place.js'

/** A device with real keys and no client behind it, to speak to a backend. */
export class CaseDevice {
  readonly account: string
  readonly id = toHex(randomBytes(16))
  readonly device: Device
  epoch = 1
  /** How far it has counted what it encrypted, as it says when it logs in and in each batch. */
  sends = 0
  readonly directory
  readonly transport
  readonly servers
  readonly #place: BackendPlace
  readonly #seed = randomBytes(32)
  readonly #open: AbortController[] = []
  #preKeys = 1
  #chain: Chain | undefined

  private constructor(place: BackendPlace, account: string) {
    this.#place = place
    this.account = account
    const identity = x25519.getPublicKey(randomBytes(32))
    this.device = {
      id: this.id,
      signingKey: { alg: 1, bytes: ed25519.getPublicKey(this.#seed) },
      identityKey: { alg: 2, bytes: identity },
      capabilities: [suites.signal],
      addedAt: 1,
    }
    const { directory, transport, servers } = this.at(place)
    this.directory = directory
    this.transport = transport
    this.servers = servers
  }

  /** The backend of a place for this device, or for somebody who says to be it. */
  at(place: BackendPlace, sign = this.sign): ReturnType<Backend> {
    return place.backend()(() => ({ ...this.#login(), token: () => place.token(this.account), sign }))
  }

  /** A device with a first list of its own, not published yet. */
  static async create(place: BackendPlace, account: string = someAccount()): Promise<CaseDevice> {
    const made = new CaseDevice(place, account)
    const list = {
      v: 1,
      realm: place.realm,
      account,
      era: 0,
      sequence: 1,
      previous: null,
      nonce: randomBytes(16),
      devices: [made.device],
      recoveryKey: null,
      madeAt: Date.now(),
      ext: emptyExt,
    }
    made.chain = startChain(await signDeviceList(list, [made.signer]), { realm: place.realm, account })
    return made
  }

  /** A device whose first list and prekeys the backend has. */
  static async published(place: BackendPlace): Promise<CaseDevice> {
    const made = await CaseDevice.create(place)
    await made.directory.publish(made.chain.head, await made.preKeys(3))
    return made
  }

  /** Its account's chain, as far as this device knows it. */
  get chain(): Chain {
    if (this.#chain === undefined) throw new Error('expected a chain')
    return this.#chain
  }

  set chain(chain: Chain) {
    this.#chain = chain
  }

  get signer() {
    return { by: signerId(this.id), sign: this.sign }
  }

  readonly sign = (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(ed25519.sign(bytes, this.#seed))

  /** A device that is added by this one: its list, signed by both, and its first prekeys. Nothing is published. */
  async next(change: { readonly remove?: CaseDevice } = {}) {
    const joining = new CaseDevice(this.#place, this.account)
    const stay = this.chain.list.devices.filter((one) => one.id !== change.remove?.id)
    const devices = change.remove === undefined ? [...stay, joining.device] : stay
    const { list: before, hash } = this.chain
    const list = { ...before, sequence: before.sequence + 1, previous: hash, nonce: randomBytes(16), devices }
    const signers = change.remove === undefined ? [this.signer, joining.signer] : [this.signer]
    const signed = await signDeviceList(list, signers)
    joining.chain = extendChain(this.chain, signed)
    return { joining, signed, chain: joining.chain, keys: await joining.preKeys(2) }
  }

  /** A signed prekey and `count` one-time prekeys, with new ids each time. */
  async preKeys(
    count: number,
    options: { readonly signer?: CaseDevice } = {},
  ): Promise<PreKeyUpload & { signedPreKey: Signed }> {
    const { sign } = options.signer ?? this
    const now = Date.now()
    const make = (kind: number, more: object = {}) =>
      signPreKey(
        {
          realm: this.chain.realm,
          accountId: this.chain.accountId,
          device: this.id,
          kind,
          id: this.#preKeys++,
          key: { alg: 2, bytes: x25519.getPublicKey(randomBytes(32)) },
          madeAt: now,
          ext: emptyExt,
          ...more,
        },
        sign,
      )
    const signedPreKey = await make(preKeyKinds.signed, {
      expiresAt: now + limits.signedPreKeyMs,
      newest: referenceTo(this.chain),
    })
    return {
      signedPreKey,
      preKeys: await Promise.all(Array.from({ length: count }, () => make(preKeyKinds.oneTime))),
    }
  }

  async open(): Promise<Connection> {
    const stop = new AbortController()
    this.#open.push(stop)
    return this.transport.open({ signal: stop.signal })
  }

  /** One envelope for each of `devices`, written against the lists as this device knows them. */
  batchTo(devices: readonly CaseDevice[], body: Uint8Array = randomBytes(40)): Batch {
    const chains = new Map([this, ...devices].map(({ chain }) => [chain.accountId, chain]))
    const { realm } = this.#place
    return {
      shared: [],
      envelopes: devices.map(({ id, account, chain }) => ({
        id: toHex(randomBytes(16)),
        to: { type: 'address', address: { realm, account, accountId: chain.accountId, device: id } },
        body,
        ext: emptyExt,
      })),
      lists: [...chains.values()].map(referenceTo).sort((a, b) => (a.accountId < b.accountId ? -1 : 1)),
      sends: ++this.sends,
    }
  }

  closeAll(): void {
    for (const one of this.#open) one.abort()
  }

  #login(): Login {
    const { account, id: device, epoch, sends, sign } = this
    const { realm } = this.#place
    return {
      realm,
      account,
      accountId: this.#chain?.accountId ?? '',
      device,
      epoch,
      sends,
      sign,
      token: () => this.#place.token(account),
    }
  }
}
