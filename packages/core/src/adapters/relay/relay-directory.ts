import {
  SottoError,
  check,
  decodeDeviceList,
  decodeSigned,
  encodeSigned,
  fromBase64Url,
  limits,
  toBase64Url,
  type PreKeyBundle,
  type Signed,
} from '@sotto/protocol'
import type { Directory, KeyCount, ListsSince, PreKeyUpload } from '@sotto/core/ports'
import type { RelaySession } from './relay-session.js'

/** The relay's directory: lists and prekeys. Signed objects travel as base64url of their CBOR and are verified by the core. */
export class RelayDirectory implements Directory {
  readonly #session: RelaySession

  constructor(session: RelaySession) {
    this.#session = session
  }

  async publish(list: Signed, keys?: PreKeyUpload): Promise<void> {
    const body = { list: pack(list), ...(keys === undefined ? {} : { keys: packKeys(keys) }) }
    const call = { method: 'PUT', path: 'devices', body } as const
    // A first list needs only the site's token, and there is no device to prove before it.
    const isFirst = decodeDeviceList(list.bytes).sequence === 1
    await (isFirst ? this.#session.callAsSite(call) : this.#session.call(call))
  }

  async lists(account: string, since?: ListsSince): Promise<readonly Signed[]> {
    const query = since === undefined ? '' : `?era=${since.era}&sequence=${since.sequence}`
    const path = `devices/${encodeURIComponent(account)}${query}`
    const { lists } = await this.#session.callAsSite({ method: 'GET', path })
    check(Array.isArray(lists) && lists.length <= limits.lists, 'backend-failed', {})
    return lists.map(unpack)
  }

  async publishKeys(keys: PreKeyUpload): Promise<void> {
    await this.#session.call({ method: 'PUT', path: 'keys', body: packKeys(keys) })
  }

  async countKeys(): Promise<KeyCount> {
    const { preKeys, signedPreKey } = await this.#session.call({ method: 'GET', path: 'keys/count' })
    check(isCount(preKeys), 'backend-failed', {})
    check(signedPreKey === null || isCount(signedPreKey), 'backend-failed', {})
    return { preKeys, signedPreKey: signedPreKey ?? undefined }
  }

  async claim(account: string, device: string): Promise<PreKeyBundle | undefined> {
    const path = `keys/${encodeURIComponent(account)}/${encodeURIComponent(device)}/claim`
    try {
      const { signedPreKey, preKey } = await this.#session.call({ method: 'POST', path })
      const bundle = { signedPreKey: unpack(signedPreKey) }
      return preKey === undefined ? bundle : { ...bundle, preKey: unpack(preKey) }
    } catch (error) {
      if (SottoError.is(error, 'no-prekey')) return undefined
      throw error
    }
  }
}

const pack = (value: Signed): string => toBase64Url(encodeSigned(value))

function packKeys({ signedPreKey, preKeys }: PreKeyUpload) {
  return {
    ...(signedPreKey === undefined ? {} : { signedPreKey: pack(signedPreKey) }),
    preKeys: preKeys.map(pack),
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function unpack(value: unknown): Signed {
  check(typeof value === 'string', 'backend-failed', {})
  return decodeSigned(fromBase64Url(value))
}
