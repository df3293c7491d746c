import {
  makeDevice,
  openSealedStore,
  run,
  signFirstList,
  type OwnDevice,
  type SealedStore,
} from '@sotto/core'
import type { SessionCipher, Store } from '@sotto/core/ports'
import { concatBytes, decodeBody, type PreKeyBundle } from '@sotto/protocol'
import { makeFreshKeys, putPreKeys } from '../../packages/core/src/sessions/prekeys.js'
import { Sessions, checkBundle, type OtherDevice } from '../../packages/core/src/sessions/sessions.js'
import { sessionRows } from '../../packages/core/src/store/tables.js'

const realm = 'example.com'
const now = Date.now()

/** A device whose sessions lie where a client's do: in rows of a sealed store, each step of a ratchet one unit of work and one commit. */
export class KeptDevice {
  readonly #own: OwnDevice
  readonly #store: SealedStore
  readonly #sessions: Sessions

  private constructor(own: OwnDevice, store: SealedStore, cipher: SessionCipher) {
    this.#own = own
    this.#store = store
    this.#sessions = new Sessions(cipher, () => own)
  }

  static async create(cipher: SessionCipher, account: string, inner: Store): Promise<KeptDevice> {
    const store = await openSealedStore(inner, { name: account })
    const made = await makeDevice(cipher, 'crypto-key', now)
    const chain = await signFirstList(made, realm, account, 0, now)
    const own: OwnDevice = {
      address: { realm, account, accountId: chain.accountId, device: made.device.id },
      chain,
      published: true,
      policy: 'crypto-key',
      identity: { publicKey: made.device.identityKey.bytes, privateKey: made.identity },
      sign: made.sign,
    }
    return new KeptDevice(own, store, cipher)
  }

  /** As others see it. */
  get other(): OtherDevice {
    const { address, identity, chain } = this.#own
    const [device] = chain.list.devices
    if (device === undefined) throw new Error('no device')
    return { address, identityKey: identity.publicKey, signingKey: device.signingKey.bytes }
  }

  /** Fresh prekeys, stored, as a relay would hand them out. */
  async bundle(cipher: SessionCipher): Promise<PreKeyBundle> {
    const fresh = await makeFreshKeys(cipher, this.#own, 1, 1)
    const { signedPreKey, preKeys } = await run(this.#store, (rows) =>
      putPreKeys(rows, this.#own, fresh, now),
    )
    const [preKey] = preKeys
    if (signedPreKey === undefined || preKey === undefined) throw new Error('no prekeys')
    return { signedPreKey, preKey }
  }

  /** `bundle` begins the session. */
  write(to: OtherDevice, text: Uint8Array, bundle?: PreKeyBundle): Promise<Uint8Array> {
    const checked = bundle && checkBundle(bundle, to, now).bundle
    return run(this.#store, (rows) =>
      this.#sessions.encrypt(rows, to, (name) => concatBytes(Uint8Array.of(name.length), text), {
        bundle: checked,
        now,
      }),
    )
  }

  async read(from: OtherDevice, envelope: Uint8Array): Promise<Uint8Array> {
    const { body } = decodeBody(envelope)
    const opened = await run(this.#store, (rows) => this.#sessions.decrypt(rows, from, body, now))
    return opened.content.subarray(1)
  }

  /** Bytes of each session with a device: what the engine keeps of it. */
  async sessionSizes({ address }: OtherDevice): Promise<readonly number[]> {
    const row = await run(this.#store, (rows) =>
      sessionRows.get(rows, `${address.accountId}.${address.device}`),
    )
    return (row?.sessions ?? []).map(({ state }) => state.length)
  }
}

/** Two devices, one of which has started a session that the other has answered. */
export async function keptDevices(
  cipher: SessionCipher,
  open: () => Store,
): Promise<readonly [KeptDevice, KeptDevice]> {
  const [alice, bob] = [
    await KeptDevice.create(cipher, 'alice', open()),
    await KeptDevice.create(cipher, 'bob', open()),
  ]
  const hello = await alice.write(bob.other, Uint8Array.of(1), await bob.bundle(cipher))
  await bob.read(alice.other, hello)
  await alice.read(bob.other, await bob.write(alice.other, Uint8Array.of(2)))
  return [alice, bob]
}
